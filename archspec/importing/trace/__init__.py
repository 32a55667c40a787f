"""What a framework's model does when it runs, written down as plain data. Runs where the person's code runs."""

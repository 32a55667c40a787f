"""The example notebook."""

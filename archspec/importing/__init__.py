"""From models, configurations and files of weights to specs."""

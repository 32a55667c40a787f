"""From numbers to expressions: which number is which hyperparameter, seen over several configurations."""

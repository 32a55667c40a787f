"""What archspec takes, as ratios measured in one run: `python -m tests.benchmarks`. No tests, for machines differ."""

"""What one training step needs, measured in PyTorch."""

"""From what a framework ran to calls of layers."""

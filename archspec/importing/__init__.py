"""From a model that somebody has to a spec that a person would have written, proved against that very model."""

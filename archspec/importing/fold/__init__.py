"""From a tree of calls to layers and loops: what repeats is said once."""

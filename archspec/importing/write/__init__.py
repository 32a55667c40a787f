"""A named program as text that reads as if written by hand."""

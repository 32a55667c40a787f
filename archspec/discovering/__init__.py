"""Closed forms of a black box: a function that makes a model is evaluated at small sizes, and interpolated exactly."""

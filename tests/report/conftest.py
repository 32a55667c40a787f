"""Small specs whose reports can be worked out by hand."""

from __future__ import annotations

import pytest

import archspec
from archspec.model import Model

TINY = '''"""Small models for tests."""

layer Block(width) {
  """A residual perceptron."""
  x[*, d] -> y[*, d]
  y = x + (x -> Linear(width) as up -> ReLU -> Dropout(0.1) -> Linear(d) as down)
}

model Tiny(d = 4, width = 4*d, layers = 3, classes = 10, bias = true) {
  """Residual perceptrons on top of each other."""
  x[B, d] -> logits[B, classes]
  repeat layers as h {
    x = x -> Block(width) as block
  }
  logits = x -> Linear(classes, bias = bias) as head
}

model tiny_wide = Tiny(d = 8)
'''


@pytest.fixture
def tiny() -> Model:
    """Three residual blocks, of which the first gives its input no gradient and so is peeled off, and a head."""
    return archspec.load_text(TINY)

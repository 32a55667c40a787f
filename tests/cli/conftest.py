"""The command line, run in this process; and small specs on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archspec.cli import cli

TINY = '''"""Small models for tests."""

layer Block(width) {
  """A residual perceptron."""
  x[*, d] -> y[*, d]
  y = x + (x -> Linear(width) as up -> ReLU -> Linear(d) as down)
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

test "sizes" {
  Tiny.params == 494
  tiny_wide.params > Tiny.params
}
'''

Archspec = Callable[..., Result]


@pytest.fixture
def archspec(monkeypatch: pytest.MonkeyPatch) -> Archspec:
    """`archspec("size", "gpt2")`: the command, with 100 columns."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(cli, list(map(str, arguments)), prog_name="archspec")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A file with one model, a variant of it, and a test."""
    path = tmp_path / "tiny.arch"
    path.write_text(TINY, encoding="utf-8")
    return path

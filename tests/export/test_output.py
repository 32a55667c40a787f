"""Where exported source is written to."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from archspec.cli.main import cli
from archspec.export.code import wrapped


def test_a_place_that_cannot_be_written_is_the_command_lines_fault(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["export", "mlp", "--to", "torch", "-o", str(tmp_path / "none" / "x.py")])
    assert result.exit_code == 2
    assert "cannot be written" in result.output
    assert "fault of archspec" not in result.output


def test_a_long_line_is_not_cut_inside_an_index() -> None:
    """A comma behind an index, as behind arguments, would make a tuple of it."""
    call = f"torch.topk({', '.join(['a_long_name'] * 12)})[0]"
    pieces = wrapped(call)
    assert len(pieces) > 1
    assert pieces[-1] == ")[0]"
    assert "".join(piece.strip() for piece in pieces).replace(",", "") == call.replace(", ", "")

"""Where exported source is written to."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from archspec.cli.main import cli


def test_a_place_that_cannot_be_written_is_the_command_lines_fault(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["export", "mlp", "--to", "torch", "-o", str(tmp_path / "none" / "x.py")])
    assert result.exit_code == 2
    assert "cannot be written" in result.output
    assert "fault of archspec" not in result.output

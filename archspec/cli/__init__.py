"""The command line. Each command is a module of its own, imported when it is called: starting must be fast."""

from archspec.cli.main import cli, run

__all__ = ["cli", "run"]

"""The command line, run in this process."""

from tests.cli.conftest import archspec, spec  # noqa: F401  # fixtures

"""The command line, run in this process."""

from tests.cli.conftest import archspec  # noqa: F401  # a fixture

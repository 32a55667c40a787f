"""The command `archspec`, and `python -m archspec`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    from archspec.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()

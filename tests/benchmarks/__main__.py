"""`python -m tests.benchmarks [--rounds N] [startup] [zoo] [depth] [flat]`: all of them, or those named."""

from __future__ import annotations

import argparse

from tests.benchmarks import growth, startup

PARTS = {"startup": startup.shown, "depth": growth.depth, "flat": growth.flat_file, "zoo": startup.zoo}


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which; all without")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, of which the median counts (default 5)")
    given = parser.parse_args()
    for part in given.parts or PARTS:
        PARTS[part](given.rounds)


if __name__ == "__main__":
    main()

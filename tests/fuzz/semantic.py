"""Feed many wrong specs to archspec: `python -m tests.fuzz.semantic [how many] [first seed]`.

Prints each case that ends in a traceback, has a step that takes more than two seconds, or needs more than 500 MB.
"""

from __future__ import annotations

import signal
import sys
import traceback
from collections import Counter

from tests.fuzz.semantic_mutations import case
from tests.fuzz.semantic_run import Run

SECONDS = 2.0
MEGABYTES = 500
_ALARM = 30


def main() -> int:
    """Run the cases; how many were bad."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    found: Counter[str] = Counter()
    bad = 0
    _limit_memory()
    signal.signal(signal.SIGALRM, _too_long)
    for seed in range(first, first + count):
        text = case(seed)
        signal.alarm(_ALARM)
        try:
            run = Run(text)
            found[run.verdict] += 1
            if run.seconds > SECONDS:
                bad += 1
                print(f"--- seed {seed}: {run.slowest} took {run.seconds:.1f} s", flush=True)
        except Exception:  # whatever it is, it is what is looked for
            bad += 1
            print(f"--- seed {seed}\n{text[-3000:]}\n{traceback.format_exc(limit=-8)}", flush=True)
        finally:
            signal.alarm(0)
    print(f"{count} cases, {bad} bad; {found.most_common()}")
    return bad


def _too_long(number: int, frame: object) -> None:
    raise TimeoutError


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES * 1_000_000, MEGABYTES * 1_000_000))


if __name__ == "__main__":
    sys.exit(1 if main() else 0)

"""A long run of the parser over broken texts: `python -m tests.fuzz.run [count] [seed]`, 10,000 unless told otherwise.

Every text must be read, in two seconds, with its errors rendered, and no exception. At one that takes ten, the run
stops and says where the parser was.
"""

from __future__ import annotations

import faulthandler
import random
import sys
import time

from tests.fuzz.check import check
from tests.fuzz.mutate import mutated


def main(count: int, seed: int) -> int:
    """Run; returns how many texts failed, each of which is printed."""
    choose = random.Random(seed)
    failed = 0
    wrong = 0
    slowest = 0.0
    for number in range(count):
        text = mutated(choose)
        begin = time.perf_counter()
        faulthandler.dump_traceback_later(10, exit=True)
        try:
            wrong += check(text) > 0
        except Exception as error:  # the point of the run is to find any
            failed += 1
            print(f"--- {number}: {type(error).__name__}: {error}\n{text!r}")
        faulthandler.cancel_dump_traceback_later()
        slowest = max(slowest, time.perf_counter() - begin)
    print(f"{count} texts, {wrong} with errors, {failed} failed, the slowest took {slowest:.3f} s")
    return failed + (slowest > 2)


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(bool(main(*(numbers + [10_000, 0][len(numbers) :]))))

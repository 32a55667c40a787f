"""Every model of the zoo against its export to torch: `python -m tests.verify.every_model [TRIALS [SEED [MODEL …]]]`.

Variants are models with other defaults, which trials vary anyway. Not one of the everyday tests, for it takes minutes.
Exit status 1 if any model differs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from archspec.errors.diagnostic import SpecError
from archspec.library import standard
from archspec.loading import load
from archspec.policy import Policy
from archspec.verify.errors import CannotVerify
from archspec.verify.show import shown
from archspec.verify.trials import verify


def main(arguments: Sequence[str]) -> int:
    """Verify them one by one, and show those that differ."""
    trials, seed = (int(one) for one in [*arguments[:2], *("3", "0")[len(arguments[:2]) :]])
    failed = 0
    for name in arguments[2:] or standard().names("model"):
        start = time.monotonic()
        try:
            outcome = verify(load(name), Policy(), {}, trials=trials, seed=seed)
            passed, text = outcome.passed, shown(outcome)
        except (CannotVerify, SpecError) as error:
            passed, text = False, str(error)
        print(f"{'verified' if passed else 'DIFFERS'}  {name}  {time.monotonic() - start:.0f} s", flush=True)
        if not passed:
            failed += 1
            print(text, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

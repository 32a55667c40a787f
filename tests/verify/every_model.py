"""Every model of the zoo against its export to torch: `python -m tests.verify.every_model [TRIALS [SEED [MODEL …]]]`.

Variants are models with other defaults, which trials vary anyway. Not one of the everyday tests, for it takes minutes.
What has no export to torch, such as a tree, which is grown, is listed with the reason. Exit status 1 if any differs.
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
            verdict, text = "verified" if outcome.passed else "DIFFERS", shown(outcome)
        except (CannotVerify, SpecError) as error:
            verdict, text = "no export" if _no_export(error) else "DIFFERS", str(error)
        print(f"{verdict}  {name}  {time.monotonic() - start:.0f} s", flush=True)
        if verdict != "verified":
            print(text, flush=True)
        failed += verdict == "DIFFERS"
    return 1 if failed else 0


def _no_export(error: Exception) -> bool:
    """Whether torch has no equal for a layer."""
    errors = [one for one in error.diagnostics if one.severity == "error"] if isinstance(error, SpecError) else []
    return bool(errors) and all(one.id == "export-none" for one in errors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""All formulas of the zoo against those discovered in the published models: `python -m tests.discovering.sweep`.

With names of cases after it, only those. Takes minutes; the tests look at what is quick.
"""

from __future__ import annotations

import sys
import warnings
from time import monotonic

import torch

from archspec.verify.errors import CannotVerify
from tests.discovering.cases import CASES, FLOPS, SAVED

warnings.simplefilter("ignore")


def main(names: list[str]) -> int:
    """Compare; the number of formulas that differ."""
    torch.set_num_threads(1)
    wrong = compared = 0
    begin = monotonic()
    for name, case in CASES.items():
        if names and name not in names:
            continue
        for quantity in ("params", SAVED, FLOPS):
            if quantity in case.without:
                continue
            start = monotonic()
            try:
                found = case.discovered(quantity)
                difference = case.difference(quantity, found)
                said = f"{len(found.known)} evaluations, {len(found.found.terms)} terms"
                said += "" if difference == 0 else f"\n  less the spec's: {str(difference)[:300]}"
            except CannotVerify as error:
                difference, said = 1, str(error)[:300]
            compared += 1
            wrong += difference != 0
            state = "equal" if difference == 0 else "DIFFERS"
            print(f"{name:14} {quantity:18} {state:8} {monotonic() - start:6.1f} s  {said}", flush=True)
    print(f"{compared} formulas, {wrong} differ, {monotonic() - begin:.0f} s")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

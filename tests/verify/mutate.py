"""How many wrong layers does the verifier tell from right ones? Every mutant of every layer, tried.

    python -m tests.verify.mutate                       all layers (some minutes)
    python -m tests.verify.mutate --layers Conv2d,LSTM

The outcome is kept in tests/data/mutants.json: for each mutant what caught it, or why nothing can.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "frameworks")]

import layer_bindings as bindings  # noqa: E402
from layer_digests import digests  # noqa: E402
from mutants import Mutant, mutants  # noqa: E402

DATA = HERE.parent / "data" / "mutants.json"
WANTED = 0.95
MOST = 8


def outcome(mutant: Mutant) -> dict[str, str]:
    """What happened to a mutant."""
    from trying import caught_by, caught_elsewhere, on_recorded_cuda, why_not

    for look in (caught_by, on_recorded_cuda, caught_elsewhere):
        caught = look(mutant)
        if caught:
            return {"what": mutant.what, "caught": caught}
    reason = why_not(mutant)
    return {"what": mutant.what, "missed": reason or "not explained"}


def some(name: str, most: int) -> list[Mutant]:
    """The mutants of a layer, of many a random choice that is the same every time."""
    every = mutants(name)
    chosen = set(random.Random(name).sample(range(len(every)), min(most, len(every))))
    return [mutant for place, mutant in enumerate(every) if place in chosen]


def rate(found: dict[str, Any]) -> tuple[int, int, float]:
    """Mutants that were caught, those that are wrong at all, and their share. Equal costs are not wrong."""
    every = [one for layer in found.values() for one in layer["mutants"]]
    caught = sum("caught" in one for one in every)
    equal = sum(one.get("missed", "").startswith("the same cost") for one in every)
    return caught, len(every) - equal, caught / max(1, len(every) - equal)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", default="", help="names, with commas between them")
    parser.add_argument("--all", action="store_true", help="also layers that did not change since the last run")
    parser.add_argument("--most", type=int, default=MOST, help="so many mutants of each layer, drawn at random")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    from trying import sides

    kept: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8")) if DATA.exists() else {}
    names = [name for name, layer in bindings.library().items() if not layer.external]
    fresh = {name for name in names if kept.get(name, {}).get("digest") == digests()[name]}
    chosen = list(filter(None, options.layers.split(","))) or [one for one in names if options.all or one not in fresh]
    found = {name: one for name, one in kept.items() if name in names}
    for name in chosen:
        began = time.time()
        if not sides(name):
            found.pop(name, None)
            print(f"{name}: nothing in torch to compare it with", file=sys.stderr)
            continue
        tried = [outcome(mutant) for mutant in some(name, options.most)]
        found[name] = {"digest": digests()[name], "mutants": tried}
        missed = sum("missed" in one for one in tried)
        print(f"{name}: {len(tried)} mutants, {missed} not caught, {time.time() - began:.1f} s", file=sys.stderr)
        text = json.dumps({key: found[key] for key in sorted(found)}, indent=1, ensure_ascii=False)
        DATA.write_text(text + "\n", encoding="utf-8")
    caught, wrong, share = rate(found)
    reasons = Counter(one["missed"] for layer in found.values() for one in layer["mutants"] if "missed" in one)
    print(*(f"{count:5}  {reason}" for reason, count in reasons.most_common()), sep="\n")
    print(f"{caught} of {wrong} mutants with another cost are caught: {share:.1%}")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())

"""Every layer of the library against PyTorch and Keras, with many random constructions: docs/conformance.md.

    python -m tests.frameworks.conformance                  the layers that changed since the last run
    python -m tests.frameworks.conformance --all            all of them (ten minutes)
    python -m tests.frameworks.conformance --layers Conv2d,LSTM

What was found is kept in tests/data/conformance.json, with a digest of each layer's block and of the layers that it is
wired from; a test asks for a new run where a digest no longer fits.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault("KERAS_BACKEND", "torch")

import layer_bindings as bindings
from conformance_page import page
from layer_cases import Case, draw_cases
from layer_digests import digests, exceptions, heads, reasons

from archspec.syntax import tree

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "conformance.json"
PAGE = ROOT / "docs" / "conformance.md"
SEEDS = 6


def spelled() -> dict[str, tree.Layer]:
    """The layers that have a spelling in torch or in Keras."""
    found = bindings.library()
    return {
        name: layer
        for name, layer in found.items()
        if bindings.spellings(layer, "torch") or bindings.spellings(layer, "keras")
    }


def static(name: str) -> dict[str, Any]:
    """What the library says about a layer, without running anything."""
    layer = bindings.library()[name]
    return {
        "file": bindings.file_of(name),
        "digest": digests()[name],
        "spelling": heads(layer, "torch"),
        "keras_spelling": heads(layer, "keras"),
        "keras_reasons": reasons(layer, "keras"),
        "exceptions": exceptions(layer),
    }


def run(names: Iterable[str], seeds: int) -> dict[str, dict[str, Any]]:
    """Compare layers with both frameworks."""
    wanted = set(names)
    cases: dict[str, list[Case]] = defaultdict(list)
    for case in draw_cases(range(seeds)):
        if case.layer in wanted:
            cases[case.layer].append(case)
    found: dict[str, dict[str, Any]] = {}
    for done, name in enumerate(sorted(wanted)):
        print(f"\r{done:4} of {len(wanted)}  {name:40}", end="", file=sys.stderr, flush=True)
        found[name] = {**static(name), "torch": in_torch(cases[name]), "keras": in_keras(cases[name])}
    print(file=sys.stderr)
    return found


def in_torch(cases: list[Case]) -> dict[str, Any]:
    """How many constructions and numbers were compared with torch, what was left out, and what differs."""
    from one_layer import compared, settings_of, traced

    result: dict[str, Any] = {"constructions": 0, "numbers": 0, "quantities": [], "left_out": [], "failures": []}
    quantities: set[str] = set()
    left_out: set[str] = set()
    for case in cases:
        if not bindings.spellings(bindings.library()[case.layer], "torch"):
            continue
        result["constructions"] += 1
        for setting in settings_of(case):
            try:
                comparison = compared(traced(case, setting))
            except Exception as error:  # of torch, or of a spec that does not fit
                result["failures"].append(f"{case.name}, {setting.name}: {type(error).__name__}: {str(error)[:200]}")
                continue
            measured = [row for row in comparison.rows if row.traced is not None]
            result["numbers"] += len(measured)
            quantities |= {row.quantity for row in measured}
            left_out |= {one.quantity for one in comparison.left_out}
            result["failures"] += [f"{case.name}, {setting.name}: {one}" for one in comparison.differences]
    result["quantities"], result["left_out"] = sorted(quantities), sorted(left_out)
    return result


def in_keras(cases: list[Case]) -> dict[str, Any]:
    """The same for Keras: trainable weights and the shape of the output."""
    from test_layers_keras import _spelled, test_weights_and_shapes

    result: dict[str, Any] = {"constructions": 0, "failures": []}
    for case in cases:
        if not _spelled(case) or case.arguments.get("inplace"):
            continue
        result["constructions"] += 1
        try:
            test_weights_and_shapes(case)
        except Exception as error:  # a comparison that fails, or a layer that Keras refuses
            result["failures"].append(f"{case.name}: {type(error).__name__}: {str(error)[:200]}")
    return result


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", default="", help="names, with commas between them")
    parser.add_argument("--all", action="store_true", help="also layers that did not change")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how often the arguments of each layer are drawn")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    kept: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8")) if DATA.exists() else {}
    names = spelled()
    fresh = {name for name in names if kept.get(name, {}).get("digest") == digests()[name]}
    chosen = set(filter(None, options.layers.split(","))) or (set(names) if options.all else set(names) - fresh)
    found = {**{name: one for name, one in kept.items() if name in names}, **run(chosen, options.seeds)}
    DATA.write_text(json.dumps(dict(sorted(found.items())), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    failures = [line for one in found.values() for side in ("torch", "keras") for line in one[side]["failures"]]
    print(*failures, f"{len(found)} layers, {len(chosen)} of them compared now, {len(failures)} failures", sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

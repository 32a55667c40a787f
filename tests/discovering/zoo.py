"""Formulas of the zoo against those discovered in the published models: `python -m tests.discovering.zoo`."""

from __future__ import annotations

import sys

import archspec
from archspec.algebra import Dim, substitute, symbol
from archspec.discovering.discovery import discover

PUBLISHED = "torch:tests.discovering.published:"
CASES: dict[str, tuple[str, str, dict[str, Dim]]] = {
    "gpt2": ("vocab,context,d:4,layers", "gpt2", {}),
    # Over the width of a head, so that nothing is divided.
    "llama": (
        "vocab,e:4,hidden,layers,kv_heads",
        "llama3_8b",
        {"d": 2 * symbol("kv_heads") * symbol("e"), "heads": 2 * symbol("kv_heads")},
    ),
    "bert": ("vocab,context,d:4,layers", "bert_base", {"types": 2}),
    "resnet": (
        "first,second,classes",
        "resnet50",
        {
            "width": 64,
            "groups": 1,
            "depths[0]": symbol("first"),
            "depths[1]": symbol("second"),
            "depths[2]": 2,
            "depths[3]": 2,
        },
    ),
}


def difference(name: str) -> Dim:
    """Parameters discovered less those of the spec: 0 where they are the same, term by term."""
    over, model, values = CASES[name]
    dim, _ = archspec.load(model).dim("params")
    return discover(PUBLISHED + name, over).dim - substitute(dim, values)


def main() -> int:
    """Compare all; the number of those that differ."""
    wrong = 0
    for name in CASES:
        found = difference(name)
        wrong += found != 0
        print(f"{name:8} {'equal' if found == 0 else found}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())

"""The table of `docs/import.md`, made from what the sweeps have recorded.

`python -m tests.importing.results` writes it there. The sweeps take some twenty minutes: `tests.importing.sweep`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "tests" / "data" / "imports.json"
PAGE = ROOT / "docs" / "import.md"
START, END = "<!-- results -->\n", "<!-- /results -->\n"
REASONS = (
    ("DataDependent", "in training it looks at the values of tensors: matching, sampling, suppression"),
    ("with a weight that is computed", "norms the weights of convolutions while it runs"),
    ("wrong-input-count", "a module that is called at two places in two ways"),
    ("flops.backward", "no gradient passes through a detached tensor; the notation has no word for that"),
    ("params:", "parameters differ"),
    ("activations.saved", "kept bytes differ"),
)
"""What is said on the page, by a word in what was recorded; the first that fits."""
Outcome = Mapping[str, Any]


def families(results: Mapping[str, Mapping[str, Outcome]]) -> dict[str, dict[str, Outcome]]:
    """The outcomes by what the page calls them."""
    found: dict[str, dict[str, Outcome]] = {}
    for name, one in results["vision-all"].items():
        found.setdefault(f"torchvision, {one['family']}", {})[name] = one
    found["timm, one of each of 48 families"] = dict(results["timm"])
    found["transformers, dense text families"] = dict(results["text"])
    return found


def counts(outcomes: Mapping[str, Outcome]) -> tuple[int, int, int]:
    """How many are exact, how many there are, and the lines of the one in the middle of those that gave a text."""
    lengths = sorted(one["lines"] for one in outcomes.values() if one["lines"]) or [0]
    return sum(one["exact"] for one in outcomes.values()), len(outcomes), lengths[len(lengths) // 2]


def table(results: Mapping[str, Mapping[str, Outcome]]) -> str:
    """The table, and under it what is not exact, with the reason."""
    rows = ["| models | exact | lines, in the middle |", "|---|---|---|"]
    missing: dict[str, list[str]] = {}
    for title, outcomes in families(results).items():
        exact, whole, lines = counts(outcomes)
        rows.append(f"| {title} | {exact} of {whole} | {lines or '—'} |")
        for name, one in outcomes.items():
            if not one["exact"]:
                missing.setdefault(_reason(one["said"]), []).append(f"`{name}`")
    listed = [f"- {reason}: {', '.join(names)}" for reason, names in missing.items()]
    return "\n".join([*rows, "", "Not exact, and why:", "", *listed]) + "\n"


def _reason(said: str) -> str:
    return next((reason for word, reason in REASONS if word in said), said.partition("\n")[0])


def written(page: str, results: Mapping[str, Mapping[str, Outcome]]) -> str:
    """The page with the table put in."""
    before, _, rest = page.partition(START)
    return before + START + "\n" + table(results) + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8"), json.loads(RESULTS.read_text("utf-8"))), encoding="utf-8")

"""The zoo against the frameworks: every measured number of tests/data/measured_models.jsonl, derived.

`measure_models.py` makes the file from torchvision's, Hugging Face's and plain PyTorch's own models, with hooks and
FLOP counters that share no code with archspec.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from derive import derive

DATA = Path(__file__).parent.parent / "data" / "measured_models.jsonl"
RECORDS: list[dict[str, Any]] = [json.loads(line) for line in DATA.read_text().splitlines()]


def _name(record: dict[str, Any]) -> str:
    size = ",".join(f"{axis}={value}" for axis, value in {**record["axes"], **record["set"]}.items())
    policy = "-".join(record["policy"].get(name, "") for name in ("precision", "attention"))
    return f"{record['model']}-{record['source']}-{policy}-{size}"


@pytest.mark.parametrize("record", RECORDS, ids=_name)
def test_equals_measurement(record: dict[str, Any]) -> None:
    """Each quantity that was measured is derived to the last element, byte and operation."""
    assert derive(record) == record["quantities"]

"""What archspec derives for a measured case. The only file here that knows archspec."""

from __future__ import annotations

from typing import Any

import archspec


def derive(record: dict[str, Any]) -> dict[str, int]:
    """The quantities of a record's model, under its settings, axes and policy."""
    report = archspec.load(record["model"]).size(**record["set"], **record["axes"], **record["policy"])
    quantities = report.to_dict()["quantities"]
    return {name: quantities[name]["value"] for name in record["quantities"]}

"""What archspec derives for a measured case. The only file here that knows archspec."""

from __future__ import annotations

from functools import cache
from typing import Any

import archspec
from archspec.model import Model


@cache
def _load(name: str) -> Model:
    return archspec.load(name)


def derive(record: dict[str, Any]) -> dict[str, int | None]:
    """The quantities of a record's model, under its settings, axes and policy."""
    report = _load(record["model"]).size(**record["set"], **record["axes"], **record["policy"])
    return {name: report[name] for name in record["quantities"]}

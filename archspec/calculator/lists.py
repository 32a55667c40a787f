"""Numbers by the names of symbols, as values of parameters: `depths[1]` is an entry of the list `depths`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def as_parameters(numbers: Mapping[str, int], known: Mapping[str, int | None]) -> dict[str, Any] | None:
    """The values of parameters that give symbols these numbers; what is not said of a list is as `known`.

    None where that cannot be said: an entry of a list is no symbol.
    """
    roots = {name.partition("[")[0] for name in numbers}
    found: dict[str, Any] = {}
    for name, value in {**known, **numbers}.items():
        root, *indices = name.replace("]", "").split("[")
        if root not in roots:
            continue
        if not indices:
            found[root] = value
            continue
        entries = found.setdefault(root, {})
        for index in indices[:-1]:
            entries = entries.setdefault(int(index), {})
        entries[int(indices[-1])] = value
    lists = {name: _as_list(value) for name, value in found.items()}
    return None if any(value is None for value in lists.values()) else lists


def _as_list(value: Any) -> Any:
    """Nested lists of nested entries by position; None where one is missing."""
    if not isinstance(value, dict):
        return value
    entries = [_as_list(value.get(index)) for index in range(max(value) + 1)]
    return None if any(entry is None for entry in entries) else entries

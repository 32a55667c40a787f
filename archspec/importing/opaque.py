"""Operations without a spelling, as layers of measured shape and bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.importing.configurations import Look
from archspec.importing.program import every_call


def opaque(look: Look, measured: Mapping[str, Any]) -> None:
    """Say of each operation without a spelling how many bytes were kept in its module by functions of its name."""
    kept: dict[tuple[str, str], int] = {}
    for layer, operation, _, _, size in measured["kept"]:
        kept[layer, operation] = kept.get((layer, operation), 0) + size
    for call in every_call(look.root.items):
        if call.layer.startswith("?"):
            call.spelled = str(kept.get((call.path, call.layer[1:].strip("_")), 0))

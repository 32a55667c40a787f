"""Operations without a spelling, as layers of measured shape and bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from archspec.importing.looking import Look
from archspec.importing.program import every_call


def is_opaque(layer: str) -> bool:
    """Whether a call is of an operation that the library has no spelling of."""
    return layer.startswith("?")


def measure_opaque(look: Look, measured: Mapping[str, Any]) -> None:
    """Say of each operation without a spelling how many bytes its module kept for functions of its name, at the base.

    What several such calls in one module keep together is shared out among them.
    """
    kept = [(layer, operation.strip("_"), size) for layer, operation, _, _, size in measured["kept"]]
    calls = [call for call in every_call(look.root.items) if is_opaque(call.layer)]
    times = Counter((call.path, call.layer) for call in calls)
    for call in calls:
        name = call.layer[1:].strip("_")
        own = sum(
            size for layer, operation, size in kept
            if layer == call.path and (operation == name or operation.endswith(f"_{name}"))  # `special_i0` is `i0`
        )  # fmt: skip
        call.spelled = str(own // times[call.path, call.layer])

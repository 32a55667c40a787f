"""What a source answers to the question what it runs, as calls of the library's layers."""

from __future__ import annotations

from typing import Any

from archspec.importing.lift.lifter import Lifter
from archspec.importing.program import Block


def lifted(trace: dict[str, Any]) -> tuple[Block, Lifter]:
    """The whole model as one block, and what could not be spelled. A graph says of which kind it is."""
    kind = trace.get("graph", "")
    if kind == "keras":
        from archspec.importing.graphs.keras_lift import lift_keras

        return lift_keras(trace)
    if kind == "onnx":
        from archspec.importing.graphs.onnx_lift import lift_onnx

        return lift_onnx(trace)
    from archspec.importing.lift.trace import lift

    return lift(trace)

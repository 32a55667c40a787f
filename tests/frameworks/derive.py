"""What archspec derives for one layer. The only file here that knows archspec's engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import archspec

QUANTITIES = ("params", "buffers", "activations.outputs", "activations.saved", "flops.forward", "flops.backward")


@dataclass(frozen=True)
class Input:
    """An input of the model: its shape, its dtype, and whether it needs a gradient."""

    shape: tuple[int, ...]
    integer: bool = False


def literal(value: Any) -> str:
    """A Python value as the language writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(entry) for entry in value) + "]"
    return repr(value)


def model_text(layer: str, arguments: dict[str, Any], inputs: Sequence[Input], ranks: Sequence[int], *, fresh: bool) -> str:
    """A model of one layer. `fresh`: the layer gets tensors made in the model, so that it may overwrite and keep them."""
    names = [f"x{index}" for index in range(len(inputs))]
    declared = ", ".join(
        f"{name}[{', '.join(map(str, one.shape))}]" + (": int64" if one.integer else "")
        for name, one in zip(names, inputs, strict=True)
    )
    outputs = [f"y{index}" for index in range(len(ranks))]
    shapes = ", ".join(
        f"{name}[{', '.join(f'{name}_{axis}' for axis in range(rank))}]" for name, rank in zip(outputs, ranks, strict=True)
    )
    call = f"{layer}({', '.join(f'{name} = {literal(value)}' for name, value in arguments.items())})"
    lines = [f"model Probe {{", f"  {declared} -> {shapes}"]
    if fresh:
        lines += [f"  {name} = {name} * 2.0" for name, one in zip(names, inputs, strict=True) if not one.integer]
    fed = f"({', '.join(names)}) -> {call}" if len(names) > 1 else f"{names[0]} -> {call}" if names else call
    lines += [f"  {', '.join(outputs)} = {fed}", "}"]
    return "\n".join(lines)


def derive(
    layer: str,
    arguments: dict[str, Any],
    inputs: Sequence[Input],
    ranks: Sequence[int],
    *,
    precision: str = "fp32",
    backend: str = "cpu",
    inputs_grad: bool = True,
    train: bool = True,
    fresh: bool = False,
) -> dict[str, Any]:
    """The quantities of a layer by name, and the shapes of its outputs under `shapes`."""
    text = model_text(layer, arguments, inputs, ranks, fresh=fresh)
    model = archspec.load_text(text)
    report = model.size(
        precision=precision, backend=backend, mode="train" if train else "eval", inputs_grad=inputs_grad
    ).to_dict()
    derived: dict[str, Any] = {name: report["quantities"][name]["value"] for name in QUANTITIES}
    derived["shapes"] = [tuple(int(size) for size in shape) for shape in report["outputs"].values()]
    return derived

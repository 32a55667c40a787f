"""What archspec derives for one layer. The only file here that knows archspec's engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import archspec
from archspec.choices import split_choices

QUANTITIES = ("params", "buffers", "activations.outputs", "activations.saved", "flops.forward", "flops.backward")


@dataclass(frozen=True)
class Input:
    """An input of the model: its shape, and what it holds where that is not floats."""

    shape: tuple[int, ...]
    integer: bool = False
    mask: bool = False


def literal(value: Any) -> str:
    """A Python value as the language writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(entry) for entry in value) + "]"
    return repr(value)


def model_text(
    layer: str,
    arguments: dict[str, Any],
    inputs: Sequence[Input],
    ranks: Sequence[int],
    *,
    fresh: bool,
    instance: str = "",
) -> str:
    """A model of one layer. `fresh`: the layer gets tensors made in the model, which it may overwrite and keep.

    instance: what the layer is called in it.
    """
    names = [f"x{index}" for index in range(len(inputs))]
    declared = ", ".join(
        f"{name}[{', '.join(map(str, one.shape))}]" + (": int64" if one.integer else ": bool" if one.mask else "")
        for name, one in zip(names, inputs, strict=True)
    )
    outputs = [f"y{index}" for index in range(len(ranks))]
    shapes = ", ".join(
        f"{name}[{', '.join(f'{name}_{axis}' for axis in range(rank))}]"
        for name, rank in zip(outputs, ranks, strict=True)
    )
    named = f" as {instance}" if instance else ""
    call = f"{layer}({', '.join(f'{name} = {literal(value)}' for name, value in arguments.items())})"
    lines = ["model Probe {", f"  {declared} -> {shapes}"]
    if fresh:
        floats = [name for name, one in zip(names, inputs, strict=True) if not one.integer and not one.mask]
        lines += [f"  {name} = {name} * 2.0" for name in floats]
    # A layer without inputs and with one output is called where it is used, not where it is assigned.
    alone = call if len(outputs) > 1 else f"{call} -> Identity"
    fed = f"{_tuple(names)} -> {call}{named}" if names else alone
    lines += [f"  {', '.join(outputs)} = {fed}", "}"]
    return "\n".join(lines)


def _tuple(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


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
    model = archspec.load_text(model_text(layer, arguments, inputs, ranks, fresh=fresh))
    choices: dict[str, Any] = {
        "precision": precision,
        "backend": backend,
        "mode": "train" if train else "eval",
        "inputs_grad": inputs_grad,
    }
    derived: dict[str, Any] = {name: model.expression(name, **choices) for name in QUANTITIES}
    outputs = model.derive(split_choices(choices)[0]).program.outputs
    derived["shapes"] = [tuple(tensor.shape) for tensor in outputs.values()]
    return derived

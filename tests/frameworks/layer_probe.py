"""The spec of a model with one layer, its inputs copied in front of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from layer_cases import Case
from layer_derive import literal


def probe(
    case: Case, ranks: Sequence[int], learned: Collection[int] = (), *, shares: bool = False, half: bool = False
) -> str:
    """The text of a model `Probe` in which the layer is called `layer`. learned: inputs that are parameters instead.

    shares: behind the layer, its outputs and inputs are kept. half: in front of it, autocast makes them half precise.
    Every input is of floats; indices and masks are cast from them.

    The sizes of inputs are numbers; those of outputs, of the given ranks, are new names.
    """
    names = [f"x{place}" for place in range(len(case.shapes))]
    declared = ", ".join(
        f"x{place}[{_sizes(stored(case, place))}]" for place in range(len(case.shapes)) if place not in learned
    )
    outputs = [f"y{place}" for place in range(len(ranks))]
    shapes = [f"y{place}[{', '.join(f'y{place}_{axis}' for axis in range(rank))}]" for place, rank in enumerate(ranks)]
    lines = ["model Probe {", f"  {declared} -> {', '.join(shapes)}"]
    lines += [f"  param x{place}[{_sizes(stored(case, place))}]" for place in learned]
    for place in range(len(names)):
        copied = "Cast(int64)" if place in case.integers else "Cast(bool)" if place in case.masks else "Contiguous"
        copied = "Exp" if place in case.strided else copied  # its output is kept anyway: a copy of it is one more
        turned = f" -> Permute({case.strided[place]})" if place in case.strided else ""
        before = f" -> PReLU as before{place}" if half and copied in ("Contiguous", "Exp") else ""
        lines.append(f"  c{place} = x{place} -> {copied}{turned}{before}")
    arguments = ", ".join(f"{name} = {literal(value)}" for name, value in case.arguments.items())
    call = f"{case.layer}({arguments})"
    if names:
        copies = ", ".join(f"c{place}" for place in range(len(names)))
        call = f"({copies}) -> {call} as layer"
    elif len(outputs) == 1:
        call = f"{call} -> Identity"  # a layer without inputs is called where it is used, not where it is assigned
    floats = [place for place in range(len(names)) if place not in case.integers and place not in case.masks]
    own = outputs[: len(outputs) - len(floats)] if shares else outputs
    lines.append(f"  {', '.join(own)} = {call}")
    if shares:
        lines += [f"  {name} = {name} -> Abs" for name in own]
        lines += [f"  {name} = c{place} -> Abs" for name, place in zip(outputs[len(own) :], floats, strict=True)]
    return "\n".join([*lines, "}"])


def stored(case: Case, place: int) -> tuple[int, ...]:
    """The shape of an input as it is given; where it is turned before the layer, that of before."""
    shape = case.shapes[place]
    if place not in case.strided:
        return shape
    before = [0] * len(shape)
    for axis, source in enumerate(case.strided[place]):
        before[source] = shape[axis]
    return tuple(before)


def _sizes(shape: Sequence[int]) -> str:
    return ", ".join(map(str, shape))

"""The faces of this package: what a command or `Model.plot` asks for, as a matplotlib figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archspec.plot.canvas import need_matplotlib
from archspec.plot.curves import largest_on, limits, lines, stack
from archspec.plot.moments import step
from archspec.plot.values import Range
from archspec.solving.problems import fail

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from archspec.elaborate.entry import Given
    from archspec.model import Model
    from archspec.policy import Policy

SCALES = ("auto", "linear", "log")


def figure(
    model: Model,
    policy: Policy,
    given: Given,
    over: Range | None = None,
    quantities: Sequence[str] = (),
    devices: Sequence[str] = (),
    scale: str = "auto",
) -> Figure:
    """A picture over a range of a symbol, or without one over a training step.

    Memory is taken apart, unless quantities are named: then each is a line. devices: whose memory is marked. Raises
    `SpecError`: where matplotlib is missing, or the question makes no sense.
    """
    need_matplotlib()
    from archspec.plot.drawing import draw_lines, draw_stack, draw_step

    if scale not in SCALES:
        fail("unknown-value", name="scale", value=scale, choices=", ".join(SCALES))
    devices = devices or ([policy.device] if policy.device else [])
    about = _about(policy, given)
    if over is None:
        return draw_step(
            step(model, policy, given), limits(devices), f"{model.name}: memory over a training step", about
        )
    if quantities:
        title = f"{model.name}: {', '.join(dict.fromkeys(quantities))}"
        return draw_lines(lines(model, policy, given, over, quantities), limits(devices), title, about, scale)
    found = stack(model, policy, given, over)
    marked = limits(devices, lambda device: largest_on(device, model, policy, given, over))
    what = "memory of training" if policy.optimizer else "memory of inference"
    bound = "" if found.exact else " (a bound)"
    return draw_stack(found, marked, f"{model.name}: {what}{bound}", about, scale)


def _about(policy: Policy, given: Given) -> str:
    """The policy and what was given, in a line: `mixed-bf16 · cuda · adamw · B = 1`."""
    said = policy.to_dict()
    words = [str(said.pop(name)) for name in ("precision", "backend")]
    for name in ("mode", "attention", "device"):
        said.pop(name, None)
    words += [str(said.pop("optimizer"))] if "optimizer" in said else []
    words += [f"{name} {', '.join(value) if isinstance(value, list) else value}" for name, value in said.items()]
    words += [f"{name} = {value}" for name, value in given.items()]
    text = " · ".join(words)
    return text if len(text) <= 110 else text[:109] + "…"

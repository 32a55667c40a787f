"""A discovery for a terminal."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from archspec.comparing.lines import labelled
from archspec.discovering.result import UNITS, Discovery, written
from archspec.report.style import Style

if TYPE_CHECKING:
    from archspec.discovering.axis import Axis

_SHOWN = 3


def discovery_text(discovery: Discovery, width: int, colour: bool = False) -> str:
    """The formula, how it was found, and what speaks for it."""
    style = Style(colour)
    lines = _formulas(discovery, width, style)
    entries = [
        ("of", ", ".join([discovery.target, *discovery.given])),
        ("for", _variables(discovery)),
        ("found", f"from {len(discovery.known)} evaluations in {discovery.seconds:.1f} s{_missing(discovery)}"),
        ("holds", _holds(discovery)),
        ("chance", _chance(discovery)),
    ]
    for label, text in entries:
        lines += labelled(label, text, width, style)
    return "\n".join(lines)


def _formulas(discovery: Discovery, width: int, style: Style) -> list[str]:
    """The formula, or one a line for each remainder, with the values that it is for."""
    lines: list[str] = []
    unit = UNITS[discovery.quantity]
    for number, found in enumerate(discovery.pieces.found):
        said = written(found)
        if discovery.pieces.periods:
            said += (
                f"   where {', '.join(_values(axis) for axis in found.axes if axis.name in discovery.pieces.periods)}"
            )
        elif unit != "elements":
            said += f" {unit}"
        head = f"{discovery.quantity} = " if number == 0 else " " * len(discovery.quantity) + " = "
        first, *rest = wrap(head + said, max(width, 40), subsequent_indent="  ", break_long_words=False,
                            break_on_hyphens=False)  # fmt: skip
        lines += [
            first.replace(discovery.quantity, style(discovery.quantity, "name"), 1) if number == 0 else first,
            *rest,
        ]
    return lines


def _values(axis: Axis) -> str:
    return f"{axis.name} = {', '.join(str(axis.at(place)) for place in range(_SHOWN))}, …"


def _variables(discovery: Discovery) -> str:
    """`d = 8…448 by 8, layers = 1…95`."""
    ranges = discovery.ranges()
    texts = []
    for axis in discovery.found.axes:
        period = discovery.pieces.periods.get(axis.name, 1)
        step = axis.step // (period if len(discovery.pieces.found) > 1 else 1)
        least, most = ranges[axis.name]
        texts.append(f"{axis.name} = {axis.start if step == axis.step else least}…{most}" + f" by {step}" * (step > 1))
    return ", ".join(texts)


def _missing(discovery: Discovery) -> str:
    pieces = discovery.pieces
    if not pieces.missing:
        return ""
    steps = ", ".join(
        f"{axis.name}:{axis.step}:{axis.start + axis.step // pieces.periods[axis.name]}"
        for axis in pieces.found[0].axes
        if axis.name in pieces.periods
    )
    return (
        f"; it is another formula for each remainder, of which {pieces.missing} are not looked at ({pieces.why}): "
        f"--over NAME:STEP:START asks for one, such as {steps}"
    )


def _holds(discovery: Discovery) -> str:
    """How many hold-outs, and the largest of them."""
    holdouts = [(found, *one) for found in discovery.pieces.found for one in found.holdouts]
    found, point, value = max(holdouts, key=lambda one: one[2])
    at = " ".join(f"{axis.name}={one}" for axis, one in zip(found.axes, point, strict=True))
    return f"at {len(holdouts)} more points, such as {at}: {value:,}"


def _chance(discovery: Discovery) -> str:
    """The bound of Schwartz and Zippel, of the weakest of several formulas."""
    worst = max(discovery.pieces.found, key=lambda one: one.chance)
    floors = " with these floors" * any(axis.floors for axis in worst.axes)
    highest = [(axis.name, degree) for axis, degree in zip(worst.axes, worst.degrees, strict=True) if degree > 1]
    degrees = [f"{degree} in {name}" for name, degree in highest]
    degrees += ["1 in others" if degrees else "1"] * (len(highest) < len(worst.axes))
    return (
        f"that another polynomial{floors}, of degree {', '.join(degrees)}, holds there too: at most "
        f"{_rounded(float(worst.chance))} (Schwartz and Zippel); that it is a polynomial{floors} is assumed"
    )


def _rounded(number: float) -> str:
    return f"{number:.1e}" if number < 0.001 else f"{number:.2g}"

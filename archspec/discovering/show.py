"""A discovery for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.comparing.show import labelled
from archspec.report.style import Style

if TYPE_CHECKING:
    from archspec.discovering.discovery import Discovery


def discovery_text(discovery: Discovery, width: int, colour: bool = False) -> str:
    """The formula, how it was found, and what speaks for it."""
    found, style = discovery.found, Style(colour)
    variables = []
    for axis, degree in zip(found.axes, found.degrees, strict=True):
        grid = f"{axis.start} + {axis.step}*k" if (axis.start, axis.step) != (1, 1) else "1, 2, 3, …"
        variables.append(f"{axis.name}: {grid}, degree {degree}")
    points = []
    for point, value in found.holdouts:
        at = " ".join(f"{axis.name}={one}" for axis, one in zip(found.axes, point, strict=True))
        points.append(f"{at}: {value:,}")
    lines = [f"{style(discovery.quantity, 'name')} = {discovery.formula}"]
    lines += labelled("of", discovery.target, width, style)
    lines += labelled("over", "; ".join(variables), width, style)
    lines += labelled("found", f"with {found.evaluations} evaluations in {discovery.seconds:.1f} s", width, style)
    lines += labelled("holds", f"at {len(points)} points far from those: {'; '.join(points)}", width, style)
    evidence = (
        f"that another polynomial of a degree up to {found.degree} agrees at all of them: at most "
        f"{float(found.chance):.1e} (Schwartz, Zippel); that it is a polynomial is assumed"
    )
    lines += labelled("chance", evidence, width, style)
    return "\n".join(lines)

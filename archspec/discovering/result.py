"""What was discovered about a function that makes models: formulas, and what speaks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archspec.discovering.classes import Pieces
from archspec.discovering.interpolate import Found, Point

if TYPE_CHECKING:
    from archspec.algebra import Dim

SCHEMA = "archspec/discover/1"
UNITS = {"params": "elements", "activations.saved": "bytes", "flops.forward": "FLOPs"}


@dataclass(frozen=True)
class Discovery:
    """A formula of a quantity of a target, found in so many seconds.

    given: the other arguments and inputs, as they were written. known: all values that were asked for.
    """

    target: str
    quantity: str
    given: tuple[str, ...]
    pieces: Pieces
    known: Mapping[Point, int]
    seconds: float

    @property
    def found(self) -> Found:
        """The polynomial: that of multiples, where remainders matter."""
        return self.pieces.found[0]

    @property
    def names(self) -> list[str]:
        """The names of the variables."""
        return [axis.name for axis in self.found.axes]

    @property
    def dim(self) -> Dim:
        """The polynomial in the engine's own algebra, to be compared with a formula of a spec."""
        return in_algebra(self.found)

    @property
    def formula(self) -> str:
        """The polynomial as text, as formulas of specs are written."""
        return written(self.found)

    def ranges(self) -> dict[str, tuple[int, int]]:
        """The least and the largest value of each variable at which the function was run."""
        columns = zip(*self.known, strict=True)
        return {name: (min(column), max(column)) for name, column in zip(self.names, columns, strict=True)}

    def to_dict(self) -> dict[str, Any]:
        """The discovery as JSON (`grammar/discover.schema.json`)."""
        result: dict[str, Any] = {
            "schema": SCHEMA,
            "target": self.target,
            "given": list(self.given),
            "quantity": self.quantity,
            "unit": UNITS[self.quantity],
            **_piece(self.found),
            "evaluations": len(self.known),
            "ranges": {name: list(ends) for name, ends in self.ranges().items()},
        }
        if self.pieces.periods:
            result["periods"] = self.pieces.periods
            result["others"] = [_piece(one) for one in self.pieces.found[1:]]
            result["missing"] = {"count": self.pieces.missing, "why": self.pieces.why}
        return result


def in_algebra(found: Found) -> Dim:
    """A polynomial in the engine's own algebra."""
    from archspec.algebra.division import quotient

    whole: Dim = 0
    for factors, coefficient in found.terms.items():
        term: Dim = coefficient.numerator
        for axis, index in zip(found.axes, factors, strict=True):
            term = term * axis.dim(index)
        whole = whole + quotient(term, coefficient.denominator)
    return whole


def written(found: Found) -> str:
    """A polynomial as text."""
    from archspec.formulas import to_text

    return to_text(in_algebra(found), (), [axis.name for axis in found.axes])


def _piece(found: Found) -> dict[str, Any]:
    """A polynomial with what speaks for it."""
    names = [axis.name for axis in found.axes]
    return {
        "formula": written(found),
        "terms": [
            {"coefficient": str(coefficient), "exponents": _exponents(found, factors)}
            for factors, coefficient in sorted(found.terms.items(), reverse=True)
        ],
        "variables": {
            axis.name: {
                "start": axis.start, "step": axis.step, "degree": degree, "choices": choices,
                "floors": [{"plus": plus, "divisor": divisor} for divisor, plus in axis.floors],
            }
            for axis, degree, choices in zip(found.axes, found.degrees, found.choices, strict=True)
        },
        "holdouts": [{"at": dict(zip(names, point, strict=True)), "value": value} for point, value in found.holdouts],
        "chance": {"degree": found.degree, "choices": min(found.choices), "bound": f"{float(found.chance):.3g}"},
    }  # fmt: skip


def _exponents(found: Found, factors: tuple[int, ...]) -> dict[str, int]:
    """`{"d": 2}`; a floor is named as it is computed: `{"(H + 31)//32": 1}`."""
    named: dict[str, int] = {}
    for axis, index in zip(found.axes, factors, strict=True):
        if index >= 2 and axis.floors:
            divisor, plus = axis.floors[index - 2]
            named[f"({axis.name} + {plus})//{divisor}" if plus else f"{axis.name}//{divisor}"] = 1
        elif index:
            named[axis.name] = index
    return named

"""What was discovered about a function that makes models: a formula, and what speaks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from archspec.discovering.interpolate import Axis, Found, NotPolynomial, Point, interpolate
from archspec.discovering.session import Session
from archspec.verify.errors import CannotVerify

if TYPE_CHECKING:
    from archspec.algebra import Dim

SCHEMA = "archspec/discover/1"
UNITS = {"params": "elements", "activations.saved": "bytes", "flops.forward": "FLOPs"}
SECONDS = 60.0
_CHOICES = {"params": 36, "activations.saved": 12, "flops.forward": 24}
"""How far hold-outs are from the grid. What is kept is measured on real tensors, which takes memory and time."""
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Discovery:
    """A formula of a quantity of a target, found in so many seconds."""

    target: str
    quantity: str
    found: Found
    seconds: float

    @property
    def dim(self) -> Dim:
        """The polynomial in the engine's own algebra, to be compared with a formula of a spec."""
        from archspec.algebra import symbol
        from archspec.algebra.division import quotient

        whole: Dim = 0
        for exponents, coefficient in self.found.terms.items():
            term: Dim = coefficient.numerator
            for axis, exponent in zip(self.found.axes, exponents, strict=True):
                for _ in range(exponent):
                    term = term * symbol(axis.name)
            whole = whole + quotient(term, coefficient.denominator)
        return whole

    @property
    def formula(self) -> str:
        """The polynomial as text, as formulas of specs are written."""
        from archspec.formulas import to_text

        return to_text(self.dim, (), [axis.name for axis in self.found.axes])

    def to_dict(self) -> dict[str, Any]:
        """The discovery as JSON (`grammar/discover.schema.json`)."""
        found = self.found
        names = [axis.name for axis in found.axes]
        return {
            "schema": SCHEMA,
            "target": self.target,
            "quantity": self.quantity,
            "unit": UNITS[self.quantity],
            "formula": self.formula,
            "terms": [
                {
                    "coefficient": str(coefficient),
                    "exponents": {name: one for name, one in zip(names, exponents, strict=True) if one},
                }
                for exponents, coefficient in sorted(found.terms.items(), reverse=True)
            ],
            "variables": {
                axis.name: {"start": axis.start, "step": axis.step, "degree": degree}
                for axis, degree in zip(found.axes, found.degrees, strict=True)
            },
            "evaluations": found.evaluations,
            "holdouts": [
                {"at": dict(zip(names, point, strict=True)), "value": value} for point, value in found.holdouts
            ],
            "chance": {"degree": found.degree, "choices": found.choices, "bound": f"{float(found.chance):.3g}"},
        }


def parse_axes(text: str) -> list[Axis]:
    """`d_model:8,layers`: names, each with its step and, after another colon, where it starts (default: its step).

    Raises `CannotVerify`.
    """
    axes: list[Axis] = []
    for part in text.split(","):
        name, *numbers = (piece.strip() for piece in part.split(":"))
        good = name.isidentifier() and len(numbers) <= 2 and all(one.isdecimal() and len(one) < 10 for one in numbers)
        step = int(numbers[0]) if good and numbers else 1
        if not good or step == 0 or name in {axis.name for axis in axes}:
            raise CannotVerify(f"--over `{text[:200]}` is not NAME,NAME:STEP,NAME:STEP:START, such as d_model:8,layers")
        axes.append(Axis(name, int(numbers[1]) if len(numbers) > 1 else step, step))
    return axes


def discover(
    target: str,
    over: str,
    quantity: str = "params",
    *,
    keywords: str = "",
    inputs: Sequence[str] = (),
    seconds: float = SECONDS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Discovery:
    """The formula of a quantity over some arguments of `torch:package.module:callable`, which is imported and run in a
    process of its own.

    over: as `parse_axes` reads it. keywords, inputs: as for `archspec verify`. Raises `CannotVerify`.
    """
    if quantity not in UNITS:
        raise CannotVerify(f"`{quantity}` cannot be discovered: it is one of {', '.join(UNITS)}")
    axes = parse_axes(over)
    begin = monotonic()
    asked = 0
    with Session(target, quantity, keywords, inputs, seconds) as session:

        def function(point: Point) -> int:
            nonlocal asked
            asked += 1
            if progress is not None:
                progress(asked)
            return session.value(dict(zip((axis.name for axis in axes), point, strict=True)))

        try:
            found = interpolate(axes, function, seed, _CHOICES[quantity])
        except NotPolynomial as error:
            raise CannotVerify(f"{quantity}: {error}\nWhere sizes are divided, a step helps: --over NAME:8") from None
    return Discovery(target, quantity, found, monotonic() - begin)

"""Answers as formulas: `B = ⌊(budget - 497759232)/555656⌋`, with numbers, and in all symbols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archspec.algebra import Dim
from archspec.algebra.evaluate import Evaluation
from archspec.formulas import abbreviate, python, text
from archspec.formulas.formula import Formula
from archspec.formulas.tidy import Tidier
from archspec.formulas.tree import Add, Floor, Least, Multiply, Number, Raise, Symbol, Tree
from archspec.solving.closed import Quadratic, arguments, coefficients

if TYPE_CHECKING:
    from archspec.solving.question import Question
    from archspec.solving.search import Found

_BUDGET = Symbol("budget")
_SHOWN = 3
"""A minimum of so many parts is shown whole; of more, the part that decides."""


@dataclass(frozen=True)
class Closed:
    """A closed form: for people, and as a Python expression of `budget` with `isqrt`."""

    text: str
    python: str


def closed_text(question: Question, pieces: list[Quadratic]) -> Closed:
    """The closed form with numbers put in. Of many parts, those that decide at this budget."""
    budget = question.budget.bytes
    ends = [(one, one.largest(budget)) for one in pieces]
    solved = [(one, end) for one, end in ends if end is not None]
    if len(solved) > _SHOWN:
        solved = sorted(solved, key=lambda one: one[1])[:1]
    trees = [_numbers(one) for one, _ in solved]
    tree = trees[0][0] if len(trees) == 1 else Least(tuple(one for one, _ in trees))
    names = {"budget": "budget"}
    for _, one in trees:
        names |= one
    return Closed(f"{question.unknown} = {text(tree)}", python(tree, names))


def symbolic_text(question: Question, found: Found) -> str | None:
    """The closed form in all symbols of the part of a maximum that decides; None where it has none."""
    name, symbols = question.unknown, question.base.program.symbols
    deciding = _deciding(question, found, arguments(question.symbolic, name) or [question.symbolic])
    powers = coefficients(deciding, name)
    if powers is None or max(powers, default=0) > 2 or found.falling:
        return None
    (a, b, c), where = abbreviate(
        [powers.get(degree, 0) for degree in (2, 1, 0)], question.base.program.named, ("budget", name), (), symbols
    )
    tidier = Tidier((), symbols)

    def tidy(dim: Dim) -> Tree:
        return tidier.piece(dim).tree

    inside = _minus(_BUDGET, tidy(c))
    if a == 0:
        tree = inside if b == 1 else Floor(inside, tidy(b))
    else:
        under: Tree = Multiply((tidy(4 * a), inside))
        under = under if b == 0 else Add((Raise(tidy(b), Number(2)), under))
        tree = Floor(_minus(_root(under), tidy(b)), tidy(2 * a))
    meaning = ", ".join(f"{one} = {text(tidy(dim))}" for one, dim in where)
    return f"{name} = {text(tree)}" + (f" where {meaning}" if meaning else "")


def deciding_text(question: Question, found: Found) -> str:
    """The inequality that decides: of a maximum, the part that is largest at the first value that does not fit."""
    name, program = question.unknown, question.base.program
    word = "smallest" if found.falling else "largest"
    if question.structural:  # there is no expression in it
        return f"the {word} {name} with {question.quantity} <= budget"
    deciding = _deciding(question, found, arguments(question.reduced, name) or [question.reduced])
    shown = Formula(deciding, (), program.symbols, {}).text
    return f"the {word} {name} with {shown} <= budget"


def _deciding(question: Question, found: Found, parts: list[Dim]) -> Dim:
    """The part of a maximum that is largest at the first value that does not fit, else at the answer."""
    at = {**question.known, question.unknown: found.value if found.beyond is None else found.beyond}
    return max(parts, key=lambda dim: Evaluation(at).value(dim)) if len(parts) > 1 else parts[0]


def _numbers(one: Quadratic) -> tuple[Tree, dict[str, str]]:
    """The largest x with a*x² + b*x + c <= times*budget, and the Python of the root that stands in it as a symbol."""
    if not one.a:
        above = _minus(_times(one.times), Number(one.c))
        return (above if one.b == 1 else Floor(above, Number(one.b))), {}
    under = _plus(_times(4 * one.a * one.times), Number(one.b**2 - 4 * one.a * one.c))
    root = _root(under)
    spelled = python(under, {"budget": "budget"})
    return Floor(_minus(root, Number(one.b)), Number(2 * one.a)), {root.name: f"isqrt({spelled})"}


def _times(number: int) -> Tree:
    return _BUDGET if number == 1 else Multiply((Number(number), _BUDGET))


def _root(under: Tree) -> Symbol:
    """A root as a symbol of that name: the trees of formulas know none."""
    return Symbol(f"√({text(under)})")


def _minus(left: Tree, right: Tree) -> Tree:
    if isinstance(right, Number):
        return _plus(left, Number(-right.value))
    return Add((left, Multiply((Number(-1), right))))


def _plus(left: Tree, right: Number) -> Tree:
    return left if right.value == 0 else Add((left, right))

"""Answers as formulas: `B = ⌊(budget - 497759232)/555656⌋`, with numbers, and in all symbols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archspec.algebra import Dim, evaluate
from archspec.formulas import abbreviate, python, text
from archspec.formulas.formula import Formula
from archspec.formulas.tidy import Tidier
from archspec.formulas.tree import Add, Floor, Least, Multiply, Number, Symbol, Tree
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


def symbolic_text(question: Question) -> str | None:
    """The closed form in all symbols, its parts one by one; None where one of them has none."""
    parts: list[str] = []
    symbols = question.base.program.symbols
    for argument in arguments(question.symbolic, question.unknown) or ():
        powers = coefficients(argument, question.unknown)
        if powers is None or max(powers, default=0) > 2:
            return None
        a, b, c = (powers.get(degree, 0) for degree in (2, 1, 0))
        if a == 0 and b == 0:
            continue  # what the unknown does not change sets no bound of its own
        (a, b, c), where = abbreviate([a, b, c], question.base.program.named, ("budget",), (), symbols)
        tidier = Tidier((), symbols)
        solved = _solved(*(tidier.piece(one).tree for one in (a, b, c)), 1)[0]
        meaning = ", ".join(f"{name} = {text(tidier.piece(dim).tree)}" for name, dim in where)
        parts.append(text(solved) + (f" where {meaning}" if meaning else ""))
    if not parts:
        return None
    joined = parts[0] if len(parts) == 1 else "the least of\n" + "\n".join(parts)
    return f"{question.unknown} = {joined}"


def deciding_text(question: Question, found: Found) -> str:
    """The inequality that decides: of a maximum, the part that is largest at the first value that does not fit."""
    name, program = question.unknown, question.base.program
    word = "smallest" if found.falling else "largest"
    if question.structural:
        return f"the {word} {name} with {question.quantity} <= budget"
    at = found.value if found.beyond is None else found.beyond
    parts: list[Dim] = arguments(question.reduced, name) or [question.reduced]
    deciding = max(parts, key=lambda dim: evaluate(dim, {name: at})) if len(parts) > 1 else question.reduced
    shown = Formula(deciding, (), program.symbols, {}).text
    return f"the {word} {name} with {shown} <= budget"


def _numbers(one: Quadratic) -> tuple[Tree, dict[str, str]]:
    return _solved(*map(Number, (one.a, one.b, one.c)), one.times)


def _solved(a: Tree, b: Tree, c: Tree, times: int) -> tuple[Tree, dict[str, str]]:
    """The largest x with a*x² + b*x + c <= times*budget, and the Python of the root that stands in it as a symbol."""
    budget: Tree = _BUDGET if times == 1 else Multiply((Number(times), _BUDGET))
    if _zero(a):
        above = _minus(budget, c)
        return (above if b == Number(1) else Floor(above, b)), {}
    if isinstance(a, Number) and isinstance(b, Number) and isinstance(c, Number):
        under: Tree = _plus(
            Multiply((Number(4 * a.value * times), _BUDGET)), Number(b.value**2 - 4 * a.value * c.value)
        )
        below: Tree = Number(2 * a.value)
    else:
        inside = _minus(budget, c)
        under = Multiply((Number(4), a, inside))
        under = under if _zero(b) else Add((Multiply((b, b)), under))
        below = Multiply((Number(2), a))
    root = Symbol(f"√({text(under)})")
    spelled = {root.name: f"isqrt({python(under, {'budget': 'budget'})})"} if isinstance(a, Number) else {}
    return Floor(_minus(root, b), below), spelled


def _zero(tree: Tree) -> bool:
    return isinstance(tree, Number) and tree.value == 0


def _minus(left: Tree, right: Tree) -> Tree:
    if isinstance(right, Number):
        return _plus(left, Number(-right.value))
    return Add((left, Multiply((Number(-1), right))))


def _plus(left: Tree, right: Number) -> Tree:
    return left if right.value == 0 else Add((left, right))

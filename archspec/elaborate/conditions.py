"""Conditions: decided by proof, else by fixing a symbol that has a value, else an error.

`require` conditions that cannot be decided become facts that simplify what comes after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from archspec.algebra import Dim, Poly, compare, compare_at_small, free_symbols, mod
from archspec.elaborate.bounds import at_bound
from archspec.elaborate.frame import LOOP_MARK, FixSymbol, Frame, PeelTurn
from archspec.elaborate.program import Assumption
from archspec.elaborate.values import Precision, Value, describe
from archspec.syntax import tree

Evaluate = Callable[[Frame, tree.Expression], Value]

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


@dataclass(frozen=True)
class Hanging:
    """A condition that could not be decided, and the comparison it hangs on."""

    node: tree.Node
    left: Dim
    op: str
    right: Dim


def truth(frame: Frame, node: tree.Expression, evaluate: Evaluate) -> bool:
    """Whether a condition holds; fixes a symbol or reports an error where that is open."""
    verdict = judge(frame, node, evaluate)
    if isinstance(verdict, bool):
        return verdict
    return settle(frame, verdict)


def judge(frame: Frame, node: tree.Expression, evaluate: Evaluate) -> bool | Hanging:
    """Whether a condition holds, as far as it can be proved."""
    if isinstance(node, tree.Unary) and node.op == "not":
        verdict = judge(frame, node.operand, evaluate)
        return verdict if isinstance(verdict, Hanging) else not verdict
    if isinstance(node, tree.Binary) and node.op in ("and", "or"):
        return _junction(frame, node, evaluate)
    if isinstance(node, tree.Binary) and node.op in COMPARISONS:
        return _comparison(frame, node, evaluate)
    value = evaluate(frame, node)
    if isinstance(value, bool):
        return value
    frame.fault(node, "not-a-condition", found=describe(value))


def _junction(frame: Frame, node: tree.Binary, evaluate: Evaluate) -> bool | Hanging:
    decisive = node.op == "or"
    left = judge(frame, node.left, evaluate)
    if left is decisive:
        return decisive
    right = judge(frame, node.right, evaluate)
    if right is decisive:
        return decisive
    if isinstance(left, Hanging):
        return left
    return right


def _comparison(frame: Frame, node: tree.Binary, evaluate: Evaluate) -> bool | Hanging:
    left, right = evaluate(frame, node.left), evaluate(frame, node.right)
    if _is_dim(left) and _is_dim(right):
        return decide(frame, node, left, node.op, right)  # type: ignore[arg-type]  # both are dims, just checked
    return _compare_plain(frame, node, left, right)


def _at_bound(value: Value) -> Value:
    return at_bound(value) if isinstance(value, Poly) else value


def _is_dim(value: Value) -> bool:
    return isinstance(value, int | Poly) and not isinstance(value, bool)


def _compare_plain(frame: Frame, node: tree.Binary, left: Value, right: Value) -> bool:
    """Texts, flags, precisions and lists can be equal or not; real numbers have an order too."""
    numbers = isinstance(left, int | Fraction) and isinstance(right, int | Fraction)
    if numbers and not isinstance(left, bool) and not isinstance(right, bool):
        return _ordered(left, node.op, right)  # type: ignore[arg-type]  # both are numbers, just checked
    same_kind = type(left) is type(right) and isinstance(left, bool | str | tuple | Precision)
    if not same_kind or node.op not in ("==", "!="):
        frame.fault(node, "cannot-compare", left=describe(left), right=describe(right), op=node.op)
    return (left == right) == (node.op == "==")


def _ordered(left: Fraction, op: str, right: Fraction) -> bool:
    if op == "==":
        return left == right
    if op == "!=":
        return left != right
    if op == "<":
        return left < right
    if op == "<=":
        return left <= right
    return left > right if op == ">" else left >= right


def decide(frame: Frame, node: tree.Node, left: Dim, op: str, right: Dim) -> bool | Hanging:
    """Compare two dims by proof. An outcome that holds but at small sizes is recorded as an assumption."""
    left, right = at_bound(left), at_bound(right)
    if isinstance(left, int) and isinstance(right, int):
        return _ordered(Fraction(left), op, Fraction(right))
    context = frame.context
    outcome, needed = compare_at_small(left, op, right, context.facts)
    if outcome is None:
        return Hanging(node, left, op, right)
    for name, least in needed:
        for loop in context.loops:
            if loop.index == name:
                raise PeelTurn(loop)
        info = context.symbols.get(name)
        if info is not None and info.value is not None and info.value < least:
            raise FixSymbol(name, frame.place(node))
        _assume_at_least(frame, node, name, least)
    return outcome


def _assume_at_least(frame: Frame, node: tree.Node, name: str, least: int) -> None:
    from archspec.algebra import symbol

    context = frame.context
    info = context.symbols.get(name)
    lower = info.lower if info is not None else 1
    assumption = Assumption(
        f"{name} >= {least}", ">=", symbol(name, lower), least, None, "small", None, frame.place(node)
    )
    if all(known.text != assumption.text for known in context.assumptions):
        context.assumptions.append(assumption)
    context.facts.assume_at_least(name, least)


def settle(frame: Frame, hanging: Hanging) -> bool:
    """Fix a symbol that an open condition hangs on, or say which symbol has no value."""
    context = frame.context
    if context.lenient:
        return True
    names = sorted(free_symbols(hanging.left) | free_symbols(hanging.right))
    for name in names:
        info = context.symbols.get(name)
        if info is not None and info.value is not None:
            raise FixSymbol(name, frame.place(hanging.node))
    condition = f"{show(hanging.left)} {hanging.op} {show(hanging.right)}"
    open_names = ", ".join(f"`{name.partition(LOOP_MARK)[0]}`" for name in names)
    fix = f"give a value, or add a `require` that decides it, such as `require {condition}`"
    if any(LOOP_MARK in name for name in names):
        fix = "unroll the loop with `each i in range(n) { … }`, so that every turn decides for itself"
    frame.fault(hanging.node, "undecidable-condition", condition=condition, names=open_names, fix=fix)


def number(frame: Frame, node: tree.Node, dim: Dim) -> int:
    """A dim that must be a number, as a position in a list must: a symbol in it that has a value is fixed."""
    dim = at_bound(dim)
    if isinstance(dim, int):
        return dim
    for name in sorted(free_symbols(dim)):
        info = frame.context.symbols.get(name)
        if info is not None and info.value is not None:
            raise FixSymbol(name, frame.place(node))
    frame.fault(node, "symbolic-index", index=show(dim))


def equal(frame: Frame, node: tree.Node, left: Dim, right: Dim) -> bool:
    """Whether two dims are the same, by proof or by fixing a symbol that has a value."""
    if left is right or left == right:
        return True
    verdict = decide(frame, node, left, "==", right)
    if isinstance(verdict, bool):
        return verdict
    if frame.context.lenient:
        return True
    names = free_symbols(left) | free_symbols(right)
    for name in sorted(names):
        info = frame.context.symbols.get(name)
        if info is not None and info.value is not None:
            raise FixSymbol(name, frame.place(node))
    return False


def require(frame: Frame, statement: tree.Require, evaluate: Evaluate) -> None:
    """Check a `require`, or keep it as an assumption that simplifies what follows."""
    _require(frame, statement, statement.condition, evaluate)


def _require(frame: Frame, statement: tree.Require, node: tree.Expression, evaluate: Evaluate) -> None:
    if isinstance(node, tree.Binary) and node.op == "and":
        _require(frame, statement, node.left, evaluate)
        _require(frame, statement, node.right, evaluate)
        return
    if isinstance(node, tree.Binary) and node.op in COMPARISONS and _assume(frame, statement, node, evaluate):
        return
    verdict = judge(frame, node, evaluate)
    if isinstance(verdict, Hanging):
        verdict = settle(frame, verdict)
    if not verdict:
        _violated(frame, statement)


def _violated(frame: Frame, statement: tree.Require) -> None:
    own = frame.place(statement.condition)
    text = own.source.text[own.start : own.end]
    message = statement.message or "this does not hold"
    if frame.caller is not None and frame.call is not None:
        from archspec.errors.diagnostic import Note

        frame.caller.fault(
            frame.call,
            "require-failed",
            condition=f"`{text}`",
            message=message,
            notes=(Note(f"required by `{frame.layer.name}`", own),),
        )
    frame.fault(statement.condition, "require-failed", condition=f"`{text}`", message=message)


def _assume(frame: Frame, statement: tree.Require, node: tree.Binary, evaluate: Evaluate) -> bool:
    """Keep a comparison of dims that cannot be decided as a fact. False: it is to be judged in the plain way."""
    left_node, modulus = node.left, None
    if isinstance(left_node, tree.Binary) and left_node.op == "%":
        modulus = evaluate(frame, left_node.right)
        left_node = left_node.left
    left, right = _at_bound(evaluate(frame, left_node)), _at_bound(evaluate(frame, node.right))
    if not (_is_dim(left) and _is_dim(right)) or not (modulus is None or _is_dim(modulus)):
        return False
    context = frame.context
    facts = context.facts
    whole = left if modulus is None else mod(left, modulus, facts)  # type: ignore[arg-type]  # dims, just checked
    verdict = compare(whole, node.op, right, facts)  # type: ignore[arg-type]  # dims, just checked
    if verdict is not None:
        return False
    shown = show(left) if modulus is None else f"{_factor(left)} % {_factor(modulus)}"
    text = f"{shown} {node.op} {show(right)}"
    if all(known.text != text for known in context.assumptions):
        context.assumptions.append(
            Assumption(
                text,
                node.op,
                cast(Dim, left),
                cast(Dim, right),
                cast("Dim | None", modulus),
                "require",
                statement.message,
                frame.blame(node),
            )
        )
    if modulus is not None and node.op == "==" and right == 0:
        facts.assume_divisible(left, modulus)  # type: ignore[arg-type]
    elif modulus is None:
        _assume_order(frame, left, node.op, right)  # type: ignore[arg-type]
    return True


def _assume_order(frame: Frame, left: Dim, op: str, right: Dim) -> None:
    facts = frame.context.facts
    if op in ("<=", "=="):
        facts.assume_nonneg(right - left)
    if op in (">=", "=="):
        facts.assume_nonneg(left - right)
    if op == "<":
        facts.assume_nonneg(right - left - 1)
    if op == ">":
        facts.assume_nonneg(left - right - 1)


def show(value: object) -> str:
    """A dim as a person would write it, without the slack of bounds."""
    if not isinstance(value, int | Poly):
        return str(value)
    from archspec.formulas import to_text

    return to_text(at_bound(value))


def _factor(value: object) -> str:
    text = show(value)
    return f"({text})" if " " in text else text

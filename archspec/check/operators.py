"""Operators: what they are applied to must be of a sort that they can be applied to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.check.names import FLAG, INTEGER, LAYER, LIST, NUMBERS, TENSOR, TEXT, UNKNOWN, Sort
from archspec.elaborate.conditions import COMPARISONS
from archspec.policy import CHOICES
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.check.expressions import Expressions


def unary(checks: Expressions, node: tree.Unary) -> Sort:
    """Check `-x`, `+x` or `not x`."""
    if node.op == "not":
        checks.condition(node.operand)
        return FLAG
    sort = checks.check(node.operand)
    if sort in (FLAG, TEXT, LIST):
        checks.reporter.error(node, "no-arithmetic", op=node.op, found=sort.word)
        return UNKNOWN
    return sort


def binary(checks: Expressions, node: tree.Binary) -> Sort:
    """Check arithmetic, a comparison or a junction."""
    if node.op in ("and", "or"):
        checks.condition(node.left)
        checks.condition(node.right)
        return FLAG
    left, right = checks.check(node.left), checks.check(node.right)
    if node.op in COMPARISONS:
        _comparison(checks, node, left, right)
        return FLAG
    if not left.word or not right.word:
        return TENSOR if left.is_tensor or right.is_tensor else UNKNOWN
    if left == right == LIST and node.op == "+":
        return LIST
    for sort in (left, right):
        if (
            sort in (FLAG, TEXT, LIST)
            or sort.word == LAYER.word
            or (sort.is_tensor and not sort.outputs and sort.number != 1)
        ):
            checks.reporter.error(node, "no-arithmetic", op=node.op, found=sort.words)
            return UNKNOWN
    if left.is_tensor or right.is_tensor:
        return TENSOR
    if node.op in ("/", "//", "%") and isinstance(node.right, tree.Number) and node.right.value == 0:
        checks.reporter.error(node, "division-by-zero")
        return UNKNOWN
    return INTEGER if left == right == INTEGER else UNKNOWN


def _comparison(checks: Expressions, node: tree.Binary, left: Sort, right: Sort) -> None:
    _policy_value(checks, node.left, node.right)
    _policy_value(checks, node.right, node.left)
    if not left.word or not right.word or "something else" in (left.word, right.word):
        return
    alike = left.word == right.word or (left.word in NUMBERS and right.word in NUMBERS)
    ordered = node.op in ("==", "!=") or left.word in NUMBERS
    if not alike or not ordered or left.is_tensor or left.word == LAYER.word:
        checks.reporter.error(node, "cannot-compare", left=left.words, right=right.words, op=node.op)


def _policy_value(checks: Expressions, asked: tree.Expression, value: tree.Expression) -> None:
    """`policy.mode == "trian"` would never hold."""
    if not isinstance(asked, tree.Attribute) or not isinstance(value, tree.Text):
        return
    if asked.value != tree.Name(asked.value.start, asked.value.end, "policy") or asked.name not in CHOICES:
        return
    choices = list(filter(None, CHOICES[asked.name]))
    if value.value not in CHOICES[asked.name]:
        fix = checks.reporter.suggest(value.value, choices)
        name = f"policy.{asked.name}"
        checks.reporter.error(value, "unknown-value", name=name, value=value.value, choices=", ".join(choices), fix=fix)


def choice(checks: Expressions, node: tree.Choice) -> Sort:
    """Check `a if c else b`."""
    checks.condition(node.condition)
    then, other = checks.check(node.then), checks.check(node.other)
    return then if then == other else UNKNOWN

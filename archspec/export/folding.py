"""Conditions in Python, without what their literals decide."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any


def folded(text: str) -> str:
    """A condition in Python without the parts that its literals decide: `not (not ceil and 1 == 1)` is `ceil`."""
    node = _Folder().visit(ast.parse(text, mode="eval").body)
    shown = ast.unparse(node)
    return shown if '"' in shown or "\\" in shown else shown.replace("'", '"')


class _Folder(ast.NodeTransformer):
    """Comparisons of literals, and `and`, `or` and `not` of what is known."""

    def visit_Compare(self, node: ast.Compare) -> ast.expr:  # ast calls it by this name
        sides = (node.left, *node.comparators)
        values = [side.value for side in sides if isinstance(side, ast.Constant)]
        compare = _COMPARE.get(type(node.ops[0]))
        if len(values) != 2 or compare is None or len({isinstance(value, str) for value in values}) != 1:
            return node
        return ast.Constant(bool(compare(*values)))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        decisive = isinstance(node.op, ast.Or)
        left: list[ast.expr] = []
        for value in node.values:
            one = self.visit(value)
            if isinstance(one, ast.Constant) and isinstance(one.value, bool):
                if one.value is decisive:
                    return one
                continue
            left.append(one)
        if len(left) < 2:
            return left[0] if left else ast.Constant(not decisive)
        return ast.BoolOp(node.op, left)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.visit(node.operand)
        if not isinstance(node.op, ast.Not):
            return ast.UnaryOp(node.op, operand)
        if isinstance(operand, ast.Constant) and isinstance(operand.value, bool):
            return ast.Constant(not operand.value)
        if isinstance(operand, ast.UnaryOp) and isinstance(operand.op, ast.Not):
            return operand.operand
        if isinstance(operand, ast.BoolOp):
            other = ast.And() if isinstance(operand.op, ast.Or) else ast.Or()
            return ast.BoolOp(other, [self.visit(ast.UnaryOp(ast.Not(), value)) for value in operand.values])
        if isinstance(operand, ast.Compare) and len(operand.ops) == 1 and type(operand.ops[0]) in _OPPOSITE:
            return ast.Compare(operand.left, [_OPPOSITE[type(operand.ops[0])]()], operand.comparators)
        return ast.UnaryOp(ast.Not(), operand)


_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
}  # fmt: skip
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.GtE: operator.ge, ast.Gt: operator.gt,
    ast.LtE: operator.le,
}  # fmt: skip

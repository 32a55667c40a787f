"""Expressions: integers exactly, reals as fractions, tensors through the library's layers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, cast

from archspec.algebra import (
    AlgebraError,
    Dim,
    Poly,
    divide,
    divisible,
    floordiv,
    mod,
    power,
)
from archspec.elaborate import calls, conditions
from archspec.elaborate.frame import Frame
from archspec.elaborate.functions import FUNCTIONS
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Pack, PolicyView, Precision, Template, Value, describe
from archspec.errors.suggest import did_you_mean
from archspec.policy import dtype_named
from archspec.syntax import tree

MAX_BITS = 8192
"""Integers of a spec may have at most this many bits."""
MAX_TERMS = 20_000
"""A formula may have at most this many terms before it is summed up."""
MAX_EXPONENT = 64
"""A symbolic expression may be raised to at most this power."""


def evaluate(frame: Frame, node: tree.Expression) -> Value:
    """The value of an expression in a frame."""
    return _EVALUATORS[type(node)](frame, node)


def evaluate_dim(frame: Frame, node: tree.Expression) -> Dim:
    """The value of an expression that must be an integer."""
    value = evaluate(frame, node)
    if isinstance(value, Fraction) and value.denominator == 1:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | Poly):
        frame.fault(node, "not-an-integer", found=describe(value))
    return value


def truth(frame: Frame, node: tree.Expression | None) -> bool:
    """Whether a condition holds; an absent one does."""
    return True if node is None else conditions.truth(frame, node, evaluate)


def _number(frame: Frame, node: tree.Number) -> Value:
    return node.value


def _literal(frame: Frame, node: tree.Text | tree.Flag) -> Value:
    return node.value


def _name(frame: Frame, node: tree.Name) -> Value:
    name = node.name
    if name in frame.names:
        return frame.lookup(node, name)
    if name == "policy":
        return PolicyView(frame.context.policy.answers())
    dtype = dtype_named(name)
    if dtype is not None:
        return Precision(dtype)
    template = calls.find_template(frame, node, ())
    if template is not None:
        return calls.call_if_inputless(frame, template, node)
    frame.fault(node, "unknown-name", name=name, fix=did_you_mean(name, [*frame.names, *FUNCTIONS]))


def _unary(frame: Frame, node: tree.Unary) -> Value:
    if node.op == "not":
        return not truth(frame, node.operand)
    value = evaluate(frame, node.operand)
    if isinstance(value, bool) or not isinstance(value, int | Poly | Fraction | Tensor):
        frame.fault(node, "no-arithmetic", op=node.op, found=describe(value))
    if node.op == "+":
        return value
    if isinstance(value, Tensor):
        return calls.call_library(frame, node, "Scale", (value,), {"by": Fraction(-1)})
    return -value


def _binary(frame: Frame, node: tree.Binary) -> Value:
    if node.op in conditions.COMPARISONS or node.op in ("and", "or"):
        return truth(frame, node)
    left, right = evaluate(frame, node.left), evaluate(frame, node.right)
    left, right = _single(left), _single(right)
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return _tensor_arithmetic(frame, node, left, right)
    if isinstance(left, tuple) and isinstance(right, tuple) and node.op == "+":
        return left + right
    for side in (left, right):
        if isinstance(side, bool) or not isinstance(side, int | Poly | Fraction):
            frame.fault(node, "no-arithmetic", op=node.op, found=describe(side))
    if isinstance(left, Fraction) or isinstance(right, Fraction):
        return _real_arithmetic(frame, node, left, right)
    return _dim_arithmetic(frame, node, cast(Dim, left), cast(Dim, right))


def _single(value: Value) -> Value:
    """The first output, where a layer with several stands in arithmetic."""
    return value.tensors[0] if isinstance(value, Pack) and value.outputs else value


def _dim_arithmetic(frame: Frame, node: tree.Binary, left: Dim, right: Dim) -> Dim:
    facts = frame.context.facts
    op = node.op
    try:
        if op == "+":
            return _sized(frame, node, left + right)
        if op == "-":
            return _sized(frame, node, left - right)
        if op == "*":
            _check_product(frame, node, left, right)
            return _sized(frame, node, left * right)
        if op == "**":
            _check_power(frame, node, left, right)
            return _sized(frame, node, power(left, right, facts))
        if right == 0:
            frame.fault(node, "division-by-zero")
        if op == "//":
            return floordiv(left, right, facts)
        if op == "%":
            return mod(left, right, facts)
        return _exact_division(frame, node, left, right)
    except AlgebraError as error:
        frame.fault(node, "arithmetic", reason=str(error))


def _exact_division(frame: Frame, node: tree.Binary, left: Dim, right: Dim) -> Dim:
    facts = frame.context.facts
    if divisible(left, right, facts) is not True and not conditions.equal(frame, node, mod(left, right, facts), 0):
        shown_left, shown_right = conditions.show(left), conditions.show(right)
        if isinstance(left, int) and isinstance(right, int):
            text = frame.definition.source.text[node.start : node.end]
            frame.fault(node, "no-integer", text=text, left=left, right=right, fix="`//` rounds down")
        frame.fault(
            node,
            "not-divisible",
            left=shown_left,
            right=shown_right,
            fix=f"add `require {shown_left} % {shown_right} == 0`, or use `//` for the floor",
        )
    return divide(left, right, facts)


def _sized(frame: Frame, node: tree.Node, value: Dim) -> Dim:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        frame.fault(node, "number-too-large", limit=MAX_BITS)
    return value


def _check_product(frame: Frame, node: tree.Node, left: Dim, right: Dim) -> None:
    if (
        isinstance(left, Poly)
        and isinstance(right, Poly)
        and len(left.by_monomial) * len(right.by_monomial) > MAX_TERMS
    ):
        frame.fault(node, "formula-too-large", limit=MAX_TERMS)


def _check_power(frame: Frame, node: tree.Node, base: Dim, exponent: Dim) -> None:
    if not isinstance(exponent, int):
        return
    if isinstance(base, int) and abs(base) > 1 and abs(exponent) * base.bit_length() > 2 * MAX_BITS:
        frame.fault(node, "number-too-large", limit=MAX_BITS)
    if isinstance(base, Poly):
        if exponent > MAX_EXPONENT:
            frame.fault(node, "exponent-too-large", limit=MAX_EXPONENT)
        if len(base.by_monomial) > 1 and len(base.by_monomial) ** exponent > 10 * MAX_TERMS:
            frame.fault(node, "formula-too-large", limit=MAX_TERMS)


def _real_arithmetic(frame: Frame, node: tree.Binary, left: Value, right: Value) -> Value:
    if isinstance(left, Poly) or isinstance(right, Poly):
        frame.fault(node, "real-with-symbol", op=node.op)
    a, b = Fraction(cast(Any, left)), Fraction(cast(Any, right))
    if node.op == "+":
        return a + b
    if node.op == "-":
        return a - b
    if node.op == "*":
        return a * b
    if node.op == "/":
        return a / b if b else frame.fault(node, "division-by-zero")
    frame.fault(node, "no-arithmetic", op=node.op, found="a real number")


_PAIRS = {"+": "Add", "-": "Sub", "*": "Mul", "/": "Div"}


def _tensor_arithmetic(frame: Frame, node: tree.Binary, left: Value, right: Value) -> Value:
    """Element-wise arithmetic: each operation is a layer of the library, which says what it keeps."""
    op = node.op
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        if op not in _PAIRS:
            frame.fault(node, "no-arithmetic", op=op, found="two tensors")
        return calls.call_library(frame, node, _PAIRS[op], (left, right), {})
    tensor, number = (left, right) if isinstance(left, Tensor) else (right, left)
    if isinstance(number, bool) or not isinstance(number, int | Poly | Fraction):
        frame.fault(node, "no-arithmetic", op=op, found=describe(number))
    assert isinstance(tensor, Tensor)
    if op in ("+", "-"):
        return calls.call_library(frame, node, "Shift", (tensor,), {"by": number})
    if op == "*" or (op == "/" and isinstance(left, Tensor)):
        return calls.call_library(frame, node, "Scale", (tensor,), {"by": number})
    if op == "/":
        return calls.call_library(frame, node, "Reciprocal", (tensor,), {"by": number})
    if op == "**" and isinstance(left, Tensor):
        return calls.call_library(frame, node, "Pow", (tensor,), {"exponent": number})
    frame.fault(node, "no-arithmetic", op=op, found=describe(left))


def _choice(frame: Frame, node: tree.Choice) -> Value:
    return evaluate(frame, node.then if truth(frame, node.condition) else node.other)


def _call(frame: Frame, node: tree.Call) -> Value:
    function = node.function
    if isinstance(function, tree.Name) and function.name not in frame.names and function.name in FUNCTIONS:
        builtin = FUNCTIONS[function.name]
        arguments = [evaluate(frame, argument.value) for argument in node.arguments]
        if any(argument.name for argument in node.arguments) or not builtin.takes(len(arguments)):
            frame.fault(node, "bad-function-call", name=function.name, usage=builtin.usage)
        try:
            return builtin.apply(frame, node, arguments)
        except AlgebraError as error:
            frame.fault(node, "arithmetic", reason=str(error))
    template = calls.find_template(frame, function, node.arguments)
    if template is None:
        name = function.name if isinstance(function, tree.Name) else "this"
        frame.fault(function, "unknown-layer", name=name, fix=calls.suggest_layer(frame, name))
    return calls.call_if_inputless(frame, template, node)


def _attribute(frame: Frame, node: tree.Attribute) -> Value:
    template = calls.find_template(frame, node, ())
    if template is not None:
        return calls.call_if_inputless(frame, template, node)
    value = evaluate(frame, node.value)
    if isinstance(value, PolicyView):
        if node.name in value.answers:
            return value.answers[node.name]
        frame.fault(node, "unknown-policy", name=node.name, fix=did_you_mean(node.name, value.answers))
    frame.fault(node, "no-attribute", name=node.name, found=describe(value))


def _index(frame: Frame, node: tree.Index) -> Value:
    value, position = evaluate(frame, node.value), evaluate_dim(frame, node.index)
    if not isinstance(value, tuple):
        frame.fault(node, "not-a-list", found=describe(value))
    index = conditions.number(frame, node.index, position)
    if not -len(value) <= index < len(value):
        frame.fault(node.index, "index-out-of-range", index=index, length=len(value))
    return value[index]


def _slice(frame: Frame, node: tree.Slice) -> Value:
    value = evaluate(frame, node.value)
    if not isinstance(value, tuple):
        frame.fault(node, "not-a-list", found=describe(value))
    bounds = [
        None if bound is None else conditions.number(frame, bound, evaluate_dim(frame, bound))
        for bound in (node.lower, node.upper)
    ]
    return value[slice(*bounds)]


def _group(frame: Frame, node: tree.Group) -> Value:
    items = [_single(evaluate(frame, item)) for item in node.items]
    if any(isinstance(item, Tensor) for item in items):
        for item, written in zip(items, node.items, strict=True):
            if not isinstance(item, Tensor):
                frame.fault(written, "not-a-tensor", found=describe(item))
        return Pack(tuple(cast(list[Tensor], items)))
    return tuple(items)


def _list(frame: Frame, node: tree.ListLiteral) -> Value:
    return tuple(evaluate(frame, item) for item in node.items)


def _pipe(frame: Frame, node: tree.Pipe) -> Value:
    value = evaluate(frame, node.value)
    for stage in node.stages:
        value = calls.feed(frame, stage, value)
    return value


_EVALUATORS: dict[type, Callable[[Frame, Any], Value]] = {
    tree.Number: _number,
    tree.Text: _literal,
    tree.Flag: _literal,
    tree.Name: _name,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.Choice: _choice,
    tree.Call: _call,
    tree.Attribute: _attribute,
    tree.Index: _index,
    tree.Slice: _slice,
    tree.Group: _group,
    tree.ListLiteral: _list,
    tree.Pipe: _pipe,
}

__all__ = ["Template", "evaluate", "evaluate_dim", "truth"]

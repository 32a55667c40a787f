"""Expressions of tensors in Python: pipes as calls, arithmetic as operators."""

from __future__ import annotations

from archspec.elaborate import calls, expressions
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Pack, Value
from archspec.export.pipes import call_inputless, feed
from archspec.export.scalars import ATOM, CHOICE, PRODUCT, SIGN, SUM, Py
from archspec.export.wired import Wired, held
from archspec.export.writer import Writer
from archspec.syntax import tree

_PREC = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "**": 1}


def wire(w: Writer, node: tree.Expression) -> tuple[Wired, Value]:
    """A tensor expression: its Python, and what the engine makes of it."""
    if isinstance(node, tree.Pipe):
        return _pipe(w, node)
    if isinstance(node, tree.Name) and node.name in w.frame.names:
        return _named(w, node)
    if isinstance(node, tree.Name | tree.Call | tree.Attribute):
        return call_inputless(w, node)
    if isinstance(node, tree.Group):
        return _group(w, node)
    if isinstance(node, tree.Binary):
        return _binary(w, node)
    if isinstance(node, tree.Unary):
        operand, value = wire(w, node.operand)
        made = expressions.evaluate(w.frame, tree.Unary(node.start, node.end, node.op, held(w, node, value)))
        return Wired(f"{node.op}{operand.single.within(SIGN)}", prec=SIGN), made
    if isinstance(node, tree.Choice):
        return _choice(w, node)
    w.forward_scalars.refuse(node)


def is_tensor(w: Writer, node: tree.Expression) -> bool:
    """Whether an expression is of tensors."""
    if isinstance(node, tree.Pipe):
        return True
    if isinstance(node, tree.Name) and node.name in w.frame.names:
        return isinstance(w.frame.names[node.name], Tensor | Pack)
    if isinstance(node, tree.Name | tree.Attribute):
        return calls.find_definition(w.frame, node) is not None
    if isinstance(node, tree.Call):
        return calls.find_definition(w.frame, node.function) is not None
    if isinstance(node, tree.Binary):
        return is_tensor(w, node.left) or is_tensor(w, node.right)
    if isinstance(node, tree.Unary):
        return is_tensor(w, node.operand)
    if isinstance(node, tree.Choice):
        return is_tensor(w, node.then) or is_tensor(w, node.other)
    return isinstance(node, tree.Group) and any(is_tensor(w, item) for item in node.items)


def _named(w: Writer, node: tree.Name) -> tuple[Wired, Value]:
    value = w.frame.lookup(node, node.name)
    kind = w.kinds.get(node.name)
    if kind == "param":
        if w.parent is not None and node.name not in w.root.attributes:
            w.forward_scalars.refuse(node)
        return Wired(f"self.{node.name}"), value
    if not isinstance(value, Tensor | Pack):
        w.forward_scalars.refuse(node)
    if w.parent is not None and node.name not in w.assigned:
        w.inputs[node.name] = None
    count = len(value.tensors) if isinstance(value, Pack) else 1
    return Wired(w.ident(node.name), count=count, outputs=isinstance(value, Pack) and value.outputs), value


def _group(w: Writer, node: tree.Group) -> tuple[Wired, Value]:
    made = [wire(w, item) for item in node.items]
    texts = tuple(one.single.text for one, _ in made)
    tensors = [_single(value) for _, value in made]
    return Wired(f"({', '.join(texts)})", parts=texts, count=len(texts)), Pack(tuple(tensors))


def _single(value: Value) -> Tensor:
    if isinstance(value, Pack):
        value = value.tensors[0]
    assert isinstance(value, Tensor)
    return value


def _binary(w: Writer, node: tree.Binary) -> tuple[Wired, Value]:
    sides: list[tuple[Py, tree.Expression]] = []
    for side in (node.left, node.right):
        if is_tensor(w, side):
            made, value = wire(w, side)
            single = made.single
            sides.append((Py(single.text, ATOM if single.steps else single.prec), held(w, side, _single(value))))
        else:
            sides.append((w.forward_scalars.write(side), _numbered(w, side)))
    (left, one), (right, other) = sides
    value = expressions.evaluate(w.frame, tree.Binary(node.start, node.end, node.op, one, other))
    prec = _PREC[node.op]
    if node.op == "**":
        return Wired(f"{left.within(ATOM)} ** {right.within(ATOM)}", prec=prec), value
    return Wired(f"{left.within(prec)} {node.op} {right.within(prec - 1)}", prec=prec), value


def _numbered(w: Writer, node: tree.Expression) -> tree.Expression:
    """A number beside a tensor, as the engine takes it: which one it is changes no size."""
    value = expressions.evaluate(w.frame, node)
    return held(w, node, value)


def _choice(w: Writer, node: tree.Choice) -> tuple[Wired, Value]:
    known = w.forward_scalars.fold(node.condition)
    if known is not None:
        return wire(w, node.then if known else node.other)
    condition = w.forward_scalars.write(node.condition)
    (then, value), (other, _) = wire(w, node.then), wire(w, node.other)
    text = f"{then.single.within(CHOICE - 1)} if {condition.text} else {other.single.within(CHOICE)}"
    return Wired(text, prec=CHOICE), value


# --- pipes ------------------------------------------------------------------------------------------


def _pipe(w: Writer, node: tree.Pipe) -> tuple[Wired, Value]:
    wired, value = wire(w, node.value)
    for stage in node.stages:
        wired, value = feed(w, stage, wired, value)
    return wired, value

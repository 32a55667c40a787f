"""Expressions of tensors in Python: pipes as calls, arithmetic as operators."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archspec.algebra import Poly
from archspec.elaborate import calls, expressions
from archspec.elaborate.externals import find_external
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Instance, Pack, Template, Value
from archspec.export import names
from archspec.export.applying import Applied, applied
from archspec.export.code import Line
from archspec.export.problems import refuse
from archspec.export.scalars import ATOM, CHOICE, PRODUCT, SIGN, SUM, Py
from archspec.export.writer import Made, Writer, call_arguments
from archspec.syntax import tree

HOLE = "\x00"
"""Stands in a step for what it is applied to."""
_PREC = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "**": 1}


@dataclass(frozen=True)
class Wired:
    """Tensors in Python.

    base: the text; steps: calls around it, the inner first. parts: the texts of a tuple that is written out.
    count: how many tensors; outputs: they are one layer's, of which the first may be meant; nested: in
    tuples of tuples. lazy: a generator.
    """

    base: str
    steps: tuple[str, ...] = ()
    prec: int = ATOM
    parts: tuple[str, ...] = ()
    count: int = 1
    outputs: bool = False
    nested: bool = False
    lazy: bool = False

    @property
    def text(self) -> str:
        """The whole expression."""
        text = self.base
        for step in self.steps:
            text = step.replace(HOLE, text)
        return text

    def within(self, prec: int) -> str:
        """The text as an operand."""
        return self.text if self.steps or self.prec <= prec else f"({self.text})"

    @property
    def single(self) -> Wired:
        """The one tensor that is meant: the first of several outputs."""
        return Wired(f"{self.within(ATOM)}[0]") if self.outputs and self.count > 1 else self


def wire(w: Writer, node: tree.Expression) -> tuple[Wired, Value]:
    """A tensor expression: its Python, and what the engine makes of it."""
    if isinstance(node, tree.Pipe):
        return _pipe(w, node)
    if isinstance(node, tree.Name) and node.name in w.frame.names:
        return _named(w, node)
    if isinstance(node, tree.Name | tree.Call | tree.Attribute):
        return _inputless(w, node)
    if isinstance(node, tree.Group):
        return _group(w, node)
    if isinstance(node, tree.Binary):
        return _binary(w, node)
    if isinstance(node, tree.Unary):
        operand, value = wire(w, node.operand)
        made = expressions.evaluate(w.frame, tree.Unary(node.start, node.end, node.op, _held(w, node, value)))
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


def _held(w: Writer, node: tree.Node, value: Value) -> tree.Name:
    """A name for a value that is known already, so that the engine need not make it again."""
    w.study.fresh += 1
    name = f"{names.checked('held')}?{w.study.fresh}"
    w.frame.names[name] = value
    return tree.Name(node.start, node.end, name)


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
            sides.append((Py(single.text, ATOM if single.steps else single.prec), _held(w, side, _single(value))))
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
    return _held(w, node, value)


def _choice(w: Writer, node: tree.Choice) -> tuple[Wired, Value]:
    known = w.forward_scalars.fold(node.condition)
    if known is not None:
        return wire(w, node.then if known else node.other)
    condition = w.forward_scalars.write(node.condition)
    (then, value), (other, _) = wire(w, node.then), wire(w, node.other)
    text = f"{then.single.within(CHOICE - 1)} if {condition.text} else {other.single.within(CHOICE)}"
    return Wired(text, prec=CHOICE), value


def _inputless(w: Writer, node: tree.Name | tree.Call | tree.Attribute) -> tuple[Wired, Value]:
    """A layer without inputs is called where it is named."""
    before = len(w.study.calls)
    value = expressions.evaluate(w.frame, _settled(w, node))
    made = w.study.calls[before:]
    if not made:
        w.forward_scalars.refuse(node)
    how = applied(w, made[0], node)
    return _result(Wired(how.call([])), how, value), value


# --- pipes ------------------------------------------------------------------------------------------


def _pipe(w: Writer, node: tree.Pipe) -> tuple[Wired, Value]:
    wired, value = wire(w, node.value)
    for stage in node.stages:
        wired, value = feed(w, stage, wired, value)
    return wired, value


def feed(w: Writer, stage: tree.Stage, wired: Wired, value: Value) -> tuple[Wired, Value]:
    """One step of a pipe."""
    written = stage.layer
    target = w.frame.names.get(written.name) if isinstance(written, tree.Name) else None
    settled = tree.Stage(stage.start, stage.end, _settled(w, stage.layer), stage.name)
    before = len(w.study.calls)
    result = calls.feed(w.frame, settled, value)
    frames = w.study.calls[before:]
    node: tree.Expression = written
    if isinstance(target, Instance):
        found = w.owner_of(target)
        node = found.call if found is not None else written
    elif isinstance(target, Template):
        refuse("export-template", w.frame.place(stage), layer=w.frame.layer.name)
    how = applied(w, frames[0], node)
    signature = frames[0].layer.signature
    wanted = 1 if signature is None or not isinstance(value, Tensor | Pack) else calls.inputs_wanted(
        frames[0].definition, value
    )
    external = find_external(frames[0].definition)
    if external is not None and external.variadic:
        return Wired(how.call([_joined(wired)])), result
    if wired.count == wanted:
        return _result(_applied(how, wired), how, result), result
    if wanted == 1 and wired.outputs:
        return _result(_applied(how, wired.single), how, result), result
    if wanted == 1:
        return _mapped(w, how, wired), result
    if wired.parts:
        return _result(Wired(how.call(list(wired.parts[:wanted]))), how, result), result
    return _result(Wired(how.call([f"*{wired.within(ATOM)}[:{wanted}]"])), how, result), result


def _joined(wired: Wired) -> str:
    """Tensors as one tuple."""
    if wired.count == 1:
        return f"({wired.text},)"
    return f"tuple({wired.text})" if wired.lazy else wired.text


def _applied(how: Applied, wired: Wired) -> Wired:
    if wired.parts:
        return Wired(how.call(list(wired.parts)))
    if wired.count > 1:
        return Wired(how.call([f"*{wired.within(ATOM)}"]))
    if not how.closed:
        return Wired(how.call([wired.within(ATOM)]))
    return Wired(wired.base, (*wired.steps, how.call([HOLE])), wired.prec)


def _mapped(w: Writer, how: Applied, wired: Wired) -> Wired:
    """A layer with one input on each of several tensors."""
    if wired.parts:
        texts = tuple(how.call([part]) for part in wired.parts)
        return Wired(f"({', '.join(texts)})", parts=texts, count=len(texts))
    one = w.helper("one")
    return Wired(f"({how.call([one])} for {one} in {wired.text})", count=wired.count, lazy=True)


def _result(wired: Wired, how: Applied, value: Value) -> Wired:
    if not isinstance(value, Pack):
        return wired
    count = len(value.tensors)
    return Wired(wired.base, wired.steps, wired.prec, (), count, value.outputs, how.nested)


# --- arguments that the engine cannot decide --------------------------------------------------------


def _settled(w: Writer, node: tree.Expression) -> tree.Expression:
    """The layer of a stage, for the engine: an integer that hangs on a choice becomes a size of its own."""
    if not isinstance(node, tree.Call):
        return node
    arguments = tuple(
        tree.Argument(one.start, one.end, one.name, _settled_argument(w, one.value)) for one in node.arguments
    )
    return tree.Call(node.start, node.end, node.function, arguments)


def _settled_argument(w: Writer, node: tree.Expression) -> tree.Expression:
    if isinstance(node, tree.Call):
        return _settled(w, node)
    if not _has_choice(w, node):
        return node
    value = expressions.evaluate(w.frame, node)
    if isinstance(value, bool) or not isinstance(value, int | Poly):
        return _held(w, node, value)
    return _held(w, node, w.stand_in("choice", w.init_scalars.write(node)))


def _has_choice(w: Writer, node: object) -> bool:
    if isinstance(node, tree.Choice):
        return w.init_scalars.fold(node.condition) is None
    if isinstance(node, tree.Node):
        return any(_has_choice(w, value) for value in vars(node).values())
    return isinstance(node, tuple) and any(_has_choice(w, value) for value in node)


# --- assigning --------------------------------------------------------------------------------------

LONG = 92


def assign(w: Writer, statement: tree.Assign) -> None:
    """`y = …` and `a, b = …`."""
    if len(statement.targets) == 1 and _makes(w, statement):
        return
    wired, value = wire(w, statement.value)
    targets = statement.targets
    if len(targets) == 1:
        if isinstance(value, Pack) and value.outputs:
            wired, value = wired.single, value.tensors[0]
        w.frame.names[targets[0].name] = value
        w.declare(targets[0].name, "tensor", "Tensor")
        _assigned(w, w.ident(targets[0].name), wired)
        w.assigned.add(targets[0].name)
        return
    assert isinstance(value, Pack)
    shown: list[str] = []
    for target, tensor in zip(targets, value.tensors, strict=False):
        if target.name == "_":
            shown.append("_")
            continue
        w.frame.names[target.name] = tensor
        w.declare(target.name, "tensor", "Tensor")
        w.assigned.add(target.name)
        shown.append(w.ident(target.name))
    text = wired.text
    if wired.nested:
        text = f"{w.project.flat()}({text})"
    if len(shown) < wired.count:
        shown.extend("_" for _ in range(wired.count - len(shown)))
    if wired.parts:
        text = ", ".join(wired.parts)
    w.forward.append(Line(f"{', '.join(shown)} = {text}"))


def _assigned(w: Writer, ident: str, wired: Wired) -> None:
    """One line, or one for each step where there are many of them."""
    line = f"{ident} = {wired.text}"
    apart = len(wired.steps) > 3 or (len(line) > LONG and len(wired.steps) > 1)
    if not apart or any(re.search(rf"\b{ident}\b", step) for step in wired.steps[1:]):
        if line != f"{ident} = {ident}":
            w.forward.append(Line(line))
        return
    text = wired.steps[0].replace(HOLE, wired.base)
    w.forward.append(Line(f"{ident} = {text}"))
    for step in wired.steps[1:]:
        w.forward.append(Line(f"{ident} = {step.replace(HOLE, ident)}"))


def _makes(w: Writer, statement: tree.Assign) -> bool:
    """`wte = Embedding(vocab, d)`: a layer with inputs, made here and called later."""
    node = statement.value
    function = node.function if isinstance(node, tree.Call) else node
    if not isinstance(function, tree.Name | tree.Attribute) or is_local(w, function):
        return False
    definition = calls.find_definition(w.frame, function)
    if definition is None or definition.layer.signature is None or not definition.layer.signature.inputs:
        return False
    template = calls.find_template(w.frame, function, call_arguments(_settled(w, node)))
    assert template is not None
    target = statement.targets[0]
    instance = calls.make_instance(w.frame, template, target.name, target)
    w.frame.names[target.name] = instance
    slot = Line("")
    slot.sets = f"never called {target.name}"
    w.init.append(slot)
    w.made[id(instance)] = Made(w, w.member(target.name, target, plain=False), node, slot)
    return True


def is_local(w: Writer, node: tree.Expression) -> bool:
    """Whether a name means something in this layer, rather than a layer."""
    return isinstance(node, tree.Name) and node.name in w.frame.names

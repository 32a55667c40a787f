"""One step of a pipe: a layer called on what flows through it."""

from __future__ import annotations

from archspec.algebra import Poly
from archspec.elaborate import calls, expressions
from archspec.elaborate.externals import find_external
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Instance, Pack, Template, Value
from archspec.export.applying import applied
from archspec.export.layer_objects import Applied
from archspec.export.problems import refuse_template
from archspec.export.scalars import ATOM
from archspec.export.wired import HOLE, Wired, held
from archspec.export.writer import Writer
from archspec.syntax import tree


def call_inputless(w: Writer, node: tree.Name | tree.Call | tree.Attribute) -> tuple[Wired, Value]:
    """A layer without inputs is called where it is named."""
    before = len(w.study.calls)
    value = expressions.evaluate(w.frame, settled_layer(w, node))
    made = w.study.calls[before:]
    if not made:
        w.forward_scalars.refuse(node)
    how = applied(w, made[0], node)
    return _result(Wired(how.call([])), how, value), value


def feed(w: Writer, stage: tree.Stage, wired: Wired, value: Value) -> tuple[Wired, Value]:
    """One step of a pipe."""
    written = stage.layer
    target = w.frame.names.get(written.name) if isinstance(written, tree.Name) else None
    settled = tree.Stage(stage.start, stage.end, settled_layer(w, stage.layer), stage.name)
    before = len(w.study.calls)
    result = calls.feed(w.frame, settled, value)
    frames = w.study.calls[before:]
    node: tree.Expression = written
    if isinstance(target, Instance):
        found = w.owner_of(target)
        node = found.call if found is not None else written
    elif isinstance(target, Template):
        refuse_template(w.frame.place(stage), w.frame.layer.name)
    how = applied(w, frames[0], node)
    signature = frames[0].layer.signature
    wanted = (
        1
        if signature is None or not isinstance(value, Tensor | Pack)
        else calls.inputs_wanted(frames[0].definition, value)
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


def settled_layer(w: Writer, node: tree.Expression) -> tree.Expression:
    """The layer of a stage, for the engine: an integer that hangs on a choice becomes a size of its own."""
    if not isinstance(node, tree.Call):
        return node
    arguments = tuple(
        tree.Argument(one.start, one.end, one.name, _settled_argument(w, one.value)) for one in node.arguments
    )
    return tree.Call(node.start, node.end, node.function, arguments)


def _settled_argument(w: Writer, node: tree.Expression) -> tree.Expression:
    if isinstance(node, tree.Call):
        return settled_layer(w, node)
    if not _has_choice(w, node):
        return node
    value = expressions.evaluate(w.frame, node)
    if isinstance(value, bool) or not isinstance(value, int | Poly):
        return held(w, node, value)
    return held(w, node, w.stand_in("choice", w.init_scalars.write(node)))


def _has_choice(w: Writer, node: object) -> bool:
    if isinstance(node, tree.Choice):
        return w.init_scalars.fold(node.condition) is None
    if isinstance(node, tree.Node):
        return any(_has_choice(w, value) for value in vars(node).values())
    return isinstance(node, tuple) and any(_has_choice(w, value) for value in node)

"""Layers that are objects: attributes of the class, called in `forward`."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from dataclasses import dataclass

from archspec.elaborate.frame import Frame
from archspec.export import names
from archspec.export.code import Line
from archspec.export.constructing import construct, formal_arguments, in_callee
from archspec.export.rebuilding import mentions_of
from archspec.export.scalars import Py, Scalars
from archspec.export.spellings import Spelled, inputs_of, made_in
from archspec.export.writer import Made, Writer
from archspec.syntax import tree


@dataclass(frozen=True)
class Applied:
    """call: the Python of the layer on texts of its inputs. nested: it gives tuples of tuples.

    closed: its input stands in parentheses, once, so that it can be any expression.
    """

    call: Callable[[list[str]], str]
    nested: bool = False
    closed: bool = True


def member(w: Writer, callee: Frame, node: tree.Expression, construct_in: Callable[[Writer], Py]) -> str:
    """Make a layer object an attribute, unless that is done: how `forward` refers to it."""
    instance = callee.instance
    found = w.owner_of(instance)
    if found is None:
        attribute = w.member(instance.path.rpartition(".")[2], node, plain=False)
        found = Made(w, attribute, node, turn=w.turn if w.frame.block.sole else "")
        w.made[id(instance)] = found
    if not found.written:
        owner = found.writer
        py = construct_in(owner)
        line = found.slot
        if line is None:
            line = Line("")
            owner.init.append(line)
        line.text, line.uses, line.sets = f"self.{found.attribute} = {py.text}", py.uses, None
        if found.turn:
            line.text = f"self.{found.attribute}.append({py.text})"
        elif keyword.iskeyword(found.attribute):
            line.text = f"self.add_module({names.text(found.attribute)}, {py.text})"
        found.written = True
    return w.reference(found)


def call_composite(w: Writer, callee: Frame, node: tree.Expression) -> Applied:
    """A layer that is a class of the file."""
    built = w.project.composite(callee.definition)
    reference = member(w, callee, node, lambda owner: construct(owner, callee, node))
    # Keras takes only tensors by position.
    by_keyword = w.project.dialect.framework == "keras"
    more, _ = formal_arguments(callee, node, built.runtime, w.forward_scalars, w, by_keyword)
    if built.needs_device:
        more.extend([f"device={w.device()}", f"dtype={w.dtype()}"])
    return Applied(lambda args: f"{reference}({', '.join([*args, *more])})")


def call_around(w: Writer, callee: Frame, node: tree.Expression, binding: tree.Binding, reference: str) -> Applied:
    """A spelling that says itself how its layer object is called: `nn.MultiheadAttention(…)(x, x, x)[0]`."""
    made = made_in(binding, w.project.dialect.framework)
    assert made is not None
    assert binding.call is not None
    inputs = inputs_of(callee.layer)
    others = in_callee(w, callee, node, w.forward_scalars)
    modules = {id(made.calls[0]): reference}
    for more in made.calls[1:]:
        modules[id(more)] = _beside(w, callee, node, more, reference)

    def call(args: list[str]) -> str:
        texts = dict(zip(inputs, args, strict=True))
        for name, text in texts.items():
            if not text.isidentifier() and mentions_of(binding.call, name) > 1:
                texts[name] = w.temporary(text)

        def resolve(name: tree.Name) -> Py:
            return Py(texts[name.name]) if name.name in texts else others(name)

        scalars = Scalars(resolve, callee.definition.source, w.project.policy)
        spelled = Spelled(scalars, callee.definition, w.project.dialect.framework, frozenset(), modules=modules)
        return spelled.write(made.whole).text

    return Applied(call, closed=all(mentions_of(binding.call, name) == 1 for name in inputs))


def _beside(w: Writer, callee: Frame, node: tree.Expression, call: tree.Call, reference: str) -> str:
    """Make another layer object of a spelling, beside the main one: `conv_zero_padding2_d`."""
    assert isinstance(call.function, tree.Attribute)
    attribute = f"{reference.rpartition('.')[2]}_{names.snake(call.function.name)}"
    if attribute not in w.attributes:
        scalars = Scalars(in_callee(w, callee, node, w.init_scalars), callee.definition.source, w.project.policy)
        py = Spelled(scalars, callee.definition, w.project.dialect.framework, frozenset(), made=call).write(call)
        w.init.append(Line(f"self.{w.member(attribute, node)} = {py.text}", py.uses))
    return f"self.{attribute}"

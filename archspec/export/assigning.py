"""Assignments: `y = …`, `a, b = …`, and layers that are made first and called later."""

from __future__ import annotations

import re

from archspec.elaborate import calls
from archspec.elaborate.values import Pack
from archspec.export.code import Line
from archspec.export.pipes import settled_layer
from archspec.export.wired import HOLE, Wired
from archspec.export.wiring import wire
from archspec.export.writer import Made, Writer, call_arguments
from archspec.syntax import tree

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
    template = calls.find_template(w.frame, function, call_arguments(settled_layer(w, node)))
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

"""Naming, making and calling layers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import cast

from archspec.algebra import Poly
from archspec.elaborate import expressions, layers
from archspec.elaborate.bounds import at_bound
from archspec.elaborate.externals import find_external
from archspec.elaborate.frame import MAX_DEPTH, Frame
from archspec.elaborate.program import Tensor
from archspec.elaborate.values import Block, Definition, Instance, Pack, Template, Value, describe, exactly
from archspec.elaborate.wiring import axes_named
from archspec.errors.diagnostic import Note
from archspec.errors.suggest import did_you_mean
from archspec.syntax import tree


def find_definition(frame: Frame, node: tree.Expression) -> Definition | None:
    """The layer that a name (or `alias.name`) means in the file where it stands."""
    scope = frame.definition.scope
    if isinstance(node, tree.Attribute) and isinstance(node.value, tree.Name):
        scope_of_alias = scope.aliases.get(node.value.name)
        if scope_of_alias is None or node.value.name in frame.names:
            return None
        found = scope_of_alias.lookup(node.name)
    elif isinstance(node, tree.Name):
        found = scope.lookup(node.name)
    else:
        return None
    if found is None or not isinstance(found[0], tree.Layer):
        return None
    return Definition(found[0], found[1], found[2])


def suggest_layer(frame: Frame, name: str) -> str | None:
    """The layer whose name is nearest to a wrong one."""
    return did_you_mean(name, [*frame.definition.scope.names(), *frame.names])


def find_template(frame: Frame, node: tree.Expression, arguments: Sequence[tree.Argument]) -> Template | None:
    """The template that an expression names, with arguments bound; None if it names no layer."""
    if isinstance(node, tree.Name) and node.name in frame.names:
        value = frame.lookup(node, node.name)
        if isinstance(value, Template):
            return _with_arguments(frame, value, node, arguments)
        return None
    definition = find_definition(frame, node)
    if definition is None:
        return None
    return Template(definition, bind_arguments(frame, node, definition, arguments), node, frame)


def _with_arguments(
    frame: Frame, template: Template, node: tree.Expression, arguments: Sequence[tree.Argument]
) -> Template:
    if not arguments:
        return template
    more = bind_arguments(frame, node, template.definition, arguments)
    return Template(template.definition, {**template.arguments, **more}, template.node, template.frame)


def bind_arguments(
    frame: Frame, node: tree.Node, definition: Definition, arguments: Sequence[tree.Argument]
) -> dict[str, Value]:
    """Arguments by name: position and kind checked. Which ones are missing is checked at the call."""
    formals = definition.layer.formals
    names = [formal.name for formal in formals]
    bound: dict[str, Value] = {}
    layer = definition.layer.name
    for position, argument in enumerate(arguments):
        if argument.name is None:
            if position >= len(formals):
                frame.fault(argument, "too-many-arguments", layer=layer, most=len(formals))
            name = names[position]
        else:
            name = argument.name
            if name not in names:
                frame.fault(argument, "unknown-argument", layer=layer, name=name, fix=did_you_mean(name, names))
        if name in bound:
            frame.fault(argument, "argument-twice", layer=layer, name=name)
        value = argument_value(frame, argument.value)
        formal = formals[names.index(name)]
        check_kind(frame, argument, formal, value, definition.layer)
        bound[name] = value
    return bound


def argument_value(frame: Frame, node: tree.Expression) -> Value:
    """The value of an argument; a layer stands for its template."""
    if isinstance(node, tree.Name) and node.name not in frame.names:
        definition = find_definition(frame, node)
        if definition is not None:
            return Template(definition, {}, node, frame)
    return expressions.evaluate(frame, node)


def kind_of(formal: tree.Formal, layer: tree.Layer | None = None) -> str | None:
    """The kind of a parameter: as written, or as its default shows, or as its layer uses it."""
    if formal.kind is not None:
        return formal.kind
    default = formal.default
    if default is None and layer is not None and formal.name in axes_named(layer):
        return "dim"
    if isinstance(default, tree.Flag):
        return "flag"
    if isinstance(default, tree.Text):
        return "text"
    if isinstance(default, tree.ListLiteral):
        return "list"
    if isinstance(default, tree.Unary) and isinstance(default.operand, tree.Number):
        return "int" if isinstance(default.operand.value, int) else "real"
    if isinstance(default, tree.Number):
        if isinstance(default.value, Fraction):
            return "real"
        return "dim" if default.value > 0 else "nat"
    return None


KINDS = {
    "dim": "a positive integer",
    "nat": "an integer, 0 or more",
    "int": "an integer",
    "real": "a number",
    "flag": "true or false",
    "text": "a text",
    "list": "a list",
    "layer": "a layer",
    "dims": "a positive integer, or a list of them",
}


def fits(kind: str | None, value: Value) -> bool:
    """Whether a value is of a kind."""
    if kind is None:
        return True
    if kind == "flag":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind in ("dim", "nat", "int"):
        value = at_bound(value) if isinstance(value, Poly) else value
        least = {"dim": 1, "nat": 0}.get(kind)
        return isinstance(value, Poly) or (isinstance(value, int) and (least is None or value >= least))
    if kind == "dims":
        entries = value if isinstance(value, tuple) else (value,)
        return all(isinstance(entry, Poly) or (isinstance(entry, int) and entry >= 0) for entry in entries)
    if kind == "real":
        return isinstance(value, int | Fraction | Poly)
    if kind == "text":
        return isinstance(value, str)
    if kind == "list":
        return isinstance(value, tuple)
    return isinstance(value, Template | Instance) if kind == "layer" else True


def check_kind(frame: Frame, node: tree.Node, formal: tree.Formal, value: Value, layer: tree.Layer) -> None:
    """Report an argument that is not of the kind of its parameter."""
    kind = kind_of(formal, layer)
    if fits(kind, value):
        return
    frame.fault(
        node,
        "wrong-kind",
        layer=layer.name,
        name=formal.name,
        kind=KINDS.get(kind or "", kind),
        found=exactly(at_bound(value) if isinstance(value, Poly) else value),
    )


# --- making -----------------------------------------------------------------------------------------


def make_instance(frame: Frame, template: Template, name: str | None, node: tree.Node) -> Instance:
    """Make a layer in the block of a frame, or find it there when the block is entered again."""
    block = frame.block
    definition = template.definition
    name = _choose_name(frame, block, definition, name, node)
    block.used[name] = node
    made = block.children.get(name)
    if made is not None and made.definition.layer is definition.layer:
        made.arguments = template.arguments  # a shared layer called again: what hangs on its inputs is other now
        return made
    path = block.prefix if block.sole else block.path(name)
    instance = Instance(definition, template.arguments, path, Block(path, block.loops, numbers=block.numbers))
    block.children[name] = instance
    return instance


def _choose_name(frame: Frame, block: Block, definition: Definition, name: str | None, node: tree.Node) -> str:
    if name is not None:
        if name in block.used:
            first = block.used[name]
            notes = (Note("the first one is here", frame.place(first)),) if first is not None else ()
            frame.fault(
                node, "duplicate-instance", name=name, notes=notes, fix="give one of them another name with `as`"
            )
        return name
    stem = definition.layer.name.lower()
    if stem not in block.used:
        return stem
    number = block.counters.get(stem, 0) + 1
    while f"{stem}_{number}" in block.used:
        number += 1
    block.counters[stem] = number
    return f"{stem}_{number}"


# --- calling ----------------------------------------------------------------------------------------


def feed(frame: Frame, stage: tree.Stage, value: Value) -> Value:
    """One step of a pipe."""
    target = _stage_target(frame, stage)
    if not isinstance(value, Tensor | Pack):
        frame.fault(stage, "not-a-tensor", found=describe(value))
    layer = target.definition.layer
    tensors = value.tensors if isinstance(value, Pack) else (value,)
    external = find_external(target.definition)
    if external is not None and external.variadic:
        return call_instance(frame, _made(frame, target, stage), tensors, stage)
    wanted = inputs_wanted(target.definition, value)
    if len(tensors) != wanted and isinstance(value, Pack):
        if value.outputs and wanted < len(tensors):
            tensors = tensors[:wanted]
        elif wanted == 1:
            return _map(frame, target, tensors, stage)
    if len(tensors) != wanted:
        frame.fault(stage, "wrong-input-count", layer=layer.name, wanted=wanted, found=len(tensors))
    return call_instance(frame, _made(frame, target, stage), tensors, stage)


def inputs_wanted(definition: Definition, value: Tensor | Pack) -> int:
    """How many inputs a layer takes of what it is fed: all that it declares, unless the last ones are left off."""
    signature = definition.layer.signature
    declared = len(signature.inputs) if signature is not None else 1
    external = find_external(definition)
    complete = isinstance(value, Pack) and not value.outputs and len(value.tensors) == declared
    return declared if external is None or complete else declared - external.optional


def _stage_target(frame: Frame, stage: tree.Stage) -> Template | Instance:
    node = stage.layer
    function, arguments = (node.function, node.arguments) if isinstance(node, tree.Call) else (node, ())
    if isinstance(function, tree.Name) and function.name in frame.names:
        value = frame.lookup(function, function.name)
        if isinstance(value, Instance):
            if stage.name is not None or arguments:
                frame.fault(stage, "instance-has-name", name=function.name)
            return value
    template = find_template(frame, function, arguments)
    if template is not None:
        return template
    if isinstance(function, tree.Name | tree.Attribute):
        name = function.name
        if isinstance(function, tree.Name) and name in frame.names:
            frame.fault(stage, "not-a-layer", name=name, found=describe(frame.names[name]))
        frame.fault(function, "unknown-layer", name=name, fix=suggest_layer(frame, name))
    value = expressions.evaluate(frame, node)
    if isinstance(value, Template | Instance):
        return value
    frame.fault(stage, "not-a-layer", name="this", found=describe(value))


def _made(frame: Frame, target: Template | Instance, stage: tree.Stage) -> Instance:
    return target if isinstance(target, Instance) else make_instance(frame, target, stage.name, stage)


def _map(frame: Frame, target: Template | Instance, tensors: tuple[Tensor, ...], stage: tree.Stage) -> Value:
    """A tuple into a layer with one input: once for each, if it has no parameters to share by accident."""
    instance = _made(frame, target, stage)
    results: list[Tensor] = []
    for tensor in tensors:
        result = call_instance(frame, instance, (tensor,), stage)
        if layers.has_parameters(instance.block):
            frame.fault(stage, "maps-parameters", layer=instance.definition.layer.name, count=len(tensors))
        if isinstance(result, Pack):
            result = result.tensors[0]
        results.append(cast(Tensor, result))
    return Pack(tuple(results))


def call_if_inputless(frame: Frame, template: Template, node: tree.Node) -> Value:
    """A layer without inputs is called where it is named; any other stays a template."""
    layer = template.definition.layer
    if layer.external or layer.signature is None or layer.signature.inputs:
        return template
    return call_instance(frame, make_instance(frame, template, None, node), (), node)


def call_library(
    frame: Frame, node: tree.Node, name: str, tensors: tuple[Tensor, ...], arguments: dict[str, Value]
) -> Value:
    """Call a layer of the library that stands behind an operator."""
    found = frame.definition.scope.library_lookup(name)
    if found is None or not isinstance(found[0], tree.Layer):
        frame.fault(node, "unknown-layer", name=name)
    definition = Definition(found[0], found[1], found[2])
    formals = {formal.name for formal in definition.layer.formals}
    known = {key: value for key, value in arguments.items() if key in formals}
    instance = make_instance(frame, Template(definition, known, node, frame), None, node)
    return call_instance(frame, instance, tensors, node)


def call_instance(frame: Frame, instance: Instance, tensors: tuple[Tensor, ...], node: tree.Node) -> Value:
    """Call a made layer on tensors."""
    context = frame.context
    frame.step(node)
    if frame.depth >= MAX_DEPTH:
        frame.stop(node, "too-deep-calls", limit=MAX_DEPTH)
    callee = Frame(context, instance.definition, instance, frame, node, frame.depth + 1)
    callee.block.used.clear()
    callee.block.counters.clear()
    result = (context.run or layers.run)(callee, tensors)
    instance.called = True
    return result

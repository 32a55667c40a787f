"""One layer or model of a file: its parameters, its signature, its body, and what of them is never used."""

from __future__ import annotations

from archspec.check.bodies import Body
from archspec.check.expressions import Expressions
from archspec.check.names import TENSOR, Known, Names
from archspec.check.reporter import Reporter
from archspec.check.signatures import Signatures
from archspec.elaborate.externals import EXTERNALS
from archspec.errors.diagnostic import Note
from archspec.scope import is_primitive
from archspec.syntax import tree


def check_layer(reporter: Reporter, layer: tree.Layer) -> None:
    """Report what is wrong with a layer, whatever calls it."""
    before = reporter.errors
    names = Names()
    signatures = Signatures(reporter, Expressions(reporter, names))
    signatures.formals(layer)
    if layer.signature is None:
        fix = "begin it with what it takes and gives, such as `x[B, d] -> y[B, d]`"
        reporter.error_at(reporter.place(layer.name_start, layer.name_end), "no-signature", name=layer.name, fix=fix)
        return
    signatures.inputs(layer.signature)
    if layer.external:
        _external(reporter, layer)
        return
    unwired = _forgotten_outputs(reporter, layer)
    primitive = is_primitive(layer) and not unwired
    body = Body(reporter, layer, signatures, primitive=primitive)
    if primitive:  # the axes of its outputs may be named by `where` statements
        for declared in layer.signature.outputs:
            if names.peek(declared.name) is None:
                names.bind(declared.name, Known("an output", TENSOR, False, declared))
        body.run(layer.body)
        signatures.outputs(layer.signature, primitive=True)
        _backward(reporter, layer)
    else:
        signatures.outputs(layer.signature, primitive=False)
        body.run(layer.body)
    if not primitive and not unwired:
        _outputs_assigned(reporter, layer, body)
        body.instances.check_ties()
    if reporter.errors == before:  # what seems unused may be what a wrong name was meant to be
        _unused(reporter, layer, names)


def _external(reporter: Reporter, layer: tree.Layer) -> None:
    if layer.name in EXTERNALS and reporter.scope.is_layer_library:
        return
    place = reporter.place(layer.name_start, layer.name_end)
    reporter.error_at(place, "unknown-external", name=layer.name, fix="write it as a `layer`, of other layers")


def _forgotten_outputs(reporter: Reporter, layer: tree.Layer) -> bool:
    """A body that assigns, but none of the outputs, was meant to be a composite."""
    assert layer.signature is not None
    first = _first_assignment(layer.body)
    if first is None or not is_primitive(layer):
        return False
    assigned = [target.name for target in first.targets]
    for declared in layer.signature.outputs:
        place = reporter.place(declared.start, declared.end)
        note = reporter.note(
            "what is assigned has another name", tree.Name(first.targets[0].start, first.targets[-1].end, "")
        )
        fix = reporter.suggest(declared.name, assigned) or f"assign it: `{declared.name} = …`"
        reporter.error_at(place, "output-not-assigned", layer=layer.name, name=declared.name, notes=(note,), fix=fix)
    return True


def _first_assignment(body: tuple[tree.Statement, ...]) -> tree.Assign | None:
    for statement in body:
        found = None
        if isinstance(statement, tree.Assign):
            found = statement
        elif isinstance(statement, tree.Repeat | tree.Each):
            found = _first_assignment(statement.body)
        elif isinstance(statement, tree.If):
            found = _first_assignment(statement.then + statement.other)
        if found is not None:
            return found
    return None


def _outputs_assigned(reporter: Reporter, layer: tree.Layer, body: Body) -> None:
    assert layer.signature is not None
    for declared in layer.signature.outputs:
        known = body.assigned.get(declared.name)
        if known is not None and not known.lost:
            continue
        notes: tuple[Note, ...] = ()
        fix = f"assign it: `{declared.name} = …`"
        if known is not None:
            assert isinstance(known.node, tree.Repeat)
            loop = tree.Name(known.node.start, known.node.count.end, "")
            notes = (
                reporter.note(
                    f"what is first assigned in a `repeat`, as `{declared.name}` is here, is local to it", loop
                ),
            )
            fix = f"assign `{declared.name}` before the loop"
        reporter.error(declared, "output-not-assigned", layer=layer.name, name=declared.name, notes=notes, fix=fix)


def _backward(reporter: Reporter, layer: tree.Layer) -> None:
    """The cost of the backward pass follows from `save … for u`; without one it must be written."""
    flops: tree.FlopsDecl | None = None
    for statement in _flat(layer.body):
        if isinstance(statement, tree.Save) and statement.targets:
            return
        if isinstance(statement, tree.FlopsDecl):
            if statement.kind == "backward":
                return
            flops = flops or (statement if statement.kind == "flops" else None)
    if flops is not None and flops.value != tree.Number(flops.value.start, flops.value.end, 0, "0"):
        fix = "say whose gradients take a product each, `save … for …`, or write `backward …`"
        reporter.error(flops, "flops-without-backward", layer=layer.name, fix=fix)


def _flat(body: tuple[tree.Statement, ...]) -> list[tree.Statement]:
    found: list[tree.Statement] = []
    for statement in body:
        found.append(statement)
        if isinstance(statement, tree.If):
            found.extend(_flat(statement.then + statement.other))
    return found


def _unused(reporter: Reporter, layer: tree.Layer, names: Names) -> None:
    """Parameters and `where` names that nothing asks for."""
    for formal in layer.formals:
        if formal.name not in names.used and not formal.name.startswith("_"):
            place = reporter.place(formal.start, formal.start + len(formal.name))
            reporter.warning_at(place, "unused-parameter", layer=layer.name, name=formal.name)
    for statement in _wheres(layer.body):
        if statement.name not in names.used:
            place = reporter.word_place(statement.name, statement.start + len("where"), statement.value.start)
            reporter.warning_at(place, "unused-where", name=statement.name)


def _wheres(body: tuple[tree.Statement, ...]) -> list[tree.Where]:
    found: list[tree.Where] = []
    for statement in body:
        if isinstance(statement, tree.Where):
            found.append(statement)
        elif isinstance(statement, tree.Repeat | tree.Each):
            found.extend(_wheres(statement.body))
        elif isinstance(statement, tree.If):
            found.extend(_wheres(statement.then + statement.other))
    return found

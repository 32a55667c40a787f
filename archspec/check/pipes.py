"""Pipes: each stage a layer, with the arguments that it needs and as many tensors as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.check.arguments import check_arguments, check_missing
from archspec.check.names import LAYER, TENSOR, UNKNOWN, Known, Sort, tensors
from archspec.errors.diagnostic import Note
from archspec.scope import Definition
from archspec.syntax import tree
from archspec.syntax.source import Place

if TYPE_CHECKING:
    from archspec.check.expressions import Expressions


def pipe(checks: Expressions, node: tree.Pipe) -> Sort:
    """Check a pipe, stage by stage."""
    sort = checks.check(node.value)
    if sort.word and not sort.is_tensor:
        checks.reporter.error(node.value, "not-a-tensor", found=sort.words)
        sort = UNKNOWN
    for stage in node.stages:
        sort = _stage(checks, stage, sort)
    return sort


def _stage(checks: Expressions, stage: tree.Stage, fed: Sort) -> Sort:
    checks.stages.append(stage)
    node = stage.layer
    function, arguments = (node.function, node.arguments) if isinstance(node, tree.Call) else (node, ())
    sorts = [checks.check(argument.value).word for argument in arguments]
    known = checks.names.get(function.name) if isinstance(function, tree.Name) else None
    if known is not None:
        return _known_stage(checks, stage, known, bool(arguments), fed)
    if isinstance(node, tree.Index | tree.Slice):
        checks.check(node)
        return UNKNOWN
    if not isinstance(function, tree.Name | tree.Attribute):
        sort = checks.check(node)
        if sort.word and sort.word != LAYER.word:
            checks.reporter.error(node, "not-a-layer", name=_written(checks, node), found=sort.words)
        return UNKNOWN
    found = checks.layer(function)
    if found is None:
        checks.unknown_layer(function)
        return UNKNOWN
    assert isinstance(found.node, tree.Layer)
    given = check_arguments(checks.reporter, found.node, arguments, sorts)
    check_missing(checks.reporter, node, found, given)
    return _fed(checks, stage, found, fed)


def _written(checks: Expressions, node: tree.Node) -> str:
    return checks.reporter.scope.source.text[node.start : node.end]


def _known_stage(checks: Expressions, stage: tree.Stage, known: Known, called: bool, fed: Sort) -> Sort:
    """A stage that is a name in scope: an instance, a layer given as a parameter, an entry of a list."""
    name = stage.layer.function.name if isinstance(stage.layer, tree.Call) else stage.layer.name  # type: ignore[union-attr]  # it is a name, the caller looked
    if known.sort.layer is not None:
        if stage.name is not None or called:
            checks.used_again(stage, name, known)
        return _fed(checks, stage, known.sort.layer, fed)
    if known.sort.word and known.sort.word != LAYER.word:
        checks.reporter.error(stage.layer, "not-a-layer", name=name, found=known.sort.words)
    return UNKNOWN


def _fed(checks: Expressions, stage: tree.Stage, found: Definition, fed: Sort) -> Sort:
    """What a layer gives for what is fed to it."""
    layer = found.node
    assert isinstance(layer, tree.Layer)
    if layer.external:
        return TENSOR if layer.name in ("Concat", "Cast", "Bank") else UNKNOWN
    if layer.signature is None:
        return UNKNOWN
    wanted, outputs = len(layer.signature.inputs), len(layer.signature.outputs)
    if not fed.word or fed.number is None or fed.number == wanted or (fed.outputs and wanted < fed.number):
        # A tuple of unknown length may be mapped, and then gives as many.
        return tensors(outputs, outputs=True) if fed.word and fed.number is not None else UNKNOWN
    if wanted == 1 and not fed.outputs:
        return tensors(fed.number)
    signature = Place(found.source, layer.signature.start, layer.signature.end)
    declared = Note(f"the signature of `{layer.name}`", signature)
    checks.reporter.error(
        stage.layer, "wrong-input-count", layer=layer.name, wanted=wanted, found=fed.number, notes=(declared,)
    )
    return UNKNOWN

"""Arguments of a call of a layer: known, not twice, not too many, of the right kind, none missing."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.check.reporter import Reporter
from archspec.elaborate.calls import KINDS, fits, kind_of
from archspec.elaborate.values import exactly
from archspec.errors.diagnostic import Note
from archspec.scope import Definition
from archspec.syntax import tree
from archspec.syntax.source import Place

_KIND_OF_SORT = {
    "an integer": ("dim", "nat", "int", "real", "dims"),
    "a real number": ("real",),
    "a flag": ("flag",),
    "a text": ("text",),
    "a list": ("list", "dims"),
    "a tensor": (),
    "tensors": (),
    "a layer": ("layer",),
}
"""Which kinds of parameters a value of a sort may be given to."""


def check_arguments(
    reporter: Reporter, layer: tree.Layer, arguments: Sequence[tree.Argument], sorts: Sequence[str]
) -> set[str]:
    """Report what is wrong with the arguments of a call; the names of the parameters that they give.

    sorts: what each argument is, as `Sort.word` says it.
    """
    formals = {formal.name: formal for formal in layer.formals}
    names = list(formals)
    given: set[str] = set()
    seen: set[str] = set()
    for position, (argument, sort) in enumerate(zip(arguments, sorts, strict=True)):
        name = argument.name
        if name is None:
            if position >= len(names):
                reporter.error(argument, "too-many-arguments", layer=layer.name, most=len(names))
                continue
            name = names[position]
        elif name not in formals:
            place = reporter.place(argument.start, argument.start + len(name))
            fix = reporter.suggest(name, names)
            reporter.error_at(place, "unknown-argument", layer=layer.name, name=name, fix=fix)
            given.update(names)  # what seems missing may be what this one was meant to be
            continue
        if name in seen:
            reporter.error(argument, "argument-twice", layer=layer.name, name=name)
            continue
        seen.add(name)
        check_kind(reporter, argument, argument.value, formals[name], layer, sort)
    return given | seen


def check_kind(
    reporter: Reporter, node: tree.Node, value: tree.Expression, formal: tree.Formal, layer: tree.Layer, sort: str
) -> None:
    """Report a value that cannot be of the kind of a parameter."""
    kind = kind_of(formal, layer)
    if kind not in KINDS:
        return
    found: str
    if isinstance(value, tree.Number | tree.Text | tree.Flag):
        if fits(kind, value.value):
            return
        found = exactly(value.value)
    elif sort and kind not in _KIND_OF_SORT.get(sort, KINDS):
        found = sort
    else:
        return
    reporter.error(node, "wrong-kind", layer=layer.name, name=formal.name, kind=KINDS[kind], found=found)


def check_missing(reporter: Reporter, node: tree.Node, found: Definition, given: set[str]) -> None:
    """Report a parameter without default that a call does not give."""
    assert isinstance(found.node, tree.Layer)
    for formal in found.node.formals:
        if formal.default is None and formal.name not in given:
            declared = Note(f"`{formal.name}` is declared here", Place(found.source, formal.start, formal.end))
            reporter.error(node, "missing-argument", layer=found.node.name, name=formal.name, notes=(declared,))
            return

"""From what a person names (a file, `FILE:NAME`, a name of the zoo, a text) to a model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from archspec.elaborate import calls
from archspec.elaborate.frame import Context, Fault, Frame
from archspec.elaborate.values import Block, Definition, Instance, Value
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.errors.suggest import did_you_mean
from archspec.model import Model
from archspec.policy import Policy
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.scope import FileScope


def load(spec: str) -> Model:
    """Load a model: a file (its only model), `FILE:NAME`, or the name of a model, variant or layer of the library.

    Raises `SpecError` with every error found in the file.
    """
    path, colon, name = spec.rpartition(":")
    if colon and (path.endswith(".arch") or os.path.isfile(path)) and not os.path.isfile(spec):
        return _load_path(path, name)
    if spec.endswith(".arch") or os.path.sep in spec or os.path.isfile(spec):
        return _load_path(spec, None)
    from archspec.library import standard

    library = standard()
    diagnostics = Diagnostics()
    found = library.find(spec)
    if found is None:
        for diagnostic in library.diagnostics:
            diagnostics.add(diagnostic)
        names = [*library.names("model"), *library.names("variant")]
        diagnostics.error("unknown-model", None, name=spec, fix=did_you_mean(spec, names))
        raise SpecError(list(diagnostics))
    return make_model(found.scope, spec, diagnostics)


def load_text(text: str, name: str | None = None, files: dict[str, str] | None = None) -> Model:
    """Load a model from a text: its only model, or the one named. `files`: other texts that it may use, by path."""
    from archspec.scope import load_text as load_scope

    diagnostics = Diagnostics()
    scope = load_scope(text, diagnostics, files=files)
    return _pick(scope, name, diagnostics)


def _load_path(path: str, name: str | None) -> Model:
    from archspec.scope import load_file

    diagnostics = Diagnostics()
    scope = load_file(path, diagnostics)
    if scope is None:
        raise SpecError(list(diagnostics))
    return _pick(scope, name, diagnostics)


def _pick(scope: FileScope, name: str | None, diagnostics: Diagnostics) -> Model:
    if diagnostics.errors:
        raise SpecError(list(diagnostics))
    if name is None:
        models = [
            item.name for item in scope.file.items if isinstance(item, tree.Layer) and item.keyword == "model"
        ]
        if len(models) != 1:
            kind = "which-model" if models else "no-model"
            diagnostics.error(kind, None, file=scope.source.name, names=", ".join(models))
            raise SpecError(list(diagnostics))
        name = models[0]
    if scope.lookup(name) is None:
        diagnostics.error("unknown-model", None, name=name, fix=did_you_mean(name, scope.definitions))
        raise SpecError(list(diagnostics))
    return make_model(scope, name, diagnostics)


def make_model(scope: FileScope, name: str, diagnostics: Diagnostics) -> Model:
    """The model, variant or layer of a name in a scope. Raises `SpecError`."""
    defaults: dict[str, Value] = {}
    found = scope.lookup(name)
    seen: list[str] = []
    doc: str | None = None
    while found is not None and isinstance(found[0], tree.Variant):
        variant = found[0]
        if variant.name in seen:
            place = _place(found, variant)
            diagnostics.error("variant-circle", place, name=variant.name)
            raise SpecError(list(diagnostics))
        seen.append(variant.name)
        target = _target(found[2], variant)
        base = target
        while base is not None and isinstance(base[0], tree.Variant) and base[0].name not in seen:
            base = _target(base[2], base[0])
        if base is None or not isinstance(base[0], tree.Layer):
            place = _place(found, variant.call)
            diagnostics.error("unknown-model", place, name=_callee(variant), fix=did_you_mean(_callee(variant), scope.names()))
            raise SpecError(list(diagnostics))
        defaults = {**_arguments(Definition(base[0], base[1], base[2]), found, variant, diagnostics), **defaults}
        found = target
    assert found is not None and isinstance(found[0], tree.Layer)
    return Model(name, Definition(found[0], found[1], found[2]), defaults, doc or found[0].doc)


def _place(found: tuple[object, object, object], node: tree.Node):  # type: ignore[no-untyped-def]
    from archspec.syntax.source import Place, Source

    assert isinstance(found[1], Source)
    return Place(found[1], node.start, node.end)


def _callee(variant: tree.Variant) -> str:
    function = variant.call.function
    return function.name if isinstance(function, tree.Name | tree.Attribute) else "this"


def _target(scope: FileScope, variant: tree.Variant):  # type: ignore[no-untyped-def]
    function = variant.call.function
    if isinstance(function, tree.Attribute) and isinstance(function.value, tree.Name):
        alias = scope.aliases.get(function.value.name)
        return None if alias is None else alias.lookup(function.name)
    return scope.lookup(function.name) if isinstance(function, tree.Name) else None


def _arguments(base: Definition, found: tuple[object, ...], variant: tree.Variant, diagnostics: Diagnostics) -> dict[str, Value]:
    """The arguments of a variant, evaluated where it stands."""
    source, scope = found[1], found[2]
    context = Context(Policy(), diagnostics)
    shell = tree.Layer(variant.start, variant.end, "model", False, variant.name, (), None, None, (), variant.start, variant.end)
    definition = Definition(shell, source, scope)  # type: ignore[arg-type]
    frame = Frame(context, definition, Instance(definition, {}, "", Block("", ())), None, None, 0)
    try:
        bound = calls.bind_arguments(frame, variant.call, base, variant.call.arguments)
    except Fault:
        raise SpecError(list(diagnostics)) from None
    if diagnostics.errors:
        raise SpecError(list(diagnostics))
    return bound

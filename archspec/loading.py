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
from archspec.syntax.source import Place

if TYPE_CHECKING:
    from archspec.scope import Definition as Found
    from archspec.scope import FileScope


def load(spec: str, plan: str | None = None) -> Model:
    """Load a model: a file (its only model), `FILE:NAME`, or the name of a model, variant or layer of the library.

    A file without a model of its own means its only variant.
    plan: a plan of that file, under which the model is sized where nothing else is said. A file without a model of its
    own, or `FILE:PLAN`, means the model that the plan is for. Raises `SpecError` with every error found in the file.
    """
    return _load(spec) if plan is None else load_with_plan(spec, plan)


def _load(spec: str) -> Model:
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


def load_with_plan(spec: str, plan: str) -> Model:
    """A model under a plan of its file. Raises `SpecError`."""
    from archspec.plan import apply_plan
    from archspec.scope import load_file

    path, colon, name = spec.rpartition(":")
    if not colon or os.path.isfile(spec):
        path, name = spec, ""
    diagnostics = Diagnostics()
    scope = load_file(path, diagnostics) if os.path.isfile(path) else None
    found = _plan(scope, plan, diagnostics)
    if scope is None or found is None or diagnostics.errors:
        raise SpecError(list(diagnostics))
    own = [item for item in scope.file.items if isinstance(item, tree.Layer) and item.keyword == "model"]
    model = _pick(scope, name, diagnostics) if name else _load(path) if own else _planned_for(scope, found, diagnostics)
    model.base = apply_plan(found, scope.source, model.base, diagnostics)
    if diagnostics.errors:
        raise SpecError(list(diagnostics))
    return model


def _plan(scope: FileScope | None, name: str, diagnostics: Diagnostics) -> tree.Plan | None:
    plans = {item.name: item for item in scope.file.items if isinstance(item, tree.Plan)} if scope is not None else {}
    if name not in plans:
        where = f"`{scope.source.name}`" if scope is not None else "a model of the zoo"
        diagnostics.error("no-such-plan", None, name=name, file=where, fix=did_you_mean(name, plans))
    return plans.get(name)


def _planned_for(scope: FileScope, plan: tree.Plan, diagnostics: Diagnostics) -> Model:
    """The model that a plan is for."""
    target = plan.target
    if isinstance(target, tree.Attribute) and isinstance(target.value, tree.Name):
        alias = scope.aliases.get(target.value.name)
        found, name = (None if alias is None else alias.lookup(target.name)), target.name
    else:
        assert isinstance(target, tree.Name), "the grammar has dotted names of one or two parts here"
        found, name = scope.lookup(target.name), target.name
    if found is None:
        place = Place(scope.source, target.start, target.end)
        diagnostics.error("unknown-model", place, name=name, fix=did_you_mean(name, scope.names()))
        raise SpecError(list(diagnostics))
    return make_model(found.scope, name, diagnostics)


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
        models = [item.name for item in scope.file.items if isinstance(item, tree.Layer) and item.keyword == "model"]
        variants = [item.name for item in scope.file.items if isinstance(item, tree.Variant)]
        if not models and len(variants) == 1:
            models = variants
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
    layer, variants = _resolve(scope, name, diagnostics)
    defaults: dict[str, Value] = {}
    for variant in reversed(variants):  # the model's nearest first: what is said later counts
        defaults.update(_arguments(layer, variant, diagnostics))
    model = Model(name, layer, defaults, layer.layer.doc)
    model.find = lambda other: _find(scope, other)
    return model


def _find(scope: FileScope, name: str) -> Model:
    """Another model, as it is called where a model stands."""
    diagnostics = Diagnostics()
    if scope.lookup(name) is None:
        diagnostics.error("unknown-model", None, name=name, fix=did_you_mean(name, scope.names()))
        raise SpecError(list(diagnostics))
    return make_model(scope, name, diagnostics)


def _resolve(scope: FileScope, name: str, diagnostics: Diagnostics) -> tuple[Definition, list[Found]]:
    """The layer that a name stands for, and the variants on the way to it, the named one first."""
    variants: list[Found] = []
    found = scope.lookup(name)
    while found is not None and isinstance(found.node, tree.Variant):
        if any(found.node is variant.node for variant in variants):
            diagnostics.error("variant-circle", _place(found, found.node), name=found.node.name)
            raise SpecError(list(diagnostics))
        variants.append(found)
        found = _target(found.scope, found.node)
    if found is None or not isinstance(found.node, tree.Layer):
        last = variants[-1]
        assert isinstance(last.node, tree.Variant)
        named = last.node.call.function
        callee = named.name if isinstance(named, tree.Name | tree.Attribute) else "this"
        place = _place(last, last.node.call)
        diagnostics.error("unknown-model", place, name=callee, fix=did_you_mean(callee, last.scope.names()))
        raise SpecError(list(diagnostics))
    return Definition(found.node, found.source, found.scope), variants


def _place(found: Found, node: tree.Node) -> Place:
    return Place(found.source, node.start, node.end)


def _target(scope: FileScope, variant: tree.Variant) -> Found | None:
    """What a variant is a variant of."""
    function = variant.call.function
    if isinstance(function, tree.Attribute) and isinstance(function.value, tree.Name):
        alias = scope.aliases.get(function.value.name)
        return None if alias is None else alias.lookup(function.name)
    return scope.lookup(function.name) if isinstance(function, tree.Name) else None


def _arguments(layer: Definition, found: Found, diagnostics: Diagnostics) -> dict[str, Value]:
    """The arguments of a variant, evaluated where it stands."""
    variant = found.node
    assert isinstance(variant, tree.Variant)
    shell = tree.Layer(
        variant.start, variant.end, "model", False, variant.name, (), None, None, (), variant.start, variant.end
    )
    definition = Definition(shell, found.source, found.scope)
    instance = Instance(definition, {}, "", Block("", ()))
    frame = Frame(Context(Policy(), diagnostics), definition, instance, None, None, 0)
    try:
        bound = calls.bind_arguments(frame, variant.call, layer, variant.call.arguments)
    except Fault:
        raise SpecError(list(diagnostics)) from None
    if diagnostics.errors:
        raise SpecError(list(diagnostics))
    return bound

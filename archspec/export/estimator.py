"""A model as an estimator of scikit-learn: one call, which its `sklearn` line spells."""

from __future__ import annotations

from archspec.elaborate.entry import elaborate
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.export import names
from archspec.export.allowed import is_allowed
from archspec.export.problems import refuse
from archspec.export.scalars import Py, Scalars
from archspec.model import Model
from archspec.policy import Policy
from archspec.syntax import tree
from archspec.syntax.source import Place


def to_sklearn(model: Model, policy: Policy) -> str:
    """The source of a function that makes the unfitted estimator; the hyperparameters that it hangs on are keywords.

    Raises `SpecError` for a wrong model, and for one that spells no estimator.
    """
    diagnostics = Diagnostics()
    if elaborate(model.definition, {}, model.defaults, policy, diagnostics, assumed=model.assumed) is None:
        raise SpecError(list(diagnostics))
    layer, source = model.definition.layer, model.definition.source
    call, space, name = _estimator(model)
    formals = {formal.name: names.identifier(formal.name) for formal in layer.formals}

    def resolve(node: tree.Name) -> Py:
        if node.name not in formals:  # an axis: an estimator sees it when it is fitted
            shown = names.comment(source.text[node.start : node.end])
            refuse("export-expression", Place(source, node.start, node.end), shown=shown)
        return Py(formals[node.name], uses=frozenset((node.name,)))

    scalars = Scalars(resolve, source, policy)
    arguments: list[str] = []
    used: set[str] = set()
    for argument in call.arguments:
        value = scalars.write(argument.value)
        used |= value.uses
        arguments.append(f"{names.checked(argument.name)}={value.text}" if argument.name else value.text)
    keywords = [_keyword(model, formal, scalars, formals) for formal in layer.formals if formal.name in used]
    head = names.identifier(names.snake(model.name))
    lines = [
        *names.docstring(_about(model), ""),
        "",
        f"from sklearn.{names.checked(space)} import {names.checked(name)}",
        "",
        "",
        f"def {head}({', '.join(['*', *keywords]) if keywords else ''}) -> {name}:",
        '    """The estimator, not yet fitted."""',
        f"    return {name}({', '.join(arguments)})",
    ]
    return "\n".join(lines) + "\n"


def _estimator(model: Model) -> tuple[tree.Call, str, str]:
    """The first `sklearn` line of a model: its call, and what is called."""
    layer, source = model.definition.layer, model.definition.source
    for statement in layer.body:
        if not isinstance(statement, tree.Binding) or statement.framework != "sklearn" or statement.when is not None:
            continue
        call = statement.call
        if call is None:
            reason = names.comment(statement.reason or "")
            refuse("export-none", None, layer=layer.name, framework="sklearn", reason=reason)
        called = _called(call)
        if called is not None and is_allowed("sklearn", *called):
            assert isinstance(call, tree.Call)
            return call, *called
        if called is not None:
            name = ".".join(called)
            refuse("export-not-allowed", Place(source, call.start, call.end), name=name, layer=layer.name)
        reason = "an estimator is one call, such as `tree.DecisionTreeClassifier(max_depth = depth)`"
        refuse("export-statement", Place(source, statement.start, statement.end), layer=layer.name, reason=reason)
    refuse("export-estimator", None, layer=layer.name)


def _called(node: tree.Expression) -> tuple[str, str] | None:
    """`tree` and `DecisionTreeClassifier` of `tree.DecisionTreeClassifier(…)`."""
    function = node.function if isinstance(node, tree.Call) else None
    if isinstance(function, tree.Attribute) and isinstance(function.value, tree.Name):
        return function.value.name, function.name
    return None


def _keyword(model: Model, formal: tree.Formal, scalars: Scalars, formals: dict[str, str]) -> str:
    value = model.defaults.get(formal.name)
    if isinstance(value, bool | int):
        return f"{formals[formal.name]}={names.number(value)}"
    if formal.default is None:
        return formals[formal.name]
    default = scalars.write(formal.default)
    if default.uses:  # Python's defaults cannot hang on other arguments
        return formals[formal.name]
    return f"{formals[formal.name]}={default.text}"


def _about(model: Model) -> str:
    title = names.comment(model.doc or model.definition.layer.doc or "")
    source = names.comment(model.source.name.replace("\\", "/").rpartition("/")[2])
    about = f"`{names.checked(model.name)}`, written by archspec from `{source}`."
    return "\n\n".join(part for part in (title, about) if part)

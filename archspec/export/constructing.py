"""The expression that makes a layer, with its arguments in terms of the class around."""

from __future__ import annotations

from collections.abc import Callable

from archspec.algebra import Poly
from archspec.elaborate.frame import Frame
from archspec.elaborate.values import Template
from archspec.elaborate.wiring import is_composite
from archspec.export import names
from archspec.export.choosing import chosen
from archspec.export.problems import refuse, refuse_template
from archspec.export.scalars import Py, Scalars
from archspec.export.spellings import Made as Modules
from archspec.export.spellings import Spelled, inputs_of, made_in
from archspec.export.writer import Writer, call_arguments
from archspec.syntax import tree


def construct(w: Writer, callee: Frame, node: tree.Expression) -> Py:
    """The expression that makes a layer."""
    binding = spelling_of(w, callee, node)
    made = None if binding is None else made_in(binding, w.project.dialect.framework)
    if binding is not None and made is not None and not reads_sizes(callee, binding, made):
        given = frozenset(given_arguments(callee, node))
        scalars = Scalars(in_callee(w, callee, node, w.init_scalars), callee.definition.source, w.project.policy)
        main = made.calls[0]
        return Spelled(scalars, callee.definition, w.project.dialect.framework, given, made=main).write(main)
    if binding is None and not is_composite(callee.layer):
        refuse_unspelled(w, callee, node)
    if binding is not None and (made is not None or not is_composite(callee.layer)):
        built = w.project.primitive(callee.definition, binding)
    else:
        built = w.project.composite(callee.definition)
    texts: list[str] = []
    uses: frozenset[str] = frozenset()
    for axis in built.axes:
        star, place = built.stars.get(axis, ("", 0))
        value = callee.stars[star][place] if axis in built.stars else callee.names.get(axis)
        if not isinstance(value, int | Poly):
            refuse("export-size", w.frame.place(node), layer=callee.layer.name)
        py = w.size(value, node)
        texts.append(f"{names.identifier(axis)}={py.text}" if built.by_keyword else py.text)
        uses |= py.uses
    rest, more = formal_arguments(callee, node, built.formals, w.init_scalars, w, built.by_keyword)
    return Py(f"{built.name}({', '.join([*texts, *rest])})", uses=uses | more)


def reads_sizes(callee: Frame, binding: tree.Binding, made: Modules) -> bool:
    """Whether a spelling with layer objects in it reads sizes off its inputs: it becomes a class of its own."""
    assert binding.call is not None
    known = frozenset((*inputs_of(callee.layer), *(formal.name for formal in callee.layer.formals)))
    return any(name not in known for name in _named(binding.call, frozenset(id(call) for call in made.calls)))


def _named(node: object, apart: frozenset[int]) -> list[str]:
    """The names in a spelling outside of the calls that make layer objects and of what is called."""
    if isinstance(node, tree.Name):
        return [node.name]
    if id(node) in apart or isinstance(node, tree.Attribute):
        return []
    if isinstance(node, tree.Call):
        return [
            *([] if isinstance(node.function, tree.Name) else _named(node.function, apart)),
            *(name for one in node.arguments for name in _named(one.value, apart)),
        ]
    if isinstance(node, tree.Node):
        return [name for value in vars(node).values() for name in _named(value, apart)]
    return [name for value in node for name in _named(value, apart)] if isinstance(node, tuple) else []


def spelling_of(w: Writer, callee: Frame, node: tree.Expression) -> tree.Binding | None:
    """The spelling of a layer that is called or made."""
    return chosen(w, callee, in_callee(w, callee, node, w.init_scalars))


def given_arguments(callee: Frame, node: tree.Expression) -> dict[str, tree.Expression]:
    """The expressions that the caller wrote for a layer's parameters."""
    formals = [formal.name for formal in callee.layer.formals]
    found: dict[str, tree.Expression] = {}
    for position, argument in enumerate(call_arguments(node)):
        found[argument.name if argument.name is not None else formals[position]] = argument.value
    return found


def formal_arguments(
    callee: Frame, node: tree.Expression, wanted: list[str], scalars: Scalars, w: Writer, by_keyword: bool = False
) -> tuple[list[str], frozenset[str]]:
    """Arguments for parameters: by position as long as none is left out, then by name."""
    given = given_arguments(callee, node)
    texts: list[str] = []
    uses: frozenset[str] = frozenset()
    for formal in wanted:
        if formal not in given:
            by_keyword = True
            continue
        py = _argument(w, given[formal], scalars, callee.layer, node)
        uses |= py.uses
        named = any(one.name == formal for one in call_arguments(node))
        by_keyword = by_keyword or named
        texts.append(f"{names.identifier(formal)}={py.text}" if by_keyword else py.text)
    return texts, uses


def _argument(w: Writer, value: tree.Expression, scalars: Scalars, layer: tree.Layer, node: tree.Node) -> Py:
    from archspec.elaborate import calls

    function = value.function if isinstance(value, tree.Call) else value
    if isinstance(function, tree.Name | tree.Attribute) and not (
        isinstance(function, tree.Name) and function.name in w.frame.names
    ):
        named = calls.find_definition(w.frame, function)
        if named is not None:
            refuse_template(w.frame.place(node), layer.name)
    if isinstance(value, tree.Name) and isinstance(w.frame.names.get(value.name), Template):
        refuse_template(w.frame.place(node), layer.name)
    return scalars.write(value)


def in_callee(w: Writer, callee: Frame, node: tree.Expression, scalars: Scalars) -> Callable[[tree.Name], Py]:
    """What the names in a spelling are, in the caller's terms."""
    given = given_arguments(callee, node)
    defaults = {formal.name: formal.default for formal in callee.layer.formals}

    def resolve(name: tree.Name) -> Py:
        if name.name in given:
            return _argument(w, given[name.name], scalars, callee.layer, node)
        default = defaults.get(name.name)
        if default is not None:
            return Scalars(resolve, callee.definition.source, w.project.policy).write(default)
        value = callee.names.get(name.name)
        if isinstance(value, bool):
            return Py(repr(value))
        if isinstance(value, int | Poly):
            return w.size(value, node)
        if isinstance(value, tuple):
            sizes = [w.size(one, node) for one in value if isinstance(one, int | Poly)]
            uses = frozenset[str]().union(*(size.uses for size in sizes))
            return Py(f"({', '.join(size.text for size in sizes)}{',' if len(sizes) == 1 else ''})", uses=uses)
        refuse("export-size", w.frame.place(node), layer=callee.layer.name)

    return resolve


def refuse_unspelled(w: Writer, callee: Frame, node: tree.Node) -> None:
    """Refuse a layer that no spelling is given for."""
    refuse("export-unspelled", w.frame.place(node), layer=callee.layer.name, framework=w.project.dialect.framework)

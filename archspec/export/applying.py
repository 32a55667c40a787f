"""How a called layer is made in the constructor and called in `forward`."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from dataclasses import dataclass

from archspec.algebra import Poly
from archspec.elaborate.externals import find_external
from archspec.elaborate.frame import Frame
from archspec.elaborate.values import Precision, Template
from archspec.elaborate.wiring import is_composite
from archspec.export import names
from archspec.export.choosing import chosen
from archspec.export.code import Line
from archspec.export.problems import refuse
from archspec.export.scalars import Py, Scalars, dtype
from archspec.export.spellings import Made as Modules
from archspec.export.spellings import Spelled, inputs_of, made_in
from archspec.export.writer import Made, Writer, call_arguments
from archspec.syntax import tree


@dataclass(frozen=True)
class Applied:
    """call: the Python of the layer on texts of its inputs. nested: it gives tuples of tuples.

    closed: its input stands in parentheses, once, so that it can be any expression.
    """

    call: Callable[[list[str]], str]
    nested: bool = False
    closed: bool = True


def applied(w: Writer, callee: Frame, node: tree.Expression) -> Applied:
    """How a layer is called. What makes it is written into the constructor, once."""
    external = find_external(callee.definition)
    if external is not None:
        return _external(w, callee, node)
    binding = _spelling(w, callee, node)
    if binding is None:
        if not is_composite(callee.layer):
            _unspelled(w, callee, node)
        return _composite(w, callee, node)
    made = made_in(binding, w.project.dialect.framework)
    if made is None:
        if any(isinstance(one, tree.ParamDecl) for one in callee.layer.body) and not is_composite(callee.layer):
            reference = _member(w, callee, node, lambda owner: construct(owner, callee, node))
            return Applied(lambda args: f"{reference}({', '.join(args)})")
        return _function(w, callee, node, binding)
    reference = _member(w, callee, node, lambda owner: construct(owner, callee, node))
    if _reads_sizes(callee, binding, made):
        return Applied(lambda args: f"{reference}({', '.join(args)})")
    if made.alone:
        signature = callee.layer.signature
        nested = signature is not None and len(signature.outputs) > 1
        return Applied(lambda args: f"{reference}({', '.join(args)})", nested=nested)
    return _around(w, callee, node, binding, reference)


def construct(w: Writer, callee: Frame, node: tree.Expression) -> Py:
    """The expression that makes a layer."""
    binding = _spelling(w, callee, node)
    made = None if binding is None else made_in(binding, w.project.dialect.framework)
    if binding is not None and made is not None and not _reads_sizes(callee, binding, made):
        given = frozenset(given_arguments(callee, node))
        scalars = Scalars(_in_callee(w, callee, node, w.init_scalars), callee.definition.source, w.project.policy)
        main = made.calls[0]
        return Spelled(scalars, callee.definition, w.project.dialect.framework, given, made=main).write(main)
    if binding is None and not is_composite(callee.layer):
        _unspelled(w, callee, node)
    if binding is not None and (made is not None or not is_composite(callee.layer)):
        built = w.project.primitive(callee.definition, binding)
    else:
        built = w.project.composite(callee.definition)
    texts: list[str] = []
    uses: frozenset[str] = frozenset()
    for axis in built.axes:
        value = callee.names.get(axis)
        if not isinstance(value, int | Poly):
            refuse("export-size", w.frame.place(node), layer=callee.layer.name)
        py = w.size(value, node)
        texts.append(f"{names.identifier(axis)}={py.text}" if built.by_keyword else py.text)
        uses |= py.uses
    rest, more = _formals(callee, node, built.formals, w.init_scalars, w, built.by_keyword)
    return Py(f"{built.name}({', '.join([*texts, *rest])})", uses=uses | more)


def _reads_sizes(callee: Frame, binding: tree.Binding, made: Modules) -> bool:
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


def _spelling(w: Writer, callee: Frame, node: tree.Expression) -> tree.Binding | None:
    return chosen(w, callee, _in_callee(w, callee, node, w.init_scalars))


def given_arguments(callee: Frame, node: tree.Expression) -> dict[str, tree.Expression]:
    """The expressions that the caller wrote for a layer's parameters."""
    formals = [formal.name for formal in callee.layer.formals]
    found: dict[str, tree.Expression] = {}
    for position, argument in enumerate(call_arguments(node)):
        found[argument.name if argument.name is not None else formals[position]] = argument.value
    return found


def _formals(
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
            refuse("export-template", w.frame.place(node), layer=layer.name)
    if isinstance(value, tree.Name) and isinstance(w.frame.names.get(value.name), Template):
        refuse("export-template", w.frame.place(node), layer=layer.name)
    return scalars.write(value)


def _in_callee(w: Writer, callee: Frame, node: tree.Expression, scalars: Scalars) -> Callable[[tree.Name], Py]:
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


# --- layer objects ----------------------------------------------------------------------------------


def _member(w: Writer, callee: Frame, node: tree.Expression, construct_in: Callable[[Writer], Py]) -> str:
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


def _composite(w: Writer, callee: Frame, node: tree.Expression) -> Applied:
    built = w.project.composite(callee.definition)
    reference = _member(w, callee, node, lambda owner: construct(owner, callee, node))
    # Keras takes only tensors by position.
    by_keyword = w.project.dialect.framework == "keras"
    more, _ = _formals(callee, node, built.runtime, w.forward_scalars, w, by_keyword)
    if built.needs_device:
        more.extend([f"device={w.device()}", f"dtype={w.dtype()}"])
    return Applied(lambda args: f"{reference}({', '.join([*args, *more])})")


def _around(w: Writer, callee: Frame, node: tree.Expression, binding: tree.Binding, reference: str) -> Applied:
    """A spelling that says itself how its layer object is called: `nn.MultiheadAttention(…)(x, x, x)[0]`."""
    made = made_in(binding, w.project.dialect.framework)
    assert made is not None
    assert binding.call is not None
    inputs = inputs_of(callee.layer)
    others = _in_callee(w, callee, node, w.forward_scalars)
    modules = {id(made.calls[0]): reference}
    for more in made.calls[1:]:
        modules[id(more)] = _beside(w, callee, node, more, reference)

    def call(args: list[str]) -> str:
        texts = dict(zip(inputs, args, strict=True))
        for name, text in texts.items():
            if not text.isidentifier() and _count(binding.call, name) > 1:
                texts[name] = w.temporary(text)

        def resolve(name: tree.Name) -> Py:
            return Py(texts[name.name]) if name.name in texts else others(name)

        scalars = Scalars(resolve, callee.definition.source, w.project.policy)
        spelled = Spelled(scalars, callee.definition, w.project.dialect.framework, frozenset(), modules=modules)
        return spelled.write(made.whole).text

    return Applied(call, closed=all(_count(binding.call, name) == 1 for name in inputs))


def _beside(w: Writer, callee: Frame, node: tree.Expression, call: tree.Call, reference: str) -> str:
    """Make another layer object of a spelling, beside the main one: `conv_zero_padding2_d`."""
    assert isinstance(call.function, tree.Attribute)
    attribute = f"{reference.rpartition('.')[2]}_{names.snake(call.function.name)}"
    if attribute not in w.attributes:
        scalars = Scalars(_in_callee(w, callee, node, w.init_scalars), callee.definition.source, w.project.policy)
        py = Spelled(scalars, callee.definition, w.project.dialect.framework, frozenset(), made=call).write(call)
        w.init.append(Line(f"self.{w.member(attribute, node)} = {py.text}", py.uses))
    return f"self.{attribute}"


def _count(node: object, name: str) -> int:
    if isinstance(node, tree.Name):
        return int(node.name == name)
    if isinstance(node, tree.Node):
        return sum(_count(value, name) for value in vars(node).values())
    return sum(_count(value, name) for value in node) if isinstance(node, tuple) else 0


# --- functions --------------------------------------------------------------------------------------


def _function(w: Writer, callee: Frame, node: tree.Expression, binding: tree.Binding) -> Applied:
    """A function: called in place if it is one call of the inputs and parameters, else through a helper of its own."""
    call = binding.call
    assert isinstance(call, tree.Call | tree.Index | tree.Group)
    inputs = inputs_of(callee.layer)
    if _is_plain(callee, binding):
        others = _in_callee(w, callee, node, w.forward_scalars)

        def plain(args: list[str]) -> str:
            texts = dict(zip(inputs, args, strict=True))

            def resolve(name: tree.Name) -> Py:
                return Py(texts[name.name]) if name.name in texts else others(name)

            scalars = Scalars(resolve, callee.definition.source, w.project.policy)
            return Spelled(scalars, callee.definition, w.project.dialect.framework, frozenset()).write(call).text

        return Applied(plain)
    helper = w.project.function(callee.definition, binding)
    more, _ = _formals(callee, node, helper.formals, w.forward_scalars, w)
    if helper.training:
        more.append(f"training={w.project.dialect.training}")
    if helper.needs_device:
        more.append(f"device={w.device()}")
    if helper.needs_dtype:
        more.append(f"dtype={w.dtype()}")
    return Applied(lambda args: f"{helper.name}({', '.join([*args, *more])})")


def _is_plain(callee: Frame, binding: tree.Binding) -> bool:
    call = binding.call
    if not isinstance(call, tree.Call) or not isinstance(call.function, tree.Attribute):
        return False
    inputs = inputs_of(callee.layer)
    allowed = frozenset((*inputs, *(formal.name for formal in callee.layer.formals)))
    return bool(inputs) and all(_count(call, name) == 1 for name in inputs) and _names_only(call.arguments, allowed)


def _names_only(node: object, allowed: frozenset[str]) -> bool:
    if isinstance(node, tree.Name):
        return node.name in allowed
    if isinstance(node, tree.Call | tree.Attribute):
        return False
    if isinstance(node, tree.Node):
        return all(_names_only(value, allowed) for value in vars(node).values())
    return all(_names_only(value, allowed) for value in node) if isinstance(node, tuple) else True


def _unspelled(w: Writer, callee: Frame, node: tree.Node) -> None:
    refuse("export-unspelled", w.frame.place(node), layer=callee.layer.name, framework=w.project.dialect.framework)


# --- the layers that the language cannot say --------------------------------------------------------


def _external(w: Writer, callee: Frame, node: tree.Expression) -> Applied:
    given = given_arguments(callee, node)
    name = callee.layer.name
    if name == "Cast":
        return _cast(w, callee, given["to"])
    if name == "Bank":
        return _bank(w, callee, node, given)
    dim = _dim(w, callee, node, given)
    if name == "Concat":
        return Applied(lambda args: f"{w.project.dialect.cat}({args[0]}, {dim})")
    parts = w.forward_scalars.write(given["parts"]).text
    dialect = w.project.dialect
    value = callee.names.get("parts")
    if not isinstance(value, tuple):
        return Applied(lambda args: f"{dialect.cut}({args[0]}, {parts}, {dim})")
    if dialect.framework == "keras":
        reason = "it cuts at positions, not into sizes"
        refuse("export-none", w.frame.place(node), layer=name, framework="keras", reason=reason)
    return Applied(lambda args: f"{dialect.cut_at}({args[0]}, {parts}, {dim})")


def _dim(w: Writer, callee: Frame, node: tree.Expression, given: dict[str, tree.Expression]) -> str:
    """The axis that is cut or joined. Keras has the channels of images last."""
    if "dim" not in given:
        return "-1"
    value = callee.names.get("dim")
    rank = w.study.ranks.get(id(callee), 0)
    if not (w.project.channels_last and isinstance(value, int) and rank > 3):
        return w.forward_scalars.write(given["dim"]).text
    axis = value % rank
    return str(-1 if axis == 1 else axis - 1 if axis > 1 else 0)


def _cast(w: Writer, callee: Frame, to: tree.Expression) -> Applied:
    from archspec.export.wiring import wire

    value = callee.names.get("to")
    if isinstance(value, Precision):
        wanted = w.project.dialect.dtype(dtype(value.name))
    else:
        wanted = f"{wire(w, to)[0].single.within(0)}.dtype"
    return Applied(lambda args: w.project.dialect.cast(args[0], wanted), closed=False)


def _bank(w: Writer, callee: Frame, node: tree.Expression, given: dict[str, tree.Expression]) -> Applied:
    """A bank of experts: a list of modules, and the rows dealt out among them."""
    expert = w.study.inside[0]
    template = given["expert"]

    def make(owner: Writer) -> Py:
        count = owner.init_scalars.write(given["count"])
        one = construct(owner, expert, template)
        opening, closing = owner.project.brackets
        return Py(f"{opening}{one.text} for _ in range({count.text}){closing}", uses=count.uses | one.uses)

    reference = _member(w, callee, node, make)
    helper = w.project.bank()
    return Applied(lambda args: f"{helper}({', '.join([reference, *args])})")

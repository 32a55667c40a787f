"""How a called layer is made in the constructor and called in `forward`."""

from __future__ import annotations

from archspec.elaborate.externals import find_external
from archspec.elaborate.frame import Frame
from archspec.elaborate.wiring import is_composite
from archspec.export.constructing import (
    construct,
    formal_arguments,
    in_callee,
    reads_sizes,
    refuse_unspelled,
    spelling_of,
)
from archspec.export.external_layers import call_external
from archspec.export.layer_objects import Applied, call_around, call_composite, member
from archspec.export.rebuilding import mentions_of
from archspec.export.scalars import Py, Scalars
from archspec.export.spellings import Spelled, inputs_of, made_in
from archspec.export.writer import Writer
from archspec.syntax import tree


def applied(w: Writer, callee: Frame, node: tree.Expression) -> Applied:
    """How a layer is called. What makes it is written into the constructor, once."""
    external = find_external(callee.definition)
    if external is not None:
        return call_external(w, callee, node)
    binding = spelling_of(w, callee, node)
    if binding is None:
        if not is_composite(callee.layer):
            refuse_unspelled(w, callee, node)
        return call_composite(w, callee, node)
    made = made_in(binding, w.project.dialect.framework)
    if made is None:
        if any(isinstance(one, tree.ParamDecl) for one in callee.layer.body) and not is_composite(callee.layer):
            reference = member(w, callee, node, lambda owner: construct(owner, callee, node))
            return Applied(lambda args: f"{reference}({', '.join(args)})")
        return _function(w, callee, node, binding)
    reference = member(w, callee, node, lambda owner: construct(owner, callee, node))
    if reads_sizes(callee, binding, made):
        return Applied(lambda args: f"{reference}({', '.join(args)})")
    if made.alone:
        signature = callee.layer.signature
        nested = signature is not None and len(signature.outputs) > 1
        return Applied(lambda args: f"{reference}({', '.join(args)})", nested=nested)
    return call_around(w, callee, node, binding, reference)


# --- functions --------------------------------------------------------------------------------------


def _function(w: Writer, callee: Frame, node: tree.Expression, binding: tree.Binding) -> Applied:
    """A function: called in place if it is one call of the inputs and parameters, else through a helper of its own."""
    call = binding.call
    assert isinstance(call, tree.Call | tree.Index | tree.Group)
    inputs = inputs_of(callee.layer)
    if _is_plain(callee, binding):
        others = in_callee(w, callee, node, w.forward_scalars)

        def plain(args: list[str]) -> str:
            texts = dict(zip(inputs, args, strict=True))

            def resolve(name: tree.Name) -> Py:
                return Py(texts[name.name]) if name.name in texts else others(name)

            scalars = Scalars(resolve, callee.definition.source, w.project.policy)
            return Spelled(scalars, callee.definition, w.project.dialect.framework, frozenset()).write(call).text

        return Applied(plain)
    helper = w.project.function(callee.definition, binding)
    more, _ = formal_arguments(callee, node, helper.formals, w.forward_scalars, w)
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
    return (
        bool(inputs) and all(mentions_of(call, name) == 1 for name in inputs) and _names_only(call.arguments, allowed)
    )


def _names_only(node: object, allowed: frozenset[str]) -> bool:
    if isinstance(node, tree.Name):
        return node.name in allowed
    if isinstance(node, tree.Call | tree.Attribute):
        return False
    if isinstance(node, tree.Node):
        return all(_names_only(value, allowed) for value in vars(node).values())
    return all(_names_only(value, allowed) for value in node) if isinstance(node, tuple) else True

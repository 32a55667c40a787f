"""The layers that the language cannot say: `Split`, `Concat`, `Cast` and `Bank`."""

from __future__ import annotations

from archspec.elaborate.frame import Frame
from archspec.elaborate.values import Precision
from archspec.export.constructing import construct, given_arguments
from archspec.export.layer_objects import Applied, member
from archspec.export.problems import refuse
from archspec.export.scalars import Py, dtype
from archspec.export.writer import Writer
from archspec.syntax import tree


def call_external(w: Writer, callee: Frame, node: tree.Expression) -> Applied:
    """How one of them is called."""
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
        parts = _positions(w, node, given["parts"])
    return Applied(lambda args: f"{dialect.cut_at}({args[0]}, {parts}, {dim})")


def _positions(w: Writer, node: tree.Expression, parts: tree.Expression) -> str:
    """Where Keras cuts for parts of these sizes: before each part but the first."""
    if not isinstance(parts, tree.ListLiteral):
        reason = "it cuts at positions, and so wants the sizes of the parts one by one"
        refuse("export-none", w.frame.place(node), layer="Split", framework="keras", reason=reason)
    sizes = [w.forward_scalars.write(part) for part in parts.items]
    before = [sizes[0]]
    for size in sizes[1:-1]:
        before.append(w.forward_scalars.joined(before[-1], "+", size))
    return f"({', '.join(one.text for one in before)}{',' if len(before) == 1 else ''})"


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

    reference = member(w, callee, node, make)
    helper = w.project.bank()
    return Applied(lambda args: f"{helper}({', '.join([reference, *args])})")

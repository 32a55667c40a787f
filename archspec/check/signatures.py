"""Parameters of a layer, its signature, and the axes of declared tensors."""

from __future__ import annotations

from archspec.check.arguments import check_kind
from archspec.check.expressions import Expressions
from archspec.check.names import FLAG, INTEGER, LIST, TENSOR, TEXT, UNKNOWN, Known
from archspec.check.reporter import Reporter
from archspec.elaborate.calls import KINDS, kind_of
from archspec.policy import ELEMENT_BITS, POLICY_CLASSES, dtype_named
from archspec.syntax import tree

ANONYMOUS = "*"

_SORTS = {
    "dim": INTEGER,
    "nat": INTEGER,
    "int": INTEGER,
    "flag": FLAG,
    "text": TEXT,
    "list": LIST,
    "layer": UNKNOWN,  # which layer it is, only a call tells
}
"""What a parameter of a kind is. A `real` may be an integer too."""


class Signatures:
    """Checks what stands before the body of a layer; binds the names."""

    def __init__(self, reporter: Reporter, expressions: Expressions) -> None:
        self.reporter = reporter
        self.expressions = expressions
        self.names = expressions.names
        self.stars: set[str] = set()
        self.open_axes: dict[str, tree.Node] = {}
        """Axes of outputs that only the body decides: no names in the body, but the same in every output."""

    def formals(self, layer: tree.Layer) -> None:
        """Check and bind the parameters. A default sees the parameters before it."""
        for formal in layer.formals:
            place = self.reporter.place(formal.start, formal.start + len(formal.name))
            if formal.kind is not None and formal.kind not in KINDS:
                fix = self.reporter.suggest(formal.kind, KINDS) or "the kinds are " + ", ".join(
                    f"`{kind}`" for kind in KINDS
                )
                where = self.reporter.word_place(formal.kind, formal.start + len(formal.name), formal.end)
                self.reporter.error_at(where, "unknown-kind", name=formal.kind, fix=fix)
            if formal.default is not None:
                sort = self.expressions.check(formal.default)
                check_kind(self.reporter, formal.default, formal.default, formal, layer, sort.word)
            if self.names.peek(formal.name) is not None:
                self.reporter.error_at(place, "declared-twice", name=formal.name, what="a parameter")
                continue
            sort = _SORTS.get(kind_of(formal, layer) or "", UNKNOWN)
            self.names.bind(formal.name, Known("a parameter", sort, True, formal))

    def inputs(self, signature: tree.Signature) -> None:
        """Check the inputs; bind their names and those of their axes."""
        for declared in signature.inputs:
            self._dtype(declared)
            self._one_star(declared)
            for axis in declared.axes:
                self._input_axis(axis)
            known = self.names.peek(declared.name)
            if known is not None:
                place = self.reporter.place(declared.start, declared.start + len(declared.name))
                self.reporter.error_at(place, "declared-twice", name=declared.name, what=known.what)
            self.names.bind(declared.name, Known("an input", TENSOR, False, declared))

    def _input_axis(self, axis: tree.Axis) -> None:
        if isinstance(axis, tree.Wild):
            return
        if isinstance(axis, tree.Star):
            if axis.arguments is not None:
                self.reporter.error(axis, "function-of-input", name=axis.name)
                return
            self.stars.add(axis.name or ANONYMOUS)
            if axis.name is not None and self.names.peek(axis.name) is None:
                self.names.bind(axis.name, Known("axes of an input", LIST, True, axis))
        elif isinstance(axis, tree.Name) and self.names.peek(axis.name) is None:
            self.names.bind(axis.name, Known("an axis", INTEGER, True, axis))
        else:
            self.expressions.integer(axis)

    def outputs(self, signature: tree.Signature, *, primitive: bool) -> None:
        """Check the outputs. In a composite an axis that is new is bound by what the body computes."""
        seen: set[str] = set()
        inputs = {declared.name for declared in signature.inputs}
        for declared in signature.outputs:
            place = self.reporter.place(declared.start, declared.start + len(declared.name))
            known = self.names.peek(declared.name)
            if declared.name in seen or declared.name in inputs:
                what = "an output" if declared.name in seen else "an input"
                self.reporter.error_at(place, "declared-twice", name=declared.name, what=what)
            elif known is not None and known.fixed:
                self.reporter.error_at(place, "declared-twice", name=declared.name, what=known.what)
            seen.add(declared.name)
            self._dtype(declared)
            self._one_star(declared)
            new = [axis for axis in declared.axes if not primitive and self._is_new(axis)]
            self._axes(declared, [axis for axis in declared.axes if axis not in new], primitive=primitive)
            for axis in new:
                self._bind_output_axis(axis)

    def _is_new(self, axis: tree.Axis) -> bool:
        if isinstance(axis, tree.Star):
            return (
                axis.arguments is None
                and axis.name is not None
                and axis.name not in self.stars
                and self.names.peek(axis.name) is None
            )
        return isinstance(axis, tree.Name) and self.names.peek(axis.name) is None

    def _bind_output_axis(self, axis: tree.Axis) -> None:
        if isinstance(axis, tree.Star):
            self.stars.add(axis.name or ANONYMOUS)
        elif isinstance(axis, tree.Name):
            self.open_axes[axis.name] = axis

    def tensor(self, declared: tree.TensorDecl) -> None:
        """Check a tensor that is declared in the body: a parameter, a buffer, or one that is kept."""
        self._dtype(declared)
        self._axes(declared, list(declared.axes), primitive=True)

    def _axes(self, declared: tree.TensorDecl, axes: list[tree.Axis], *, primitive: bool) -> None:
        for axis in axes:
            if isinstance(axis, tree.Wild):
                if primitive:
                    self.reporter.error(axis, "open-axis", name=declared.name)
            elif isinstance(axis, tree.Star):
                self._output_star(axis)
            elif isinstance(axis, tree.Name) and axis.name in self.open_axes:
                continue
            else:
                self.expressions.integer(axis)

    def _output_star(self, star: tree.Star) -> None:
        if star.arguments is not None and star.name != "broadcast":
            fix = self.reporter.suggest(star.name or "", ["broadcast"])
            self.reporter.error(star, "unknown-shape-function", name=star.name, fix=fix)
            return
        for name in star.arguments if star.arguments is not None else (star.name or ANONYMOUS,):
            known = self.names.get(name)
            if name in self.stars or (known is not None and known.sort in (LIST, UNKNOWN)):
                continue
            fix = self.reporter.suggest(name, self.stars) if name != ANONYMOUS else None
            self.reporter.error(star, "unbound-star", name="*" if name == ANONYMOUS else f"*{name}", fix=fix)

    def _one_star(self, declared: tree.TensorDecl) -> None:
        stars = [axis for axis in declared.axes if isinstance(axis, tree.Star) and axis.arguments is None]
        if len(stars) > 1:
            self.reporter.error(stars[1], "two-stars", name=declared.name)

    def _dtype(self, declared: tree.TensorDecl) -> None:
        dtype = declared.dtype
        if dtype is None or dtype_named(dtype) is not None:
            return
        fix = self.reporter.suggest(dtype, ELEMENT_BITS, POLICY_CLASSES)
        place = self.reporter.place(declared.end - len(dtype), declared.end)
        self.reporter.error_at(place, "unknown-dtype", name=dtype, fix=fix)

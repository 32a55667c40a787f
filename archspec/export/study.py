"""One layer by itself: its parameters and the axes of its inputs are symbols, and so is every size in it.

The engine wires the layer as it wires a model. Where it calls another layer, only what that layer's signature says is
used, so that sizes are in this layer's own names. The model has been found right before: what cannot be decided
here, because the facts are the caller's, holds (`Context.lenient`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

from archspec.algebra import AlgebraError, Dim, Poly, symbol
from archspec.elaborate import calls, expressions, layers, signatures
from archspec.elaborate.calls import kind_of
from archspec.elaborate.externals import find_external
from archspec.elaborate.frame import FORMAL, Context, Fault, FixSymbol, Frame, PeelTurn, Stop, product
from archspec.elaborate.parameters import written_dtype
from archspec.elaborate.program import Shape, Storage, Tensor
from archspec.elaborate.values import Block, Instance, Pack, Value
from archspec.elaborate.wiring import is_composite
from archspec.errors.diagnostic import Diagnostics
from archspec.export.keras_layout import Layout
from archspec.export.observe import Use
from archspec.export.problems import refuse
from archspec.export.study_inputs import flat_axes, input_tensor
from archspec.policy import Policy
from archspec.syntax import tree

GIVEN_UP = (Fault, FixSymbol, PeelTurn, Stop, AlgebraError, RecursionError)
OPAQUE = "?"
"""Stands in the names of sizes that the layer by itself does not tell."""


@dataclass(eq=False)
class Study:
    """The local elaboration of a layer. calls: the layers called so far; entries: symbols that are entries of lists.

    stars: the names of the axes that a star stands for, and of each the star and the place in it.
    """

    use: Use
    frame: Frame
    calls: list[Frame] = field(default_factory=list)
    inside: list[Frame] = field(default_factory=list)
    entries: dict[str, tuple[str, str]] = field(default_factory=dict)
    ranks: dict[int, int] = field(default_factory=dict)
    stars: dict[str, tuple[str, int]] = field(default_factory=dict)
    nested: bool = False
    fresh: int = 0
    layout: Layout | None = None

    def opaque(self) -> Dim:
        """A size of which nothing is known."""
        self.fresh += 1
        return symbol(f"{OPAQUE}{self.fresh}", 1)

    def called(self, frame: Frame, tensors: tuple[Tensor, ...]) -> Value:
        """What stands for `layers.run` here."""
        if self.nested:
            self.inside.append(frame)
            return layers.run(frame, tensors)
        self.calls.append(frame)
        self.ranks[id(frame)] = len(tensors[0].shape) if tensors else 0
        result = self._result(frame, tensors)
        if self.layout is not None:
            self.layout.called(frame, tensors, result)
        return result

    def _result(self, frame: Frame, tensors: tuple[Tensor, ...]) -> Value:
        if not is_composite(frame.layer) or frame.layer.external:
            return self._primitive(frame, tensors)
        layers.bind_parameters(frame)
        assert frame.layer.signature is not None
        signatures.bind_inputs(frame, frame.layer.signature, tensors)
        return self._outputs(frame, tensors)

    def _primitive(self, frame: Frame, tensors: tuple[Tensor, ...]) -> Value:
        external = find_external(frame.definition) is not None
        self.nested = external
        self.inside.clear()
        try:
            return layers.run(frame, tensors)
        except GIVEN_UP:
            if external:
                raise
        finally:
            self.nested = False
        return self._outputs(frame, tensors)

    def _outputs(self, frame: Frame, tensors: tuple[Tensor, ...]) -> Value:
        """Outputs as the signature declares them; the body is asked only for axes that it leaves open."""
        signature = frame.layer.signature
        assert signature is not None
        shapes = [self._declared(frame, one) for one in signature.outputs]
        if any(shape is None or None in shape for shape in shapes):
            shapes = self._completed(frame, tensors, shapes)
        outputs: list[Tensor] = []
        for declared, shape in zip(signature.outputs, shapes, strict=True):
            if shape is None:
                frame.fault(declared, "unbound-star", name=declared.name)
            sizes = tuple(self.opaque() if size is None else size for size in shape)
            dtype = written_dtype(frame, declared) or "act"
            outputs.append(Tensor(sizes, dtype, Storage("new", product(sizes), dtype, ()), True))
        return outputs[0] if len(outputs) == 1 else Pack(tuple(outputs), outputs=True)

    def _declared(self, frame: Frame, declared: tree.TensorDecl) -> tuple[Dim | None, ...] | None:
        sizes: list[Dim | None] = []
        for axis in declared.axes:
            if isinstance(axis, tree.Star):
                if axis.arguments is not None or (axis.name or signatures.ANONYMOUS) not in frame.stars:
                    return None
                sizes.extend(frame.stars[axis.name or signatures.ANONYMOUS])
            elif isinstance(axis, tree.Wild) or (isinstance(axis, tree.Name) and axis.name not in frame.names):
                sizes.append(None)
            else:
                sizes.append(self._evaluated(frame, axis))
        return tuple(sizes)

    def _evaluated(self, frame: Frame, axis: tree.Expression) -> Dim | None:
        diagnostics = frame.context.diagnostics
        frame.context.diagnostics = Diagnostics()
        try:
            return expressions.evaluate_dim(frame, axis)
        except GIVEN_UP:
            return None
        finally:
            frame.context.diagnostics = diagnostics

    def _completed(
        self, frame: Frame, tensors: tuple[Tensor, ...], shapes: list[tuple[Dim | None, ...] | None]
    ) -> list[tuple[Dim | None, ...] | None]:
        """Shapes with what the engine finds when it runs the body."""
        context = frame.context
        diagnostics, context.diagnostics = context.diagnostics, Diagnostics()
        instance = Instance(frame.definition, frame.instance.arguments, "", Block("", ()))
        inner = Frame(context, frame.definition, instance, frame.caller, frame.call, frame.depth)
        self.nested = True
        try:
            result = layers.run(inner, tensors)
        except GIVEN_UP:
            return shapes
        finally:
            self.nested = False
            clean = not context.diagnostics.errors
            context.diagnostics = diagnostics
        found = result.tensors if isinstance(result, Pack) else (cast(Tensor, result),)
        if not clean:
            return shapes
        return [
            tensor.shape if shape is None else _filled(shape, tensor.shape)
            for shape, tensor in zip(shapes, found, strict=True)
        ]


def _filled(shape: tuple[Dim | None, ...], found: Shape) -> tuple[Dim | None, ...]:
    if len(shape) != len(found):
        return shape
    return tuple(other if size is None else size for size, other in zip(shape, found, strict=True))


def study(use: Use, policy: Policy, inner: bool = True) -> Study:
    """A layer with symbols for its parameters and inputs, ready to be wired.

    inner: another layer calls it, which can say how large the axes are that a star stands for.
    """
    definition = use.definition
    context = Context(policy, Diagnostics(), lenient=True, checks_parameters=False)
    frame = Frame(context, definition, Instance(definition, {}, "", Block("", ())), None, None, 0)
    made = Study(use, frame)
    context.run = made.called
    for formal in definition.layer.formals:
        frame.bind(formal, formal.name, _formal(made, formal), FORMAL)
    signature = definition.layer.signature
    if signature is None:
        refuse("export-layer", frame.place(definition.layer), name=definition.layer.name)
    ranks = use.ranks[0] if use.ranks else tuple(len(one.axes) for one in signature.inputs)
    tensors = tuple(
        input_tensor(made, declared, rank, use.dtypes[index] if index < len(use.dtypes) else "act", inner)
        for index, (declared, rank) in enumerate(zip(signature.inputs, ranks, strict=True))
    )
    for declared, tensor in zip(signature.inputs, tensors, strict=True):
        for axis, size in zip(flat_axes(declared, len(tensor.shape)), tensor.shape, strict=True):
            if isinstance(axis, tree.Name) and axis.name not in frame.names:
                frame.bind(axis, axis.name, size, "an axis")
        frame.names[declared.name] = tensor
    for declared in signature.outputs:
        frame.outputs[declared.name] = declared
    return made


def _formal(made: Study, formal: tree.Formal) -> Value:
    kind = made.use.kind(formal)
    written = kind_of(formal, made.use.definition.layer)
    sample = made.use.sample(formal.name)
    if kind == "dim":
        return symbol(formal.name, {"nat": 0, "int": None}.get(written or "dim", 1))
    if sample is None and formal.default is not None:
        sample = calls.argument_value(made.frame, formal.default)
    if kind == "dims" and not isinstance(sample, tuple):
        return symbol(formal.name, 0)
    if sample is None:
        unknown: dict[str, Value] = {"real": Fraction(1, 2), "flag": False, "text": ""}
        return unknown.get(kind, symbol(formal.name, 1))
    return symbolic(made, formal.name, formal.name, "", sample)


def symbolic(made: Study, owner: str, name: str, position: str, value: Value) -> Value:
    """A value with its integers as symbols: entries of the list `owner`."""
    if isinstance(value, tuple):
        return tuple(
            symbolic(made, owner, f"{name}[{index}]", f"{position}[{index}]", entry)
            for index, entry in enumerate(value)
        )
    if isinstance(value, bool) or not isinstance(value, int | Poly) or not position:
        return value
    made.entries[name] = (owner, position)
    return symbol(name, 0 if value == 0 else 1)

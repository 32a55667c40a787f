"""The graph of a Keras model to calls of the library's layers.

Keras has channels last, the library first: a tensor with positions is `moved`, its last axis stands behind the batch.
Layers say which way they want their input; axes are exchanged only where two of them disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from archspec.importing.graphs.scopes import Names, grouped, only_used
from archspec.importing.lift.lifter import Lifter, tensors_in
from archspec.importing.lift.rules.registry import Refused
from archspec.importing.lift.shapes import permute
from archspec.importing.program import Block, Call, Held, Value

Node = dict[str, Any]
Shape = tuple[int, ...]


@dataclass
class KerasLift:
    """The state of lifting. moved: the values whose channels stand behind the batch. idle: buffers that
    nothing reads.
    """

    lifter: Lifter
    moved: set[int] = field(default_factory=set)
    idle: set[int] = field(default_factory=set)
    path: str = ""
    name: str = ""
    _turned: dict[tuple[int, bool], int] = field(default_factory=dict)

    def shape(self, value: int) -> Shape:
        """The shape as the spec has it."""
        return self.lifter.shape(value)

    def is_moved(self, value: int) -> bool:
        """Whether the channels of a value stand behind the batch."""
        return self.lifter.find(value) in self.moved

    def want(self, value: int, moved: bool) -> int:
        """A value with its channels there or not; its axes are exchanged if they have to be."""
        value = self.lifter.find(value)
        rank = len(self.shape(value))
        if rank < 3 or (value in self.moved) == moved:
            return value
        known = self._turned.get((value, moved))
        if known is not None and known in self.lifter.defined and self._visible(known):
            return known
        order = [0, rank - 1, *range(1, rank - 1)] if moved else [0, *range(2, rank), 1]
        made = self.lifter.new([self.shape(value)[one] for one in order], value)
        permute(self.lifter, value, made, order)
        if moved:
            self.moved.add(made)
        self._turned[value, moved] = made
        return made

    def _visible(self, value: int) -> bool:
        return any(isinstance(one, Call) and value in one.outputs for one in self.lifter.items)

    def tensors(self, node: Node) -> list[int]:
        """The tensors that a node takes."""
        return [self.lifter.find(one) for one in tensors_in([node["a"], list(node["k"].values())])]

    def source(self, node: Node) -> int:
        """The first tensor that a node takes."""
        found = self.tensors(node)
        if not found:
            raise Refused("it takes no tensor")
        return found[0]

    def expected(self, node: Node, moved: bool, place: int = 0) -> Shape:
        """The shape of what a node gives, as the spec is to have it."""
        shape = self.lifter.values[node["o"][place]].shape
        return (shape[0], shape[-1], *shape[1:-1]) if moved and len(shape) > 2 else shape

    def apply(
        self, layer: str, inputs: Sequence[int], shape: Sequence[int], arguments: Mapping[str, Any] | None = None,
        *, own: bool = False, suffix: str = "", dtype: str = "",
    ) -> int:  # fmt: skip
        """A call that gives a new tensor. own: it is the layer itself, with its name and parameters."""
        made = self.lifter.new(shape, inputs[0], fresh=True)
        if dtype:
            self.lifter.values[made] = replace(self.lifter.values[made], dtype=dtype)
        path, name = (self.path, self.name) if own else ("", "")
        if suffix:
            path, name = f"{self.path}.{suffix}", suffix
        self.lifter.emit(layer, inputs, (made,), arguments, path=path, name=name)
        return made

    def hold(self, leaf: str, shape: Shape, role: str, *, dtype: str = "float32", used: bool = True) -> int:
        """A parameter or buffer of the layer that is lifted. used: calls read it."""
        number = self._add(shape, dtype, constant=False)
        self.lifter.held[number] = Held(number, f"{self.path}.{leaf}", role, shape, dtype, False)
        if not used:
            self.idle.add(number)
        return number

    def nowhere(self, shape: Shape, dtype: str = "float32") -> int:
        """A constant: only its shape counts."""
        number = self._add(shape, dtype, constant=True)
        self.lifter.emit("made", (), (number,), {"shape": list(shape)}, made=dtype, spelled="constant")
        return number

    def _add(self, shape: Shape, dtype: str, *, constant: bool) -> int:
        number = len(self.lifter.values)
        real = dtype == "float32" and not constant
        self.lifter.values.append(Value(shape, dtype, real, -number, (), constant))
        return number

    def finish(self, node: Node, value: int, moved: bool = False, place: int = 0) -> None:
        """What a node gives is this value."""
        wanted = self.expected(node, moved, place)
        if self.shape(value) != wanted:
            raise Refused(f"it gives {list(wanted)}, its spelling {list(self.shape(value))}")
        if moved:
            self.moved.add(self.lifter.find(value))
        self.lifter.same(node["o"][place], value)


def lift_keras(trace: Mapping[str, Any]) -> tuple[Block, Lifter]:
    """The whole model as one block, and what could not be spelled."""
    values = [
        Value(tuple(one["shape"]), _dtype(one["dtype"]), "float" in one["dtype"], place, ())
        for place, one in enumerate(trace["values"])
    ]
    held = {
        one["v"]: Held(one["v"], name, one["role"], tuple(one["shape"]), _dtype(one["dtype"]), False)
        for name, one in trace["held"].items()
    }
    lifter = Lifter(values, held)
    k = KerasLift(lifter)
    inputs: list[int] = []
    for name, code in trace["inputs"].items():
        for number in tensors_in(code):
            inputs.append(number)
            shape = values[number].shape
            if name in trace["turned"]:
                values[number] = replace(values[number], shape=(shape[0], shape[-1], *shape[1:-1]))
                k.moved.add(number)
    root = Block(trace["model"], [], inputs=tuple(inputs))
    names = Names()
    made = [place for place, one in enumerate(trace["values"]) if one.get("made")]
    for number in made:
        spelled = "arange" if len(values[number].shape) <= 1 or values[number].shape[0] == 1 else "constant"
        lifter.emit(
            "made", (), (number,), {"shape": list(values[number].shape)}, made=values[number].dtype, spelled=spelled
        )
    root.items = [*lifter.items, *_body(k, trace["body"], names)]
    root.items = grouped(root.items)
    only_used(lifter, root.items, k.idle)
    root.outputs = tuple(lifter.find(one["v"]) for one in trace["outputs"])
    return root, lifter


def _dtype(dtype: str) -> str:
    """Precisions of Keras as the library has them: whole numbers of any width count as indices."""
    if dtype.startswith(("int", "uint")):
        return "int64"
    return "bool" if dtype == "bool" else "float32"


def _body(k: KerasLift, nodes: Sequence[Node], names: Names) -> list[Any]:
    """The calls of a list of nodes, in a list of their own."""
    outer = k.lifter.items
    k.lifter.items = []
    try:
        for node in nodes:
            if "block" in node:
                path, name = names.of(node["path"])
                block = Block(node["block"] if not node["open"] else node["name"], [], path=path, name=name)
                block.items = grouped(_body(k, node["body"], names))
                if block.items:
                    k.lifter.items.append(block)
                continue
            k.path, k.name = names.of(node["path"]) if node["layer"] else ("", "")
            k.lifter.path = k.path
            _one(k, node)
        return k.lifter.items
    finally:
        k.lifter.items = outer


def _one(k: KerasLift, node: Node) -> None:
    from archspec.importing.graphs.keras_rules import RULES

    rule = (
        RULES.get((node["layer"], node["op"])) if node["own"] or node["op"] in ("StochasticDepth", "DropPath") else None
    )
    before = len(k.lifter.items)
    reason = ""
    try:
        if any(0 in k.lifter.values[one].shape for one in node["o"]):
            raise Refused("it gives a tensor without elements")
        if rule is not None:
            _constants(k, node)
            rule(k, node)
            return
    except Refused as error:
        reason = str(error)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        reason = f"with settings that are not known ({type(error).__name__})"
    del k.lifter.items[before:]
    _refuse(k, node, reason)


def _constants(k: KerasLift, node: Node) -> None:
    """Arrays that an operation takes become tensors that come from nowhere."""
    node["a"] = [_constant(k, one) for one in node["a"]]
    node["k"] = {name: _constant(k, one) for name, one in node["k"].items()}


def _constant(k: KerasLift, code: Any) -> Any:
    if isinstance(code, list):
        return [_constant(k, one) for one in code]
    if not isinstance(code, dict) or "c" not in code:
        return code
    if not code["c"]:
        return 1.0
    return {"v": k.nowhere(tuple(code["c"]), _dtype(code["t"]))}


def _refuse(k: KerasLift, node: Node, reason: str) -> None:
    kind = f"{'layers' if node['layer'] else 'ops'}.{node['op']}"
    k.lifter.miss(kind, reason, k.path or node["path"].replace("/", "."))
    shapes = [list(k.lifter.values[one].shape) for one in node["o"]]
    inputs = [k.want(one, False) for one in k.tensors(node)]
    name = "".join(letter for letter in node["op"] if letter.isascii() and letter.isalnum()) or "operation"
    k.lifter.emit(f"?{name}", inputs, tuple(node["o"]), {"shapes": shapes}, path=k.path)

"""The state of lifting a graph of ONNX, and the table of rules: from operators to what writes the call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from archspec.importing.lift.lifter import Lifter
from archspec.importing.lift.rules.registry import Refused

Node = dict[str, Any]
Shape = tuple[int, ...]


@dataclass
class OnnxLift:
    """The state of lifting. weights: names of parameters by value. turned: transposed weights, by value.

    arranged: names of weights, also in other shapes, by value. uses: the kinds of operators that take each weight.
    apart: whether a vector that several layers take is one of each. owners: paths that were given to weights.
    inside: buffers that layers have of their own.
    """

    lifter: Lifter
    weights: dict[int, str]
    uses: dict[int, set[str]]
    apart: bool = False
    turned: dict[int, int] = field(default_factory=dict)
    arranged: dict[int, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    made: set[int] = field(default_factory=set)
    inside: set[int] = field(default_factory=set)
    values: dict[str, int] = field(default_factory=dict)

    def shape(self, value: int) -> Shape:
        """The shape of a value."""
        return self.lifter.shape(value)

    def take(self, node: Node, place: int) -> int:
        """A tensor that a node takes; a constant comes from nowhere."""
        code = node["in"][place] if place < len(node["in"]) else None
        if code is None:
            raise Refused("an input is missing")
        value = int(code["v"])
        if "c" in code and value not in self.made:
            self.made.add(value)
            shape = list(code["shape"]) or [1]
            self.lifter.values[value] = replace(self.lifter.values[value], shape=tuple(shape), constant=True)
            self.lifter.emit("made", (), (value,), {"shape": shape}, made=code["dtype"], spelled="constant")
        return self.lifter.find(value)

    def has(self, node: Node, place: int) -> bool:
        """Whether a node has an input there."""
        return place < len(node["in"]) and node["in"][place] is not None

    def constant(self, node: Node, place: int) -> Any:
        """The value of a small constant: a number or a list; None where it is none."""
        code = node["in"][place] if place < len(node["in"]) else None
        return code.get("c") if code is not None else None

    def number(self, node: Node, place: int) -> float | None:
        """A constant of one element."""
        found = self.constant(node, place)
        while isinstance(found, list) and len(found) == 1:
            found = found[0]
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None

    def weight(self, node: Node, place: int) -> str | None:
        """The name of the parameter that a node takes, if it is one."""
        code = node["in"][place] if place < len(node["in"]) else None
        return None if code is None else self.weights.get(code["v"])

    def held(self, node: Node, place: int) -> str | None:
        """The name of the parameter or buffer that a node takes, if it is one."""
        code = node["in"][place] if place < len(node["in"]) else None
        return node["names"][place] if code is not None and code["v"] in self.lifter.held else None

    def is_constant(self, node: Node, place: int) -> bool:
        """Whether an input hangs on no parameter and on no input of the model."""
        code = node["in"][place]
        return "c" in code or self.lifter.value(code["v"]).constant

    def owner(self, name: str, node: Node) -> tuple[str, str]:
        """The path and name of the layer that has a weight: as PyTorch names its parameters, or where it is used."""
        value = self.values.get(name)
        vector = self.apart and value is not None and len(self.lifter.values[value].shape) == 1
        key = f"{name} {node['path'].rpartition('.')[0]}" if vector else name
        known = self.owners.get(key)
        if known is None:
            whole, mark, leaf = name.rpartition(".")
            scope = node["path"].rpartition(".")[0]
            if mark and leaf.endswith("_weight"):  # several in one module: they are no layer of its name
                whole = name.removesuffix("_weight")
            if not mark or not re.fullmatch(r"[A-Za-z_]\w*", leaf, re.ASCII) or (vector and scope):
                whole = scope or name  # exporters name vectors after the first of those that are equal
            known = plain_path(whole)
            number = 2
            taken = set(self.owners.values())
            while known in taken:
                known = f"{plain_path(whole)}_{number}"
                number += 1
            self.owners[key] = known
        return known, known.rpartition(".")[2]

    def give(
        self,
        node: Node,
        layer: str,
        inputs: Sequence[int],
        arguments: Mapping[str, Any] | None = None,
        weight: str = "",
    ) -> None:
        """A call that gives what a node gives. weight: the name of its first one, if it has any."""
        path, name = self.owner(weight, node) if weight else (plain_path(node["path"]), "")
        self.lifter.emit(layer, inputs, tuple(node["o"][:1]), arguments, path=path, name=name)

    def step(
        self, layer: str, inputs: Sequence[int], shape: Sequence[int], arguments: Mapping[str, Any] | None = None
    ) -> int:
        """A call on the way, which gives a new tensor."""
        made = self.lifter.new(shape, inputs[0], fresh=True)
        self.lifter.emit(layer, inputs, (made,), arguments)
        return made

    def view(self, node: Node, source: int) -> int:
        """What a node gives, in the memory of its source."""
        output = int(node["o"][0])
        known = self.lifter.values[output]
        self.lifter.values[output] = replace(known, storage=self.lifter.value(source).storage)
        return output


Rule = Callable[[OnnxLift, Node], None]
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register a rule for operators of these names."""

    def register(function: Rule) -> Rule:
        for name in names:
            if name in RULES:
                raise ValueError(f"{name} has a rule already")
            RULES[name] = function
        return function

    return register


def plain_path(text: str) -> str:
    """A path of words."""
    parts = [re.sub(r"\W+", "_", one, flags=re.ASCII).strip("_")[:60] for one in re.split(r"[./:]", text[:1000])]
    return ".".join(one for one in parts if one) or "part"

"""A graph of ONNX to calls of the library's layers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from archspec.importing.graphs.onnx_patterns import fused
from archspec.importing.graphs.scopes import grouped, only_used
from archspec.importing.lift.lifter import Lifter
from archspec.importing.lift.rules.registry import Refused
from archspec.importing.program import Block, Held, Value

Node = dict[str, Any]
Shape = tuple[int, ...]


@dataclass
class OnnxLift:
    """The state of lifting. weights: names of floating initialisers by value. turned: transposed weights, by value.

    owners: paths that were given to weights. kinds: by how many kinds of operations each weight is used.
    """

    lifter: Lifter
    weights: dict[int, str]
    uses: dict[int, set[str]]
    turned: dict[int, int] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    made: set[int] = field(default_factory=set)
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
        """The name of the floating initialiser that a node takes, if it is one."""
        code = node["in"][place] if place < len(node["in"]) else None
        return None if code is None else self.weights.get(code["v"])

    def owner(self, name: str, node: Node) -> tuple[str, str]:
        """The path and name of the layer that has a weight: as PyTorch names its parameters, or where it is used."""
        vector = len(self.lifter.values[self.values[name]].shape) == 1
        key = f"{name} {node['path'].rpartition('.')[0]}" if vector else name
        known = self.owners.get(key)
        if known is None:
            whole, mark, leaf = name.rpartition(".")
            scope = node["path"].rpartition(".")[0]
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


def lift_onnx(trace: Mapping[str, Any]) -> tuple[Block, Lifter]:
    """The whole graph as one block, and what could not be spelled."""
    from archspec.importing.graphs import onnx_operators, onnx_shapes, onnx_weights

    assert onnx_operators and onnx_shapes and onnx_weights, "they fill the table"
    values = [
        Value(tuple(one["shape"]), one["dtype"], one["dtype"] == "float32", place, ())
        for place, one in enumerate(trace["values"])
    ]
    held: dict[int, Held] = {}
    weights: dict[int, str] = {}
    for name, one in trace["held"].items():
        if one["role"] == "param":
            weights[one["v"]] = name
            held[one["v"]] = Held(one["v"], plain_path(name), "param", tuple(one["shape"]), "float32", False)
    body = fused(trace["body"], weights, [one["v"] for one in trace["outputs"]])
    uses: dict[int, set[str]] = {}
    for node in body:
        for code in node["in"]:
            if code is not None and code["v"] in weights:
                uses.setdefault(code["v"], set()).add(_family(node["op"]))
    lifter = Lifter(values, held)
    o = OnnxLift(lifter, weights, uses, values={name: value for value, name in weights.items()})
    inputs = tuple(one["v"] for one in trace["inputs"].values())
    # Small tables of whole numbers are constants, but larger ones have no values here: they come from nowhere too.
    loose = {one["v"] for one in trace["held"].values() if one["role"] != "param"}
    for number in sorted(loose):
        o.made.add(number)
        value = lifter.values[number]
        shape = list(value.shape) or [1]
        lifter.values[number] = replace(value, shape=tuple(shape), constant=True)
        lifter.emit("made", (), (number,), {"shape": shape}, made=value.dtype, spelled="constant")
    for node in body:
        _one(o, node)
    root = Block(trace["model"], [], inputs=inputs)
    kinds = {plain_path(path): re.sub(r"\W", "", kind)[:60] for path, kind in trace["kinds"].items()}
    root.items = grouped(lifter.items, kinds)
    only_used(lifter, root.items)
    root.outputs = tuple(lifter.find(one["v"]) for one in trace["outputs"])
    return root, lifter


def _family(op: str) -> str:
    return "product" if op in ("MatMul", "Linear", "Gemm") else op


def _one(o: OnnxLift, node: Node) -> None:
    known = RULES.get(node["op"]) if node["domain"] in ("", "ai.onnx") else None
    before, missed = len(o.lifter.items), len(o.lifter.unknown)
    made = set(o.made)
    reason = ""
    o.lifter.path = plain_path(node["path"])
    try:
        if any(0 in o.lifter.values[one].shape for one in node["o"]):
            raise Refused("it gives a tensor without elements")
        if known is not None:
            known(o, node)
            if len(o.lifter.unknown) == missed:
                return
            o.lifter.unknown.popitem()
    except Refused as error:
        reason = str(error)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        reason = f"with attributes of another kind ({type(error).__name__})"
    del o.lifter.items[before:]
    o.made = made
    inputs = []
    for place in range(len(node["in"])):
        code = node["in"][place]
        if code is not None and "c" not in code:
            inputs.append(o.lifter.find(code["v"]))
    name = "".join(letter for letter in node["op"] if letter.isascii() and letter.isalnum()) or "operation"
    o.lifter.miss(f"{node['domain'] + '.' if node['domain'] else ''}{name}", reason, o.lifter.path)
    shapes = [list(o.lifter.values[one].shape) for one in node["o"]]
    o.lifter.emit(f"?{name}", inputs, tuple(node["o"]), {"shapes": shapes})


__all__ = ["RULES", "Counter", "OnnxLift", "lift_onnx", "plain_path", "rule"]

"""A trace, as the recorder wrote it down, to a tree of blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archspec.importing.lift.banks import banks_of, deal
from archspec.importing.lift.lifter import Lifter, Unknown, tensor, tensors_in
from archspec.importing.lift.modules import lift_module
from archspec.importing.lift.rules import RULES, Refused, outputs_of
from archspec.importing.program import Block, Held, Value

_CASTS = frozenset({"to", "float", "type_as", "long", "int", "bool", "type"})
_FRESH = frozenset(
    {"new_zeros", "new_ones", "new_full", "new_empty", "new_tensor", "zeros_like", "ones_like", "full_like",
     "empty_like", "rand_like", "randn_like"}
)  # fmt: skip
"""Functions that take a tensor for its shape or precision alone."""
_TELLING = {"cos": "cos", "sin": "sin", "arange": "arange", "cumsum": "positions", "where": "mask", "triu": "mask",
            "tril": "mask", "masked_fill": "mask"}  # fmt: skip
"""Functions that say what a constant is."""


def lift(trace: dict[str, Any]) -> tuple[Block, Lifter]:
    """The whole model as one block, and what could not be spelled."""
    held: dict[int, Held] = {}
    for name, one in trace["held"].items():
        info = trace["values"][one["v"]]
        held.setdefault(
            one["v"], Held(one["v"], name, one["role"], tuple(info["shape"]), info["dtype"], one["transient"])
        )
    values = [
        Value(tuple(one["shape"]), one["dtype"], one["grad"], one["storage"], tuple(one["strides"]))
        for one in trace["values"]
    ]
    lifter = Lifter(values, held)
    for name, one in trace["held"].items():
        lifter.names.setdefault(one["v"], []).append(name)
    for number, known in held.items():
        if known.role == "buffer":
            values[number] = replace(values[number], constant=True)
    for code in trace["inputs"].values():
        for number in tensors_in(code):
            values[number] = replace(values[number], constant=not values[number].dtype.startswith(("float", "bfloat")))
    inputs = tuple(number for code in trace["inputs"].values() for number in tensors_in(code))
    lifter.lasting = {values[number].storage for number in (*held, *inputs)}
    lifter.banks = banks_of(trace)
    root = Block(trace["model"], _body(lifter, trace["body"], ""), path="", known=trace["numbers"])
    root.inputs = inputs
    root.outputs = tuple(lifter.find(one) for one in tensors_in(trace["outputs"]))
    return root, lifter


def _body(lifter: Lifter, nodes: list[dict[str, Any]], path: str) -> list[Any]:
    """The calls of a list of nodes, in a list of their own."""
    with lifter.inside(path) as items:
        for node in nodes:
            _one(lifter, node)
    return items


def _leaf(lifter: Lifter, node: dict[str, Any]) -> list[Any]:
    """The calls of a module that is taken as a whole, in a list of their own."""
    with lifter.inside(node["m"]) as items:
        lift_module(lifter, node)
    return items


def _one(lifter: Lifter, node: dict[str, Any]) -> None:
    if "f" in node:
        _function(lifter, node)
        return
    home, _, place = node["m"].rpartition(".")
    first = place == "0" and home in lifter.banks  # of experts: a block, whatever it is
    if "leaf" in node and not first:
        lift_module(lifter, node)
    elif node["c"].endswith((".StochasticDepth", ".DropPath")):
        _depth(lifter, node)
    else:
        block = Block(node["c"], [], path=node["m"], name=place, known=node.get("n", {}))
        block.items = _body(lifter, node["b"], node["m"]) if "b" in node else _leaf(lifter, node)
        if first:
            deal(lifter, block, node, lifter.banks[home])
        lifter.items.append(block)


def _depth(lifter: Lifter, node: dict[str, Any]) -> None:
    """A branch that is left out at random: one layer, whatever it is made of."""
    (source,), (output,) = list(tensors_in(node["a"])), list(tensors_in(node["o"]))
    rate, mode = 0.0, "row"
    for one in node["b"]:
        if one.get("f", "").endswith(("bernoulli_", "bernoulli")):
            shape = lifter.values[next(iter(tensors_in(one["o"])))].shape
            mode = "row" if shape and shape[0] > 1 else "batch"
            rate = 1.0 - float(one["a"][1] if len(one["a"]) > 1 else one["k"].get("p", 0.5))
    if lifter.find(source) == lifter.find(output) or not node["b"]:
        lifter.same(output, source)
        return
    found: dict[str, Any] = {"p": rate, **({"mode": mode} if mode != "row" else {})}
    lifter.emit("StochasticDepth", (source,), (output,), found, path=node["m"])


def _function(lifter: Lifter, node: dict[str, Any]) -> None:
    name = node["f"].removesuffix(".__get__").rpartition(".")[2]
    outputs = outputs_of(node)
    inputs = [] if name in _FRESH else list(tensors_in([node["a"], list(node["k"].values())]))
    constant = all(lifter.value(one).constant for one in inputs) and not any(lifter.value(one).grad for one in outputs)
    for one in outputs:
        number = lifter.find(one)
        lifter.values[number] = replace(lifter.values[number], constant=constant)
    seen = inputs and all(lifter.value(one).storage in lifter.lasting for one in outputs) and not node.get("w")
    if constant and not seen:
        _make(lifter, name, node, inputs, outputs)
        return
    if name not in RULES:
        _refuse(lifter, node, name, "", outputs, inputs)
        return
    try:
        RULES[name](lifter, node)
    except Refused as error:
        _refuse(lifter, node, name, str(error), outputs, inputs)


def _make(lifter: Lifter, name: str, node: dict[str, Any], inputs: list[int], outputs: Any) -> None:
    """A tensor that hangs on no parameter and no real input: only its shape and precision matter, and its memory."""
    if name in _CASTS and inputs and lifter.value(inputs[0]).dtype == lifter.value(outputs[0]).dtype:
        RULES["contiguous"](lifter, node)
        return
    if inputs and not node.get("w") and _seen_otherwise(lifter, name, node, inputs, outputs):
        return
    if name == "zeros_like" and (like := tensor(node["a"][0])) is not None:
        lifter.zeros_like |= dict.fromkeys(outputs, lifter.find(like))
    hint = _TELLING[name] if name in _TELLING else next((lifter.defined[one].name for one in map(lifter.find, inputs)
                                               if one in lifter.defined), "")  # fmt: skip
    for one in outputs:
        value = lifter.value(one)
        call = lifter.emit("made", inputs, (one,), {"shape": list(value.shape)}, made=value.dtype, spelled=name)
        call.name = hint
        if name in ("matmul", "bmm", "mm", "outer", "__matmul__") and name != "outer":
            inner = lifter.shape(inputs[0])[-1]
            size = 1
            for axis in value.shape:
                size *= axis
            call.spelled = f"{name}:{2 * inner * size}"


def _seen_otherwise(lifter: Lifter, name: str, node: dict[str, Any], inputs: list[int], outputs: Any) -> bool:
    """A constant in another shape, in the same memory, as a view; whether that could be said."""
    if name not in RULES or not all(any(lifter.shares(one, other) for other in inputs) for one in outputs):
        return False
    before, known = list(lifter.items), dict(lifter.unknown)
    try:
        RULES[name](lifter, node)
    except Refused:
        pass
    else:
        if lifter.unknown == known:
            return True
    lifter.items[:], lifter.unknown = before, known
    return False


def _refuse(lifter: Lifter, node: dict[str, Any], name: str, reason: str, outputs: Any, inputs: list[int]) -> None:
    lifter.miss(node["f"], reason)
    shapes = [list(lifter.shape(one)) for one in outputs]
    lifter.emit(f"?{name}", inputs, tuple(outputs), {"shapes": shapes})


__all__ = ["Unknown", "lift"]

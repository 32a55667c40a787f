"""A graph of ONNX to calls of the library's layers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archspec.importing.fold.dataflow import without_dead
from archspec.importing.graphs.onnx_patterns import fused
from archspec.importing.graphs.onnx_state import RULES, OnnxLift, plain_path
from archspec.importing.graphs.scopes import grouped, only_used
from archspec.importing.lift.lifter import Lifter
from archspec.importing.lift.rules.registry import Refused
from archspec.importing.lift.spellings import has_parameters
from archspec.importing.program import Block, Call, Held, Value, every_block

Node = dict[str, Any]


def lift_onnx(trace: Mapping[str, Any]) -> tuple[Block, Lifter]:
    """The whole graph as one block, and what could not be spelled."""
    from archspec.importing.graphs import onnx_operators, onnx_recurrent, onnx_shapes, onnx_weights

    assert onnx_operators and onnx_recurrent and onnx_shapes and onnx_weights, "they fill the table"
    values = [
        Value(tuple(one["shape"]), one["dtype"], one["dtype"] == "float32", place, ())
        for place, one in enumerate(trace["values"])
    ]
    held: dict[int, Held] = {}
    weights: dict[int, str] = {}
    for name, one in trace["held"].items():
        if one["role"] == "constant":
            continue
        number, role = one["v"], "param" if one["role"] == "param" else "buffer"
        dtype, transient = values[number].dtype, one["role"] == "transient"
        held[number] = Held(number, plain_path(name), role, tuple(one["shape"]), dtype, transient)
        if role == "param":
            weights[number] = name
        else:
            values[number] = replace(values[number], grad=False, constant=True)
    body = fused(
        trace["body"], weights, [one["v"] for one in trace["outputs"]], [one["shape"] for one in trace["values"]]
    )
    uses: dict[int, set[str]] = {}
    for node in body:
        for code in node["in"]:
            if code is not None and code["v"] in weights:
                uses.setdefault(code["v"], set()).add(_family(node["op"]))
    lifter = Lifter(values, held)
    o = OnnxLift(lifter, weights, uses, trace["apart"], values={name: value for value, name in weights.items()})
    o.arranged.update(weights)
    inputs = tuple(one["v"] for one in trace["inputs"].values())
    # Small tables of whole numbers are constants, but larger ones have no values here: they come from nowhere too.
    for number in sorted(one["v"] for one in trace["held"].values() if one["role"] == "constant"):
        o.made.add(number)
        value = lifter.values[number]
        shape = list(value.shape) or [1]
        lifter.values[number] = replace(value, shape=tuple(shape), grad=False, constant=True)
        lifter.emit("made", (), (number,), {"shape": shape}, made=value.dtype, spelled="constant")
    for node in body:
        _one(o, node)
    for function, name in trace["lost"]:
        lifter.miss(
            function, "worked out by the exporter, which does not tell its size (optimize=False keeps it)", name
        )
    root = Block(trace["model"], [], inputs=inputs)
    root.outputs = tuple(_given(o, one["v"], inputs) for one in trace["outputs"])
    # What only turns a weight is gone: the layer that has it takes it so.
    lifter.items = without_dead(lifter.items, set(root.outputs))
    kinds = {plain_path(path): re.sub(r"\W", "", kind)[:60] for path, kind in trace["kinds"].items()}
    root.items = grouped(lifter.items, _short_ones(lifter) | kinds)
    _open_shared(root)
    kept = {number for number, one in held.items() if one.role == "buffer"} - o.inside
    only_used(lifter, root.items, kept | {one["v"] for one in trace["held"].values() if one["idle"]})
    return root, lifter


def _given(o: OnnxLift, value: int, inputs: tuple[int, ...]) -> int:
    """An output of the model; one that no operator gives is a copy of a parameter, or a constant."""
    lifter, found = o.lifter, o.lifter.find(value)
    if found in lifter.defined or found in inputs:
        return found
    shape = lifter.shape(found) or (1,)
    if found in lifter.held:
        return o.step("Identity", (found,), shape)
    lifter.values[found] = replace(lifter.values[found], shape=shape, grad=False, constant=True)
    lifter.emit("made", (), (found,), {"shape": list(shape)}, made=lifter.value(found).dtype, spelled="constant")
    return found


def _open_shared(root: Block) -> None:
    """A layer that runs in several blocks belongs to what is around these: they are opened."""
    while True:
        homes: dict[str, set[int]] = {}
        for block in every_block(root):
            for one in block.items:
                if isinstance(one, Call) and one.path and has_parameters(one.layer):
                    homes.setdefault(one.path, set()).add(id(block))
        shared = {block for found in homes.values() if len(found) > 1 for block in found} - {id(root)}
        if not shared:
            return
        _open(root, shared)


def _open(block: Block, which: set[int]) -> None:
    found: list[Any] = []
    for one in block.items:
        if isinstance(one, Block):
            _open(one, which)
            found += one.items if id(one) in which else [one]
        else:
            found.append(one)
    block.items = found


def _short_ones(lifter: Lifter) -> dict[str, str]:
    """Classes for modules whose names have one letter, which would be those of axes."""
    found: dict[str, str] = {}
    for one in lifter.items:
        parts = getattr(one, "path", "").split(".")
        for depth in range(1, len(parts)):
            word = next((part for part in reversed(parts[:depth]) if not part.isdigit()), "")
            if len(word) == 1:
                found[".".join(parts[:depth])] = f"{word.upper()}Group"
    return found


def _family(op: str) -> str:
    return "product" if op in ("MatMul", "Linear", "Gemm") else op


def _from_constants(o: OnnxLift, node: Node) -> bool:
    """Whether all that an operator takes hangs on no parameter and no input."""
    taken = [place for place, code in enumerate(node["in"]) if code is not None]
    return bool(taken) and all(o.is_constant(node, place) for place in taken)


def _one(o: OnnxLift, node: Node) -> None:
    if _from_constants(o, node) and not any(0 in o.lifter.values[one].shape for one in node["o"]):
        for output in node["o"]:
            value = o.lifter.values[output]
            shape = tuple(value.shape) or (1,)
            o.lifter.values[output] = replace(value, shape=shape, grad=False, constant=True)
            o.lifter.emit("made", (), (output,), {"shape": list(shape)}, made=value.dtype, spelled=node["op"].lower())
        return
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

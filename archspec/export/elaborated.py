"""A model as JSON: operations in order, loops, tensors with their shapes as formulas, parameters, ties.

`grammar/model.schema.json` describes it. Formulas are texts of the language itself, in the model's symbols.
"""

from __future__ import annotations

import json
from typing import Any

from archspec.elaborate.bounds import at_bound
from archspec.elaborate.program import Loop, Operation, Parameter, Program, Region, Tensor, Turns
from archspec.formulas import to_text
from archspec.model import Model
from archspec.policy import Policy

SCHEMA = "archspec/model/1"
"""The form: its number goes up when a reader of an older one would misread it."""

Json = dict[str, Any]


def to_json(model: Model, policy: Policy) -> str:
    """The elaborated model. Raises `SpecError` with what is wrong with it."""
    derivation = model.derive(policy)
    return json.dumps(elaborated(model, derivation.program, policy), ensure_ascii=False, indent=2) + "\n"


def elaborated(model: Model, program: Program, policy: Policy) -> Json:
    """The elaborated model as plain data."""
    writer = _Writer()
    inputs = {name: writer.tensor(tensor) for name, tensor in program.inputs.items()}
    parameters = [writer.parameter(one) for one in program.parameters]
    steps = writer.region(program.region)
    return {
        "schema": SCHEMA,
        "model": model.name,
        "definition": program.name,
        "doc": model.doc,
        "policy": policy.to_dict(),
        "symbols": [
            {"name": one.name, "default": one.value, "meaning": one.meaning, "least": one.lower}
            for one in program.symbols.values()
        ],
        "fixed": [{"symbol": one.symbol, "value": one.value} for one in program.fixed],
        "assumptions": [{"condition": one.text, "origin": one.origin} for one in program.assumptions],
        "inputs": inputs,
        "outputs": {name: writer.tensor(tensor) for name, tensor in program.outputs.items()},
        "parameters": parameters,
        "cached": [
            {"path": one.path, "tensor": writer.tensor(one.tensor), "loops": writer.loops(one.loops)}
            for one in program.cached
        ],
        "tensors": writer.tensors,
        "loops": writer.known_loops,
        "steps": steps,
    }


class _Writer:
    """Gives every tensor and loop a number, in the order in which they are met."""

    def __init__(self) -> None:
        self.tensors: list[Json] = []
        self.known_loops: list[Json] = []
        self._tensors: dict[int, int] = {}
        self._loops: dict[int, int] = {}
        self._storages: dict[int, int] = {}
        self._kept: list[object] = []

    def tensor(self, tensor: Tensor) -> int:
        """The number of a tensor. Those of one storage share memory."""
        if id(tensor) not in self._tensors:
            self._kept.append(tensor)
            self._tensors[id(tensor)] = len(self.tensors)
            storage = self._storages.setdefault(id(tensor.storage), len(self._storages))
            self._kept.append(tensor.storage)
            self.tensors.append(
                {
                    "shape": [to_text(at_bound(size)) for size in tensor.shape],
                    "dtype": tensor.dtype,
                    "storage": storage,
                    "kind": tensor.storage.kind,
                    "needs_grad": tensor.needs_grad,
                }
            )
        return self._tensors[id(tensor)]

    def loop(self, loop: Loop) -> int:
        """The number of a loop."""
        if id(loop) not in self._loops:
            self._kept.append(loop)
            self._loops[id(loop)] = len(self.known_loops)
            active = None if loop.active is None else to_text(at_bound(loop.active))
            count = to_text(at_bound(loop.count))
            self.known_loops.append({"name": loop.name, "index": loop.index, "count": count, "active": active})
        return self._loops[id(loop)]

    def loops(self, loops: tuple[Loop, ...]) -> list[int]:
        """Loops from the outermost in."""
        return [self.loop(one) for one in loops]

    def parameter(self, one: Parameter) -> Json:
        """A parameter or buffer: one for each turn of its loops."""
        return {
            "path": one.path,
            "kind": "param" if one.role == "param" else "buffer",
            "tensor": self.tensor(one.tensor),
            "loops": self.loops(one.loops),
            "trainable": one.trainable,
            "tied_to": None if one.tied_to is None else one.tied_to.path,
        }

    def region(self, region: Region) -> list[Json]:
        """Steps in order."""
        return [self.turns(step) if isinstance(step, Turns) else self.operation(step) for step in region.steps]

    def operation(self, one: Operation) -> Json:
        """One call of a primitive."""
        return {
            "operation": one.kind,
            "path": one.path,
            "inputs": [self.tensor(tensor) for tensor in one.inputs],
            "outputs": [self.tensor(tensor) for tensor in one.outputs],
            "parameters": [parameter.path for parameter in one.parameters],
            "flops": {"forward": to_text(at_bound(one.flops)), "backward": to_text(at_bound(one.backward))},
        }

    def turns(self, step: Turns) -> Json:
        """A loop: its body once, and the tensors that pass from turn to turn."""
        return {
            "loop": self.loop(step.loop),
            "carries": [
                {
                    "name": carry.name,
                    "before": self.tensor(carry.initial),
                    "entry": self.tensor(carry.entry),
                    "result": self.tensor(carry.result),
                    "after": self.tensor(carry.after),
                }
                for carry in step.carries
            ],
            "steps": self.region(step.body),
        }

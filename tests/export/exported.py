"""Exported source as Python objects, and what the spec says of it, to be compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import torch

import archspec
from archspec.algebra import evaluate, free_symbols
from archspec.elaborate.program import Parameter
from archspec.export import export
from archspec.model import Model
from archspec.policy import Policy
from archspec.verify.defaults import written_default

RECORDS = Path(__file__).parent.parent / "data" / "measured_models.jsonl"
FEW = 3
LARGEST = 1_000_000_000
"""A model of more parameters takes seconds to build, also on meta."""
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Small:
    """A model of the zoo at some size."""

    model: str
    settings: dict[str, Any]
    axes: dict[str, int]
    params: int

    @property
    def name(self) -> str:
        """For test reports."""
        return f"{self.model}-" + ",".join(f"{key}={value}" for key, value in self.settings.items())


def measured() -> list[Small]:
    """Each model of the zoo as published, and under drawn settings, as it was measured."""
    seen: dict[str, Small] = {}
    for line in RECORDS.read_text().splitlines():
        record = json.loads(line)
        if "params" in record["quantities"]:
            small = Small(record["model"], record["set"], record["axes"], record["quantities"]["params"])
            seen.setdefault(small.name, small)
    return list(seen.values())


def cases() -> list[Small]:
    """Of each model and choice of its flags, the smallest published variant, and the smallest few drawn ones.

    The other variants are the same classes with larger numbers. A published one that takes long to build is left out
    where drawn ones have its flags.
    """
    alike: dict[object, list[Small]] = {}
    for small in measured():
        alike.setdefault(_blocks(small), []).append(small)
    chosen: list[Small] = []
    for group in alike.values():
        group.sort(key=lambda one: one.params)
        drawn = [one for one in group if one.settings]
        published = [one for one in group if not one.settings]
        chosen += published[: 0 if drawn and published and published[0].params > LARGEST else 1] + drawn[:FEW]
    return chosen


def _blocks(small: Small) -> object:
    """What decides which layers a model has: its definition, and the values that are no sizes."""
    model = load(small.model)
    formals = model.definition.layer.formals
    values = {one.name: small.settings.get(one.name, written_default(model, one.name)) for one in formals}
    return model.definition.layer.name, *sorted((name, one) for name, one in values.items() if isinstance(one, bool))


def plain(value: Any) -> Any:
    """A value of a spec as Python has it."""
    if isinstance(value, tuple):
        return tuple(plain(one) for one in value)
    return float(value) if isinstance(value, Fraction) else value


def load_source(source: str) -> dict[str, Any]:
    """Run exported source, as its own module."""
    namespace: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source, "exported.py", "exec"), namespace)
    return namespace


_sources: dict[tuple[str, Policy], dict[str, Any]] = {}


def exported(model: Model, policy: Policy | None = None) -> dict[str, Any]:
    """The namespace of a model's export, made once."""
    key = (model.name, policy or Policy())
    if key not in _sources:
        _sources[key] = load_source(export(model, "torch", policy))
    return _sources[key]


def build(model: Model, settings: dict[str, Any], device: str = "meta") -> torch.nn.Module:
    """The module of a model, with some parameters changed."""
    namespace = exported(model)
    made = namespace[model.name]
    with torch.device(device):
        module: torch.nn.Module = made(**settings)
    return module


def inputs(model: Model, settings: dict[str, Any], axes: dict[str, int], device: str = "meta") -> list[torch.Tensor]:
    """Inputs of the shapes that the spec declares; indices are small."""
    derivation = model.derive(given={**settings, **axes})
    made: list[torch.Tensor] = []
    for tensor in derivation.program.inputs.values():
        shape = [model.evaluate(size, derivation, {**settings, **axes}) for size in tensor.shape]
        if tensor.dtype == "int64":
            made.append(torch.randint(0, 2, shape, device=device))  # type: ignore[arg-type]  # all have values
        else:
            made.append(torch.randn(shape, device=device))  # type: ignore[arg-type]
    return made


def output_shapes(model: Model, settings: dict[str, Any], axes: dict[str, int]) -> list[Shape]:
    """The shapes of the outputs, as derived."""
    given = {**settings, **axes}
    derivation = model.derive(given=given)
    values = model.values(derivation, given)
    return [tuple(evaluate(size, values) for size in tensor.shape) for tensor in derivation.program.outputs.values()]


def derived_tensors(model: Model, settings: dict[str, Any], axes: dict[str, int]) -> dict[str, list[Shape]]:
    """The shapes of all copies of each parameter and buffer, by the path in the spec."""
    given = {**settings, **axes}
    derivation = model.derive(given=given)
    values = model.values(derivation, given)
    found: dict[str, list[Shape]] = {}
    for parameter in derivation.program.parameters:
        found.setdefault(parameter.path, []).extend(_copies(parameter, values))
    return {path: sorted(shapes) for path, shapes in found.items()}


def _copies(parameter: Parameter, values: dict[str, int]) -> Iterator[Shape]:
    """The shape of each turn's copy. A count may hang on the index of a loop around it."""

    def turns(position: int, known: dict[str, int]) -> Iterator[dict[str, int]]:
        if position == len(parameter.loops):
            yield known
            return
        loop = parameter.loops[position]
        for index in range(evaluate(loop.count, known)):
            yield from turns(position + 1, {**known, loop.index: index})

    for known in turns(0, values):
        needed = set[str]().union(*(free_symbols(size) for size in parameter.tensor.shape))
        yield tuple(evaluate(size, {name: known[name] for name in needed}) for size in parameter.tensor.shape)


def held(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Parameters and buffers by path: tied ones under both names, and buffers that are in no checkpoint too."""
    found: dict[str, torch.Tensor] = dict(module.named_parameters(remove_duplicate=False))
    found.update(module.named_buffers(remove_duplicate=False))
    return found


def by_path(state: dict[str, torch.Tensor], paths: set[str]) -> dict[str, list[Shape]]:
    """The shapes of a state dict by the path in the spec: keys without the numbers of the turns of `repeat`."""
    found: dict[str, list[Shape]] = {}
    for key, tensor in state.items():
        path = next((one for one in _without_numbers(key) if one in paths), key)
        found.setdefault(path, []).append(tuple(tensor.shape))
    return {path: sorted(shapes) for path, shapes in found.items()}


def _without_numbers(key: str) -> Iterator[str]:
    parts = key.split(".")
    choices = [((part,), ()) if part.isdigit() else ((part,),) for part in parts]
    for chosen in product(*choices):
        yield ".".join(part for one in chosen for part in one)


def load(name: str) -> Model:
    """A model of the zoo."""
    return archspec.load(name)

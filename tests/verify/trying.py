"""What happens to a mutant: caught by the comparison of one layer, the same by proof of numbers, or not caught."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import layer_bindings as bindings
from layer_cases import Case, draw_cases
from layer_digests import exceptions, parts, within
from mutants import Mutant
from one_layer import PRECISIONS, TRAIN, Side, all_settings_of, compared, model_of, settings_of, shapes, traced
from test_composites_torch import CASES as COMPOSITES

from archspec.algebra import AlgebraError
from archspec.choices import split_choices
from archspec.errors.diagnostic import SpecError
from archspec.model import Model
from archspec.verify.errors import CannotVerify
from archspec.verify.traced.records import Record

SEEDS = 5
MOST_CASES = 6
MORE = 25
SAME = "the same cost: all numbers are equal in every policy, on both backends, in each construction drawn"
QUANTITIES = ("params", "buffers", "activations.outputs", "activations.saved", "flops.forward", "flops.backward")
CUDA = Path(__file__).parents[1] / "data" / "torch_operations.jsonl"


@cache
def cases() -> dict[str, list[Case]]:
    """Cases by layer, those of layers that are written out by hand too."""
    found: dict[str, list[Case]] = {}
    for case in draw_cases(range(SEEDS)):
        if bindings.spellings(bindings.library()[case.layer], "torch"):
            found.setdefault(case.layer, []).append(case)
    for layer, arguments, sizes, make in COMPOSITES:
        found.setdefault(layer, []).append(Case(layer, arguments, list(sizes), make=make))
    return found


@cache
def users(name: str) -> frozenset[str]:
    """The layers that a layer is used in, itself included."""
    found, pending = {name}, [name]
    while pending:
        inner = pending.pop()
        new = {other for other, layer in bindings.library().items() if inner in parts(layer)} - found
        found |= new
        pending += new
    return frozenset(found)


@cache
def hosts(name: str) -> tuple[Case, ...]:
    """The cases in which a layer runs: its own, else those of the layers that it is a part of."""
    own = cases().get(name, [])
    if own:
        return tuple(own[:MOST_CASES])
    simplest = sorted(users(name) & cases().keys(), key=lambda user: (len(within(user)), user))
    return tuple(case for user in simplest[:3] for case in cases()[user][:MOST_CASES])


@cache
def sides(name: str) -> tuple[Side, ...]:
    """What PyTorch does in these cases, where the unchanged library agrees with it."""
    found = []
    for case in hosts(name):
        for setting in all_settings_of(case) if case.layer == name else settings_of(case):
            side = reference(case.name, case.layer, setting.name)
            if side is not None:
                found.append(side)
    return tuple(found)


@cache
def reference(title: str, layer: str, setting_name: str) -> Side | None:
    """One of them, measured once."""
    case = next(one for one in cases()[layer] if one.name == title)
    setting = next(one for one in all_settings_of(case) if one.name == setting_name)
    side = traced(case, setting)
    if side.record.outputs is None:  # PyTorch does not run it in this setting
        return None
    return side if compared(side).passed else None


def library_with(mutant: Mutant, case: Case) -> str:
    """The mutant, and as they are the layers between it and the layer of a case, so that they use the mutant."""
    between = users(mutant.layer) & {one for one in bindings.library() if case.layer in users(one)} - {mutant.layer}
    texts = []
    for name in sorted(between):
        layer = bindings.library()[name]
        texts.append(bindings.source_of(name)[layer.start : layer.end])
    return "\n".join([*texts, mutant.text()])


def caught_by(mutant: Mutant) -> str:
    """The quantity in which a mutant differs from PyTorch, `error` where it does not hold together; nothing else."""
    for side in sides(mutant.layer):
        try:
            model = model_of(side, library_with(mutant, side.case))
            for precisions in (("fp32",), PRECISIONS):
                comparison = compared(side, model, precisions)
                if not comparison.passed:
                    return _first(comparison)
        except (SpecError, AlgebraError, CannotVerify):
            return "error"
    return ""


def _first(comparison: Any) -> str:
    named = [one.quantity for one in comparison.differences] or [row.quantity for row in comparison.rows if row.delta]
    return str(named[0])


# --- what is not caught -----------------------------------------------------------------------------


def policies() -> Iterator[dict[str, Any]]:
    """Every policy that the numbers of a layer may hang on."""
    for backend in ("cpu", "cuda"):
        for precision in PRECISIONS:
            for mode in ("train", "eval"):
                for inputs_grad in (True, False):
                    yield {"backend": backend, "precision": precision, "mode": mode, "inputs_grad": inputs_grad}


def caught_elsewhere(mutant: Mutant) -> str:
    """Look for constructions in which a mutant derives other numbers, and compare these with PyTorch."""
    for case in more_cases(mutant.layer):
        side = Side(case, TRAIN, Record(outputs=shapes(case)))
        try:
            differs = _different(side, mutant, {"backend": "cpu", "precision": "fp32", "inputs_grad": True})
        except (SpecError, AlgebraError, CannotVerify):
            return "error"
        if differs - {"activations.outputs"}:
            measured = traced(case)
            if compared(measured).passed:
                found = compared(measured, model_of(measured, library_with(mutant, case)))
                if not found.passed:
                    return _first(found)
    return ""


@cache
def more_cases(name: str) -> tuple[Case, ...]:
    """Further constructions of a layer that has cases of its own."""
    if not any(case.make is None for case in cases().get(name, [])):
        return ()
    return tuple(case for case in draw_cases(range(SEEDS, SEEDS + MORE)) if case.layer == name)[:MORE]


def why_not(mutant: Mutant) -> str:
    """Why a mutant cannot be caught, from what it derives in every policy; nothing where it can."""
    differs: dict[str, set[str]] = {"cpu": set(), "cuda": set()}
    looked = sides(mutant.layer)[:12]
    for side in looked:
        for choices in policies():
            differs[str(choices["backend"])] |= _different(side, mutant, choices)
    if not looked:
        return ""
    if not differs["cpu"] and not differs["cuda"]:
        return SAME
    if not differs["cpu"]:
        return "differs on CUDA only, which needs a card: tests/cuda compares it there"
    if differs["cpu"] == {"activations.outputs"}:
        return "differs in activations.outputs only: no hook sees which tensors are views"
    excused = _excused(looked, mutant.layer)
    return f"left out as the layer declares: {excused}" if excused and _left_out(differs["cpu"]) else ""


def _left_out(quantities: set[str]) -> bool:
    return quantities <= {"activations.saved", "activations.outputs", "flops.forward", "flops.backward"}


def _excused(looked: tuple[Side, ...], name: str) -> str:
    """Why a layer, or one that it was looked at in, cannot be verified in some quantity."""
    for layer in dict.fromkeys([name, *(side.case.layer for side in looked)]):
        for exception in exceptions(bindings.library()[layer]):
            if not exception["quantity"].endswith(".opaque"):
                return exception["reason"]
    return ""


def _different(side: Side, mutant: Mutant, choices: dict[str, Any]) -> set[str]:
    """The quantities of which a mutant derives other numbers than the layer."""
    right = _numbers(side, "", choices)
    wrong = _numbers(side, library_with(mutant, side.case), choices)
    return {name for name, value in right.items() if wrong[name] != value}


def _numbers(side: Side, library: str, choices: dict[str, Any]) -> dict[str, Any]:
    model = _model(side.case.name, side.case.layer, side.setting.name, library, side)
    policy = split_choices(choices)[0]
    derivation = model.derive(policy, {})
    shapes = [tuple(tensor.shape) for tensor in derivation.program.outputs.values()]
    held = [(one.path, tuple(one.tensor.shape)) for one in derivation.program.parameters]
    return {**{name: model.dim(name, policy, {})[0] for name in QUANTITIES}, "shapes": shapes, "held": held}


_models: dict[tuple[str, ...], Model] = {}


def _model(title: str, layer: str, setting: str, library: str, side: Side) -> Model:
    key = (title, layer, setting, library)
    if key not in _models:
        if len(_models) > 200:
            _models.clear()
        _models[key] = model_of(side, library)
    return _models[key]


def on_recorded_cuda(mutant: Mutant) -> str:
    """Whether a mutant differs from what fake CUDA tensors kept, as recorded from torch."""
    from layer_derive import model_text
    from test_layers_truth import OTHER_PATH, SPELLED, _given

    from archspec import load_text

    for record in _recorded():
        layer, arguments, shapes = SPELLED[record["op"]]
        if layer != mutant.layer or record["op"] in OTHER_PATH:
            continue
        ranks = [len(shape) for shape in record["shapes"]]
        text = model_text(layer, arguments, _given(shapes), ranks, fresh=bool(arguments.get("inplace")))
        model = load_text(f"{mutant.text()}\n{text}")
        mode = "eval" if record["op"].endswith("_eval") else "train"
        choices = {"precision": record["precision"], "backend": "cuda", "mode": mode, "inputs_grad": True}
        if model.expression("activations.saved", **choices) != record["kept"]:
            return f"activations.saved[{record['precision']}] on fake CUDA tensors"
    return ""


@cache
def _recorded() -> list[dict[str, Any]]:
    from test_layers_truth import SPELLED

    records = [json.loads(line) for line in CUDA.read_text(encoding="utf-8").splitlines()]
    return [one for one in records if one["backend"] == "cuda" and one["op"] in SPELLED]

"""One library layer on both sides: the PyTorch module that its spelling makes, and what archspec derives for it.

The comparison is the one that `archspec verify` makes, on a model of this layer alone. What is not comparable says the
layer itself, with `unverified`; there is no list of exceptions here. In front of the layer each input is copied, as if
another layer had made it: what is kept of a model's own inputs is counted nowhere.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import layer_bindings as bindings
import torch
from layer_cases import Case
from layer_probe import probe, stored

import archspec
from archspec.model import Model
from archspec.policy import Policy
from archspec.syntax import tree
from archspec.verify.compare import compare
from archspec.verify.derived import SAVED, Derived, derive
from archspec.verify.outcome import Comparison, Difference
from archspec.verify.traced.measure import measure
from archspec.verify.traced.modules import Inputs, Maker
from archspec.verify.traced.records import Record
from archspec.verify.traced.watch import tensors_in

MIXED = "mixed-bf16"
PRECISIONS = ("fp32", "bf16", MIXED)
SPACES: dict[str, Any] = {"nn": torch.nn, "F": torch.nn.functional, "torch": torch, "Tensor": torch.Tensor}
with contextlib.suppress(ImportError):  # without torchvision, its layers are not compared
    sys.path.append(str(Path(__file__).parents[1] / "zoo"))
    import torchvision_operators  # noqa: F401  # isort: skip  # before torchvision
    import torchvision

    SPACES["ops"] = torchvision.ops


@dataclass(frozen=True)
class Setting:
    """What is done with a layer: in which mode, and what needs a gradient.

    learned: inputs that are parameters of the model, by place: they need a gradient where the others have none.
    shares: inputs and outputs are kept behind the layer, which shows whether they share memory. half: under autocast,
    inputs come in half precision.
    """

    name: str
    mode: str = "train"
    inputs_grad: bool = True
    frozen: bool = False
    learned: str = ""
    shares: bool = False
    half: bool = False

    def learned_of(self, case: Case) -> list[int]:
        """Which inputs of a case are parameters."""
        floats = [place for place in range(len(case.shapes)) if place not in case.integers and place not in case.masks]
        return {"first": floats[:1], "others": floats[1:]}.get(self.learned, [])


TRAIN = Setting("train")
SETTINGS = (
    TRAIN,
    Setting("eval", "eval"),
    Setting("inputs without gradients", inputs_grad=False),
    Setting("frozen", frozen=True),
    Setting("first input learned", inputs_grad=False, learned="first"),
    Setting("other inputs learned", inputs_grad=False, learned="others"),
    Setting("shared memory", shares=True),
    Setting("shared memory in evaluation", "eval", shares=True),
    Setting("half inputs", half=True),
)


def settings_of(case: Case) -> list[Setting]:
    """The settings in which every layer is compared."""
    return [one for one in SETTINGS[:3] if one.inputs_grad or len(case.integers) < len(case.shapes)]


def all_settings_of(case: Case) -> list[Setting]:
    """These, and parts of a layer without gradients: of several operands, each can be the only one that needs one.

    A kernel that computes all its gradients whichever are needed is then no reference for one that does not.
    """
    made = build(case)
    held = getattr(made, "layer", made)
    has_parameters = isinstance(held, torch.nn.Module) and any(True for _ in held.parameters())
    several = bool(Setting("", learned="others").learned_of(case))
    return [one for one in SETTINGS if (several or not one.learned) and (has_parameters or not one.frozen)]


@dataclass(frozen=True)
class Side:
    """The PyTorch side of a case in one setting: it does not depend on the spec, and serves for many of them."""

    case: Case
    setting: Setting
    record: Record


class Alone(torch.nn.Module):
    """A module, or a function, with copies of its inputs in front of it."""

    def __init__(self, case: Case, setting: Setting, *, autocast: bool) -> None:
        super().__init__()
        made = build(case, setting.mode)
        self.layer = getattr(made, "layer", made)
        if setting.frozen and isinstance(self.layer, torch.nn.Module):
            self.layer.requires_grad_(False)
        self.call: Callable[..., object] = made
        self.case, self.autocast = case, autocast
        self.setting = setting
        self.learned = setting.learned_of(case)
        floats = Setting("", learned="first").learned_of(case) + Setting("", learned="others").learned_of(case)
        for place in floats if setting.half else ():
            setattr(self, f"before{place}", torch.nn.PReLU())
        self.floats = floats
        for place in self.learned:
            setattr(self, f"x{place}", torch.nn.Parameter(torch.rand(stored(case, place)) * 0.8 + 0.1))

    def forward(self, *inputs: Any) -> object:
        given = list(inputs)
        for place in self.learned:
            given.insert(place, getattr(self, f"x{place}"))
        for place, one in enumerate(given):
            integer, mask = place in self.case.integers, place in self.case.masks
            copied = one.to(torch.int64) if integer else one.to(torch.bool) if mask else one.clone()
            turned = self.case.strided.get(place)
            given[place] = copied if turned is None else one.exp().permute(turned)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            for place in self.floats if self.setting.half else ():
                given[place] = getattr(self, f"before{place}")(given[place])
            result = self.call(*given)
            if not self.setting.shares:
                return result
            kept = [one.abs() if one.is_floating_point() else one for one in tensors_in(result)]
            return [*kept, *(given[place].abs() for place in self.floats)]


class Holder(torch.nn.Module):
    """A spelling that is no module: a function of the inputs, and of parameters and buffers that are held here."""

    def __init__(self, layer: tree.Layer, binding: tree.Binding, names: dict[str, Any]) -> None:
        super().__init__()
        assert layer.signature is not None
        self.inputs = [declared.name for declared in layer.signature.inputs]
        self.binding, self.names = binding, names
        self.own: list[str] = []
        for statement, declared, shape in bindings.held_shapes(layer, names):
            self.own.append(declared.name)
            if statement.kind == "param":
                setattr(self, declared.name, torch.nn.Parameter(torch.rand(shape)))
            else:
                dtype = getattr(torch, declared.dtype) if declared.dtype else torch.float32
                self.register_buffer(declared.name, torch.zeros(shape, dtype=dtype))

    def forward(self, *tensors: Any) -> object:
        own = {name: getattr(self, name) for name in self.own}
        given = {**self.names, **own, **dict(zip(self.inputs, tensors, strict=True))}
        return bindings.value(self.binding, given, SPACES)


def build(case: Case, mode: str = "train", backend: str = "cpu") -> Callable[..., object]:
    """The module, or the function, that the `torch` spelling of a layer makes."""
    if case.make is not None:
        made: Callable[..., object] = case.make()
        return made
    layer = bindings.library()[case.layer]
    policy = SimpleNamespace(mode=mode, attention="sdpa", backend=backend, precision="fp32", regime="float32")
    names = {**bindings.names_of(layer, case.arguments, case.shapes), "policy": policy}
    binding = bindings.chosen(layer, "torch", names)
    assert binding is not None, f"{case.name} has no spelling in torch"
    if bindings.is_function(layer, binding):
        return Holder(layer, binding, names)
    assert layer.signature is not None
    inputs = [declared.name for declared in layer.signature.inputs]
    spelled: Callable[..., object] = bindings.spell(binding, names, inputs, SPACES)
    return spelled


def traced(case: Case, setting: Setting = TRAIN) -> Side:
    """Measure the PyTorch side. A precision that PyTorch has no kernel for is in `record.refused`."""
    train = setting.mode == "train"
    if setting.half:
        record = measure(
            Maker.of_build(lambda: Alone(case, setting, autocast=True)), _feed(case, setting),
            precisions=("fp32",), flops=False, tensors="real", train=train, may_fail=("fp32",),
        )  # fmt: skip
        record.kept = {MIXED: kept for kept in record.kept.values()}  # noqa: B035  # there is one
        record.refused = {MIXED: said for said in record.refused.values()}  # noqa: B035
        return Side(case, setting, record)
    record = measure(
        Maker.of_build(lambda: Alone(case, setting, autocast=False)), _feed(case, setting),
        precisions=("fp32", "bf16"), tensors="real", train=train, may_fail=("fp32", "bf16"),
    )  # fmt: skip
    if setting in SETTINGS[:2]:
        mixed = measure(
            Maker.of_build(lambda: Alone(case, setting, autocast=True)), _feed(case, setting),
            precisions=("fp32",), flops=False, tensors="real", train=train, may_fail=("fp32",),
        )  # fmt: skip
        if "fp32" in mixed.refused:
            record.refused[MIXED] = mixed.refused["fp32"]
        else:
            record.kept[MIXED] = mixed.kept["fp32"]
    return Side(case, setting, record)


def shapes(case: Case) -> list[tuple[int, ...]]:
    """The shapes of the outputs of a case, from PyTorch on `meta`."""
    record = measure(Maker.of_build(lambda: Alone(case, TRAIN, autocast=False)), _feed(case, TRAIN), precisions=())
    return record.outputs or []


def _feed(case: Case, setting: Setting) -> Callable[[Any, Any, str], Inputs]:
    """Floats between 0.1 and 0.9, where every layer is defined; indices; masks."""

    def feed(_: Any, floating: Any, device: str) -> Inputs:
        generator = torch.Generator().manual_seed(0)
        made = []
        for place in range(len(case.shapes)):
            shape = stored(case, place)
            if place in setting.learned_of(case):
                continue
            if place in case.integers or place in case.masks:
                made.append(torch.randint(0, case.integers.get(place, 2), shape, generator=generator))
            else:
                made.append(torch.rand(shape, generator=generator) * 0.8 + 0.1)
            learns = setting.inputs_grad and place not in case.integers and place not in case.masks
            made[-1] = made[-1].to(floating).to(device).requires_grad_(learns)
        return Inputs(tuple(made), {})

    return feed


def model_of(side: Side, library: str = "") -> Model:
    """The spec: a model of the one layer. library: definitions that stand in place of the library's."""
    setting, ranks = side.setting, [len(shape) for shape in side.record.outputs or []]
    text = probe(side.case, ranks, setting.learned_of(side.case), shares=setting.shares, half=setting.half)
    return archspec.load_text(f"{library}\n{text}", name="Probe")


def derived(side: Side, model: Model, precisions: tuple[str, ...] = PRECISIONS) -> Derived:
    """What archspec derives for a case."""
    setting = side.setting
    frozen = ("layer.*",) if setting.frozen else ()
    policy = Policy(backend="cpu", mode=setting.mode, inputs_grad=setting.inputs_grad, frozen=frozen)
    measured = {*side.record.kept, *side.record.refused}
    return derive(model, policy, {}, tuple(one for one in precisions if one in measured))


def compared(side: Side, model: Model | None = None, precisions: tuple[str, ...] = PRECISIONS) -> Comparison:
    """Both sides of a case, side by side."""
    ours = derived(side, model_of(side) if model is None else model, precisions)
    comparison = compare(ours, side.record, "its spelling in torch")
    for precision, said in side.record.refused.items():
        if precision in ours.record.kept and precision not in ours.excused:
            message = f"PyTorch does not run it, and the layer does not say so: {said}"
            comparison.differences.append(Difference(f"{SAVED}[{precision}]", "layer", side.case.layer, message))
    if side.record.outputs != ours.record.outputs:
        message = f"{ours.record.outputs} by the spec, {side.record.outputs} in torch"
        comparison.differences.append(Difference("outputs", "layer", side.case.layer, message))
    return comparison

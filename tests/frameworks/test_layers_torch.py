"""Each layer of the library against the PyTorch module that it stands for: random constructors and shapes.

Parameters, buffers, output shapes, kept bytes (float32, bfloat16, autocast) on the real CPU, FLOPs on meta.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import layer_bindings as bindings  # noqa: E402  # these import torch
import measure  # noqa: E402
from layer_cases import IN_PLACE, Case, draw_cases  # noqa: E402
from layer_derive import Input, derive  # noqa: E402

CASES = draw_cases(range(2))
SPACES = {"nn": torch.nn, "F": torch.nn.functional, "torch": torch}
WORKSPACE = "uint8"
"""oneDNN keeps an opaque workspace of bytes for an LSTM: nobody tells its size."""


def build(case: Case) -> Callable[..., object]:
    """The module, or the function, that the `torch` spelling of a layer makes."""
    layer = bindings.library()[case.layer]
    names = bindings.names_of(layer, case.arguments, case.shapes)
    binding = bindings.chosen(layer, "torch", names)
    assert binding is not None
    assert layer.signature is not None
    inputs = [declared.name for declared in layer.signature.inputs]
    made: Callable[..., object] = bindings.spell(binding, names, inputs, SPACES)
    return Called(made) if hasattr(made, "layer") else made


class Called(torch.nn.Module):
    """A module whose spelling says how it is called: `nn.MultiheadAttention(…)(x, x, x)[0]`."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.layer = function.layer
        self.function = function

    def forward(self, *inputs: Any) -> Any:
        return self.function(*inputs)


def make_inputs(case: Case) -> list[Any]:
    """Random inputs; floats between 0.1 and 0.9, where every layer is defined."""
    generator = torch.Generator().manual_seed(0)
    made = []
    for index, shape in enumerate(case.shapes):
        if index in case.integers:
            made.append(torch.randint(0, case.integers[index], shape, generator=generator))
        else:
            made.append(torch.rand(shape, generator=generator) * 0.8 + 0.1)
    return made


def is_fresh(case: Case) -> bool:
    """Whether the layer overwrites its input: it gets one made for it."""
    return bool(case.arguments.get("inplace"))


def run(case: Case, precision: str, train: bool = True, device: str = "cpu") -> Any:
    """Measure the PyTorch module of a case."""
    made = build(case)
    fresh = is_fresh(case)

    def function(*inputs: Any) -> object:
        if fresh:
            return made(*(one * 2.0 if one.is_floating_point() else one for one in inputs))
        return made(*inputs)

    module = made if isinstance(made, torch.nn.Module) else None
    return measure.measure(
        function, make_inputs(case), module=module, precision=precision, inputs_grad=True, train=train, device=device
    )


def derived(case: Case, measured: Any, precision: str, train: bool = True, backend: str = "cpu") -> dict[str, Any]:
    """What archspec says of a case."""
    inputs = [Input(shape, index in case.integers) for index, shape in enumerate(case.shapes)]
    ranks = [len(shape) for shape in measured.shapes]
    return derive(
        case.layer,
        case.arguments,
        inputs,
        ranks,
        precision=precision,
        train=train,
        fresh=is_fresh(case),
        backend=backend,
    )


def kept(measured: Any) -> int:
    """Kept bytes without opaque workspaces."""
    return sum(one.bytes for one in measured.kept if one.dtype != WORKSPACE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_parameters_and_shapes(case: Case) -> None:
    measured = run(case, "fp32")
    found = derived(case, measured, "fp32")
    assert found["params"] == measured.params
    assert found["buffers"] == measured.buffers
    assert found["shapes"] == list(measured.shapes)


@pytest.mark.parametrize("train", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("precision", ["fp32", "bf16", "mixed-bf16"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_kept_bytes(case: Case, precision: str, train: bool) -> None:
    if precision in case.skip:
        pytest.skip("not comparable on its own")
    try:
        measured = run(case, precision, train)
    except (RuntimeError, NotImplementedError) as error:
        pytest.skip(f"PyTorch itself refuses: {error}")
    assert derived(case, measured, precision, train)["activations.saved"] == kept(measured)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_flops(case: Case) -> None:
    wanted = {"flops.forward", "flops.backward"} - case.skip
    if not wanted:
        pytest.skip("PyTorch's counter is no reference here")
    measured = run(case, "fp32")
    forward, backward = measure.count_flops(build(case), make_inputs(case), inputs_grad=True)
    found = derived(case, measured, "fp32")
    for name, count in (("flops.forward", forward), ("flops.backward", backward)):
        if name in wanted:
            assert found[name] == count, name


def test_every_layer_with_a_spelling_is_compared() -> None:
    compared = {case.layer for case in CASES}
    spelled = {name for name, layer in bindings.library().items() if bindings.bindings(layer, "torch")}
    assert spelled - compared == NOT_COMPARED
    assert set(IN_PLACE) <= compared


NOT_COMPARED = {
    "Positions",  # has no input
    "CausalMask",  # has no input
    "RotaryEmbedding",
    "Attention",  # in test_composites_torch
    "Dispatch",  # a part of MoE, there too
    "StochasticDepth",  # torchvision's
    "Expand",  # compared through the models that use it
    "MaskedFill",  # its mask is no number
    "MaskedAttention",
    "Best",  # in test_composites_torch, as a part of MoE
    "FusedRMSNorm",  # kernels of CUDA, and parts of layers that are compared
    "FusedRMSNormPlain",
    "GateInput",
    "Project",
    "PackHeads",
    "SequenceHeads",
    "MergeFirst",
}

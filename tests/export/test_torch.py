"""Exported PyTorch against the spec: paths and shapes of parameters, shapes of outputs, FLOPs, and that it trains."""

from __future__ import annotations

import re

import pytest

torch = pytest.importorskip("torch")

import exported as ex  # noqa: E402  # imports torch
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

CASES = ex.cases()
VARIANTS = sorted({one.model for one in ex.measured() if ex.load(one.model).defaults})
OPAQUE = {"lstm_lm"}
"""`nn.LSTM` has its own names for its parameters: only their number is compared."""
MOST_LAYERS = 200


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_parameters(case: ex.Small) -> None:
    model = ex.load(case.model)
    derived = ex.derived_tensors(model, case.settings, case.axes)
    state = ex.held(ex.build(model, case.settings))
    if case.model in OPAQUE:
        sizes = [torch.Size(shape).numel() for shapes in derived.values() for shape in shapes]
        assert sum(tensor.numel() for tensor in state.values()) == sum(sizes)
        return
    assert ex.by_path(state, set(derived)) == derived


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_outputs_and_flops(case: ex.Small) -> None:
    model = ex.load(case.model)
    module = ex.build(model, case.settings)
    with FlopCounterMode(display=False) as counter:
        result = module(*ex.inputs(model, case.settings, case.axes))
    outputs = list(result) if isinstance(result, tuple) else [result]
    assert [tuple(one.shape) for one in outputs] == ex.output_shapes(model, case.settings, case.axes)
    quantities = model.size(**case.settings, **case.axes).to_dict()["quantities"]
    assert counter.get_total_flops() == quantities["flops.forward"]["value"]


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_are_made_with_their_settings(name: str) -> None:
    model = ex.load(name)
    namespace = ex.exported(model)
    made: list[dict[str, object]] = []
    layer = model.definition.layer.name
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(namespace[name].__globals__, layer, lambda **settings: made.append(settings))
        namespace[name](added=1)
    assert made == [{**{key: ex.plain(value) for key, value in model.defaults.items()}, "added": 1}]


def test_paths_are_predictable() -> None:
    keys = set(ex.build(ex.load("gpt2"), {"layers": 2, "d": 8, "heads": 2, "vocab": 11}).state_dict())
    assert {"wte.weight", "h.0.attn.c_attn.weight", "h.1.ln_2.bias", "lm_head.weight"} <= keys
    keys = set(ex.build(ex.load("mlp"), {"widths": [3, 4]}).state_dict())
    paths = ("hidden.0.linear", "hidden.1.linear", "output")
    assert keys == {f"{path}.{name}" for path in paths for name in ("weight", "bias")}


def test_tied_weights_are_one_tensor() -> None:
    module = ex.build(ex.load("gpt2"), {"layers": 1, "d": 8, "heads": 2, "vocab": 11}, "cpu")
    assert module.lm_head.weight is module.wte.weight
    apart = ex.build(ex.load("gpt2"), {"layers": 1, "d": 8, "heads": 2, "vocab": 11, "tied": False}, "cpu")
    assert apart.lm_head.weight is not apart.wte.weight


@pytest.mark.parametrize(
    ("name", "settings", "axes"),
    [
        ("gpt2", {"layers": 2, "d": 16, "heads": 4, "vocab": 20, "context": 12}, {"B": 2, "S": 7}),
        ("resnet50", {"depths": [1, 2, 1, 1], "width": 4, "classes": 5}, {"B": 2, "H": 40, "W": 33}),
        ("llama3_8b", {"layers": 2, "d": 16, "hidden": 24, "heads": 4, "kv_heads": 2, "vocab": 20}, {"B": 2, "S": 7}),
        ("unet", {"widths": [4, 6, 8], "classes": 3}, {"B": 2, "H": 8, "W": 12}),
        ("vit_b_16", {"image": 8, "patch": 4, "d": 16, "heads": 2, "layers": 2, "classes": 3}, {"B": 2}),
        ("bert_base", {"layers": 2, "d": 16, "heads": 2, "vocab": 20, "context": 12}, {"B": 2, "S": 7}),
        ("t5_small", {"layers": 2, "d": 16, "heads": 2, "head_dim": 4, "vocab": 20}, {"B": 2, "T": 7, "S": 5}),
        (
            "mixtral_8x7b",
            {"layers": 2, "d": 16, "hidden": 8, "heads": 4, "kv_heads": 2, "head_dim": 4, "experts": 4, "vocab": 20},
            {"B": 2, "S": 7},
        ),
        ("lstm_lm", {"d": 8, "vocab": 20}, {"B": 2, "S": 7}),
        ("densenet121", {"growth": 8, "depths": [2, 2], "stem": 8, "classes": 3}, {"B": 2, "H": 40, "W": 40}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_trains(name: str, settings: dict[str, object], axes: dict[str, int]) -> None:
    torch.manual_seed(0)
    model = ex.load(name)
    module = ex.build(model, settings, "cpu")
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05)
    given = ex.inputs(model, settings, axes, "cpu")
    losses = []
    for _ in range(4):
        result = module(*given)
        result = result[0] if isinstance(result, tuple) else result
        scores = result.transpose(1, -1) if result.dim() == 3 else result
        loss = torch.nn.functional.cross_entropy(scores, torch.zeros_like(scores.select(1, 0)).long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


LOOPED = """
layer NetLayer { x[*] -> y[*]  y = x -> ReLU }
model Net(d = 4, n = 2) {
  x[B, d] -> y[B, d]
  repeat n as stages { x = x -> Linear(d) -> GELU }
  repeat n as layers { x = x -> Linear(d) -> NetLayer }
  y = x
}
"""


def test_turns_are_called_as_one_of_what_a_loop_makes() -> None:
    """Unless a layer has that name."""
    text = ex.export(ex.archspec.load_text(LOOPED), "torch")
    assert re.findall(r"^class (\w+)", text, re.MULTILINE) == ["NetLayer", "NetStage", "NetLayerTurn", "Net"]

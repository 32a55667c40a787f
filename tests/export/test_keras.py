"""Exported Keras against the spec: weights, output shapes, values of a few functions; what Keras cannot say is refused.

`tests/verify/test_keras_zoo.py` verifies every model of the zoo.
"""

from __future__ import annotations

import inspect
import math
import os
from typing import Any

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")

import exported as ex  # noqa: E402  # imports torch

from archspec.errors.diagnostic import SpecError  # noqa: E402
from archspec.export import export  # noqa: E402
from archspec.export.spellings import modules_in  # noqa: E402
from archspec.library import standard  # noqa: E402
from archspec.loading import load_text  # noqa: E402
from archspec.syntax import tree  # noqa: E402

CASES: list[tuple[str, dict[str, Any], dict[str, int]]] = [
    ("linear_regression", {"features": 5, "targets": 3}, {"B": 2}),
    ("mlp", {"inputs": 7, "widths": [5, 4], "outputs": 3}, {"B": 2}),
    ("alexnet", {"hidden": 16, "classes": 5}, {"B": 2, "H": 70, "W": 91}),
    ("convnet_3_16", {"channels": [3, 4], "hidden": [6], "classes": 5, "image": 20}, {"B": 2}),
    ("convnet_3_16_32", {"channels": [3, 4], "image": 20}, {"B": 2}),
    ("keras_convnet", {}, {"B": 2}),
    ("vgg16_bn", {"width": 3, "hidden": 8, "classes": 5}, {"B": 2, "H": 40, "W": 33}),
    ("resnet50", {"depths": [1, 2, 1, 1], "width": 4, "classes": 5}, {"B": 2, "H": 40, "W": 33}),
    ("resnet18", {"width": 4, "classes": 5}, {"B": 2, "H": 40, "W": 33}),
    ("densenet121", {"growth": 8, "depths": [2, 2], "stem": 8, "classes": 3}, {"B": 2, "H": 40, "W": 44}),
    ("mobilenet_v2", {"stem": 4, "first": 3, "expand": 2, "last": 6, "classes": 5}, {"B": 2, "H": 40, "W": 33}),
    ("unet", {"widths": [4, 6, 8], "classes": 3}, {"B": 2, "H": 8, "W": 12}),
]


def turned(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape with the channels of images last."""
    return (shape[0], *shape[2:], shape[1]) if len(shape) == 4 else shape


@pytest.mark.parametrize(("name", "settings", "axes"), CASES, ids=[case[0] for case in CASES])
def test_weights_and_shapes(name: str, settings: dict[str, Any], axes: dict[str, int]) -> None:
    model = ex.load(name)
    module = ex.load_source(export(model, "keras"))[name](**settings)
    given = [keras.KerasTensor(turned(tuple(one.shape))) for one in ex.inputs(model, settings, axes)]
    result = module(*given)
    assert turned(ex.output_shapes(model, settings, axes)[0]) == tuple(result.shape)
    derived = ex.derived_tensors(model, settings, axes)
    counted = {path: sum(math.prod(shape) for shape in shapes) for path, shapes in derived.items()}
    statistics = sum(size for path, size in counted.items() if path.endswith(("running_mean", "running_var")))
    weights = sum(size for path, size in counted.items() if not path.endswith(("_mean", "_var", "_tracked")))
    assert sum(math.prod(one.shape) for one in module.trainable_weights) == weights
    assert sum(math.prod(one.shape) for one in module.non_trainable_weights) == statistics


def made(name: str) -> dict[str, Any]:
    """The namespace of a model's export."""
    return ex.load_source(export(ex.load(name), "keras"))


def from_text(text: str, name: str) -> dict[str, Any]:
    """The namespace of the export of a model that a text defines."""
    return ex.load_source(export(load_text(text, name), "keras"))


def test_what_keras_has_no_equal_of_is_refused() -> None:
    with pytest.raises(SpecError, match="`LSTM` has no equal in keras: Keras has one bias vector for PyTorch's two"):
        export(ex.load("lstm_lm"), "keras")


def test_padding_is_written_for_every_number_that_the_class_takes() -> None:
    """`keras_convnet` pads nothing; its class takes a padding all the same."""
    namespace = made("keras_convnet")
    for padding, side in ((0, 5), (1, 7), (2, 8)):
        module = namespace["ConvNet"](channels=[3, 4], hidden=[6], image=28, padding=padding)
        module(keras.KerasTensor((2, 28, 28, 3)))
        assert tuple(module.classifier[0].fc.kernel.shape) == (4 * side * side, 6)


PICKY = """
model Picky(d = 4, mode = "zeros", ceil = false, dropout = 0.0) {
  x[B, 3, H, W] -> y[B, d, H2, W2]
  y = x -> Conv2d(d, 3, padding = 1, padding_mode = mode) as conv -> MaxPool2d(2, ceil_mode = ceil)
}
"""


def test_arguments_that_another_spelling_would_be_needed_for_are_refused() -> None:
    picky = from_text(PICKY, "Picky")["Picky"]
    assert tuple(picky()(keras.KerasTensor((2, 9, 8, 3))).shape) == (2, 4, 4, 4)
    with pytest.raises(ValueError, match="Conv2d: Keras pads with zeros only"):
        picky(mode="reflect")
    with pytest.raises(ValueError, match="MaxPool2d: Keras has no dilation here, and leaves cut-off windows out"):
        picky(ceil=True)


TURNED = """
model Turned(d = 4) {
  x[B, 3, H, W] -> y[B, d, H, W]
  y = x -> Conv2d(d, 3, padding = 1) as conv -> GELU -> Permute([0, 2, 3, 1]) -> LayerNorm -> Permute([0, 3, 1, 2])
}
"""


def test_no_axis_of_an_image_is_taken_for_another() -> None:
    """The channels are last in Keras already: what a spec says of axis 1 would be said of the height."""
    with pytest.raises(SpecError, match="`Permute` has no equal in keras: images have their channels last there"):
        from_text(TURNED, "Turned")


def test_epsilons_are_said() -> None:
    """Keras has 1e-3 where torch has 1e-5: a default of the library that is left out would be another number."""
    source = export(ex.load("resnet18"), "keras")
    norms = [line for line in source.splitlines() if "BatchNormalization(" in line]
    assert norms
    assert all("epsilon=1e-05" in line for line in norms)


def test_left_out_arguments_have_the_defaults_of_keras() -> None:
    """Whole numbers, and flags that are on, are left out where the spec gives none: both defaults must be one."""
    seen = 0
    for name in standard().names("layer"):
        layer = standard().find(name)[0]
        defaults = {formal.name: formal.default for formal in layer.formals}
        for statement in layer.body:
            if not isinstance(statement, tree.Binding) or statement.framework != "keras":
                continue
            for call in modules_in(statement, "keras"):
                wanted = inspect.signature(getattr(keras.layers, call.function.name)).parameters
                for argument in call.arguments:
                    default = defaults.get(getattr(argument.value, "name", ""))
                    value = getattr(default, "value", None)
                    if argument.name is None or not isinstance(value, int) or value is False:
                        continue
                    found = wanted[argument.name].default
                    assert value in (found, max(found) if isinstance(found, tuple) else found), name
                    seen += 1
    assert seen > 20


TIED = """
model Tied(vocab = 11, d = 4, tied = true) {
  tokens[B, S]: int64 -> logits[B, S, vocab]
  table = Embedding(vocab, d)
  logits = tokens -> table -> Linear(d) as mix -> Linear(vocab, bias = false) as head
  if tied { tie head.weight = table.weight }
}
"""


def test_tied_weights_are_one() -> None:
    tied = from_text(TIED, "Tied")["Tied"]
    for together, count in ((True, 44 + 20), (False, 44 + 20 + 44)):
        module = tied(tied=together)
        module(keras.KerasTensor((2, 3), dtype="int64"))
        assert module.count_params() == count
        assert (module.head.weight is module.table.weight) == together


@pytest.mark.parametrize(("height", "width", "size"), [(1, 1, 6), (5, 9, 6), (13, 7, 6), (17, 4, 3)])
def test_adaptive_pooling_gives_what_torch_gives(height: int, width: int, size: int) -> None:
    image = torch.rand(2, 3, height, width)
    found = made("alexnet")["adaptive_avg_pool2d"](image.permute(0, 2, 3, 1), size)
    wanted = torch.nn.functional.adaptive_avg_pool2d(image, size)
    assert torch.allclose(keras.ops.convert_to_tensor(found).cpu().permute(0, 3, 1, 2), wanted, atol=1e-6)


def test_attention_gives_what_torch_gives() -> None:
    q, k = torch.rand(2, 4, 7, 8), torch.rand(2, 2, 7, 8)
    wanted = torch.nn.functional.scaled_dot_product_attention(q, k, k, is_causal=True, enable_gqa=True)
    assert torch.allclose(made("mistral_7b")["attention"](q, k, k, causal=True).cpu(), wanted, atol=1e-5)
    dropping = made("gpt2")["Attention"](dropout=0.1)  # it drops in training only
    wanted = torch.nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)
    assert torch.allclose(dropping(q, q, q).detach().cpu(), wanted, atol=1e-5)


def test_a_model_trains() -> None:
    module = made("vit_b_16")["ViT"](image=16, patch=8, d=8, heads=2, layers=1, classes=3)
    module.compile(optimizer="sgd", loss="mse")
    history = module.fit(torch.rand(5, 16, 16, 3), torch.zeros(5, 3), batch_size=2, verbose=0)
    assert math.isfinite(history.history["loss"][0])


def test_lines_are_not_long() -> None:
    for name in ("alexnet", "t5_small", "mixtral_8x7b"):
        assert all(len(line) <= 120 for line in export(ex.load(name), "keras").splitlines()), name

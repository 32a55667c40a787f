"""Cases of the introductory models, the U-Net and the recurrent net."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import reference_small as ref
from cases import Case, Inputs, Settings

Builder = Callable[..., ref.Build]


def small() -> Iterator[Case]:
    """The models of introductory texts, U-Net and the recurrent net."""
    yield _rows("linear_regression", ref.build_linear, 8, 1)
    yield _rows("linear_regression", ref.build_linear, 5, 13, {}, features=13, targets=3)
    yield _rows("mlp", ref.build_mlp, 64, 784)
    yield _rows("mlp", ref.build_mlp, 3, 20, {}, inputs=20, widths=[7, 30, 11], outputs=4)
    yield _rows("mlp_10_20_1", ref.build_mlp, 4, 10, {"inputs": 10, "widths": [20], "outputs": 1})
    yield _rows("mlp_100_50_10", ref.build_mlp, 4, 100, {"inputs": 100, "widths": [50], "outputs": 10})
    yield _rows("teacher", ref.build_mlp, 4, 784, {"inputs": 784, "widths": [512, 256], "outputs": 10})

    large = {"channels": [64, 128], "hidden": [1024], "image": 256}
    keras = {"channels": [32, 64], "hidden": [64], "inputs": 1, "image": 28, "padding": 0}
    drawn: Settings = {"channels": [5, 9, 4], "hidden": [21, 6], "classes": 7, "inputs": 2, "image": 37}
    yield _pictures("convnet_3_16", ref.build_convnet, (2, 3, 32, 32))
    yield _pictures("convnet_3_64_128", ref.build_convnet, (2, 3, 256, 256), large)
    yield _pictures("keras_convnet", ref.build_convnet, (2, 1, 28, 28), keras)
    yield _pictures("convnet_3_16", ref.build_convnet, (3, 2, 37, 37), {}, **drawn)
    yield _pictures("convnet_3_16_32", ref.build_features, (2, 3, 256, 256))
    yield _pictures("convnet_3_16_32", ref.build_features, (2, 3, 45, 45), {}, channels=[6, 5, 8], image=45)

    yield _pictures("unet", ref.build_unet, (2, 3, 64, 96))
    yield _pictures("unet", ref.build_unet, (3, 1, 40, 24), {}, widths=[5, 9, 12, 7], channels=1, classes=4)
    yield _pictures("unet", ref.build_unet, (2, 4, 13, 7), {}, widths=[6], channels=4, classes=3)

    yield _words(2, 35)
    yield _words(3, 7, vocab=50, d=12, layers=3, dropout=0.2)
    yield _words(2, 9, vocab=50, d=12, layers=1, dropout=0.0, tied=True)


def _rows(model: str, build: Builder, batch: int, width: int, fixed: Settings | None = None, **settings: Any) -> Case:
    def inputs(device: str) -> Inputs:
        return ref.rows(batch, width, device)

    reference = build(**(fixed or {}), **settings)
    return Case(model, settings, {"B": batch}, "torch", reference, inputs, ref.forward, saved="real")


def _pictures(
    model: str, build: Builder, shape: tuple[int, int, int, int], fixed: Settings | None = None, **settings: Any
) -> Case:
    def inputs(device: str) -> Inputs:
        return ref.pictures(*shape, device)

    axes = {"B": shape[0]}
    if model == "unet":
        axes |= {"H": shape[2], "W": shape[3]}
    return Case(model, settings, axes, "torch", build(**(fixed or {}), **settings), inputs, ref.forward)


def _words(batch: int, length: int, **settings: Any) -> Case:
    def inputs(device: str) -> Inputs:
        return ref.words(batch, length, device)

    axes = {"B": batch, "S": length}
    return Case("lstm_lm", settings, axes, "torch", ref.build_lstm(**settings), inputs, ref.forward, saved="no")

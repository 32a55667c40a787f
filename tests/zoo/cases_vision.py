"""Cases of torchvision's models: as published, and under drawn settings at odd image sizes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import reference_torchvision as ref
from cases import Case, Inputs, Settings

Builder = Callable[..., ref.Build]

SHALLOW, DEEP, DEEPER = [2, 2, 2, 2], [3, 4, 23, 3], [3, 8, 36, 3]

PUBLISHED: list[tuple[str, Builder, Settings]] = [
    ("alexnet", ref.build_alexnet, {}),
    ("vgg11", ref.build_vgg, {"convs": [1, 1, 2, 2, 2]}),
    ("vgg13", ref.build_vgg, {"convs": [2, 2, 2, 2, 2]}),
    ("vgg16", ref.build_vgg, {}),
    ("vgg19", ref.build_vgg, {"convs": [2, 2, 4, 4, 4]}),
    ("vgg11_bn", ref.build_vgg, {"convs": [1, 1, 2, 2, 2], "norm": True}),
    ("vgg13_bn", ref.build_vgg, {"convs": [2, 2, 2, 2, 2], "norm": True}),
    ("vgg16_bn", ref.build_vgg, {"norm": True}),
    ("vgg19_bn", ref.build_vgg, {"convs": [2, 2, 4, 4, 4], "norm": True}),
    ("resnet18", ref.build_resnet, {"depths": SHALLOW, "bottleneck": False}),
    ("resnet34", ref.build_resnet, {"bottleneck": False}),
    ("resnet50", ref.build_resnet, {}),
    ("resnet101", ref.build_resnet, {"depths": DEEP}),
    ("resnet152", ref.build_resnet, {"depths": DEEPER}),
    ("resnext50_32x4d", ref.build_resnet, {"groups": 32, "group_width": 4}),
    ("resnext101_32x8d", ref.build_resnet, {"depths": DEEP, "groups": 32, "group_width": 8}),
    ("wide_resnet50_2", ref.build_resnet, {"group_width": 128}),
    ("wide_resnet101_2", ref.build_resnet, {"depths": DEEP, "group_width": 128}),
    ("densenet121", ref.build_densenet, {}),
    ("densenet161", ref.build_densenet, {"growth": 48, "depths": [6, 12, 36, 24], "stem": 96}),
    ("densenet169", ref.build_densenet, {"depths": [6, 12, 32, 32]}),
    ("densenet201", ref.build_densenet, {"depths": [6, 12, 48, 32]}),
    ("mobilenet_v2", ref.build_mobilenet, {}),
    ("vit_b_16", ref.build_vit, {}),
    ("vit_b_32", ref.build_vit, {"patch": 32}),
    ("vit_l_16", ref.build_vit, {"d": 1024, "heads": 16, "layers": 24}),
    ("vit_l_32", ref.build_vit, {"patch": 32, "d": 1024, "heads": 16, "layers": 24}),
    ("vit_h_14", ref.build_vit, {"patch": 14, "d": 1280, "heads": 16, "layers": 32}),
]


def published_vision() -> Iterator[Case]:
    """Every published model at its usual image size, and some at others."""
    for model, build, arguments in PUBLISHED:
        yield _case(model, build, (2, 224, 224), arguments)
    yield _case("resnet50", ref.build_resnet, (1, 224, 224))
    yield _case("mobilenet_v2", ref.build_mobilenet, (1, 224, 224))
    yield _case("vit_b_16", ref.build_vit, (1, 224, 224))
    draw = random.Random(50)
    for _ in range(50):
        yield _case("resnet50", ref.build_resnet, _size(draw, draw.choice([33, 100, 300])))
    yield _case("densenet121", ref.build_densenet, (3, 197, 141))
    yield _case("mobilenet_v2", ref.build_mobilenet, (3, 135, 201))


def drawn_vision() -> Iterator[Case]:
    """Small models whose every hyperparameter is drawn."""
    draw = random.Random(20)
    for _ in range(4):
        settings: Settings = {"classes": draw.randint(2, 99), "dropout": draw.choice([0.0, 0.5])}
        yield _case("alexnet", ref.build_alexnet, _size(draw, 63), {}, **settings)
    for norm in (False, True, False, True):
        settings = {
            "convs": [draw.randint(1, 3) for _ in range(draw.choice([3, 5]))],
            "width": draw.randint(3, 9),
            "hidden": draw.randint(5, 40),
            "classes": draw.randint(2, 9),
            "norm": norm,
        }
        yield _case("vgg16", ref.build_vgg, _size(draw, 33), {}, **settings)
    for turn in range(12):
        yield _case("resnet50", ref.build_resnet, _size(draw, 33), {}, **_residual(draw, turn % 3 != 0))
    for blocks in (*20 * (4,), 2, 3, 1):
        yield _case("densenet121", ref.build_densenet, _size(draw, 33), {}, **_dense(draw, blocks))
    for _ in range(6):
        yield _case("mobilenet_v2", ref.build_mobilenet, _size(draw, 33), {}, **_inverted(draw))
    for _ in range(5):
        patch, heads = draw.randint(3, 8), draw.randint(1, 4)
        image = patch * draw.randint(2, 6)
        settings = {
            "image": image,
            "patch": patch,
            "d": heads * draw.randint(3, 12),
            "heads": heads,
            "layers": draw.randint(1, 4),
            "hidden": draw.randint(5, 50),
            "classes": draw.randint(2, 30),
        }
        yield _case("vit_b_16", ref.build_vit, (draw.randint(2, 4), image, image), {}, **settings)


def _residual(draw: random.Random, bottleneck: bool) -> Settings:
    width = draw.choice([8, 16, 32])
    settings: Settings = {
        "depths": [draw.randint(1, 5) for _ in range(4)],
        "width": width,
        "classes": draw.randint(2, 30),
        "bottleneck": bottleneck,
    }
    if bottleneck:
        groups, group_width = draw.choice([(1, width), (1, 2 * width), (4, width), (8, 4 * width)])
        settings |= {"groups": groups, "group_width": group_width}
    return settings


def _dense(draw: random.Random, blocks: int) -> Settings:
    halved = 2 ** (blocks - 1)  # the channels are halved between any two blocks, without a rest
    return {
        "growth": halved * draw.randint(1, 5),
        "depths": [draw.randint(1, 6) for _ in range(blocks)],
        "stem": halved * draw.randint(1, 6),
        "bottleneck": draw.randint(1, 5),
        "classes": draw.randint(2, 30),
    }


def _inverted(draw: random.Random) -> Settings:
    stages: list[list[Any]] = [[draw.randint(3, 20), draw.randint(1, 4), draw.random() < 0.6] for _ in range(6)]
    for one, after in pairwise(stages):
        if one[0] == after[0]:
            after[0] += 1  # a stage that keeps width and size would add its input, which the published ones do not
    first = stages[0][0] + 1
    return {"expand": draw.randint(2, 5), "stages": stages, "first": first, "classes": draw.randint(2, 30)}


def _size(draw: random.Random, least: int) -> tuple[int, int, int]:
    return draw.randint(2, 4), draw.randint(least, least + 90), draw.randint(least, least + 90)


def _case(
    model: str, build: Builder, size: tuple[int, int, int], published: Settings | None = None, /, **settings: Any
) -> Case:
    def inputs(device: str) -> Inputs:
        return ref.pixels(*size, device)

    axes = {"B": size[0]}
    if not model.startswith("vit"):
        axes |= {"H": size[1], "W": size[2]}
    return Case(model, settings, axes, "torchvision", build(**(published or {}), **settings), inputs, ref.forward)

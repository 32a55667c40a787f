"""Models of torchvision: imported exactly, briefly, and so that other sizes are other published models."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from typing import Any

import pytest

import archspec
from archspec.printing import format_text

pytest.importorskip("torch")
if find_spec("torchvision") is None:  # found, not imported: its operators come first
    pytest.skip("needs torchvision", allow_module_level=True)

LONGEST = {"made_resnet": 40, "made_vit": 45, "made_densenet": 45, "mobilenet_v2": 60, "vgg16": 30, "resnet50": 40}
"""How many lines a text may have. What begins with `made_` is of `builders.py`."""
FAMILIES = (
    "small_swin_v2", "small_swin3d", "small_mvit", "small_warp", "quantized_resnet18", "r3d_18", "s3d",
    "lraspp_mobilenet_v3_large",
)  # fmt: skip
"""One of each family that is more than pictures to classes: windows, video, optical flow, segmentation, modules made
to be quantized. What begins with `small_` is of `small_vision.py`."""
RESIZED = [
    ("made_resnet", {"layers": [3, 8, 36, 3]}, 60_192_808),
    ("made_vit", {"num_layers": 24, "num_heads": 16, "hidden_dim": 1024, "mlp_dim": 4096}, 304_326_632),
    ("made_densenet", {"block_config": [6, 12, 48, 32]}, 20_013_928),
]
"""ResNet-152, ViT-L/16 and DenseNet-201, as torchvision publishes them."""


@cache
def imported() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.importing.text_families", *LONGEST, *FAMILIES],
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", [*LONGEST, *FAMILIES])
def test_it_is_the_model(name: str) -> None:
    found = imported()[name]
    assert (found["gaps"], found["unknown"], found["error"]) == ([], [], "")


@pytest.mark.parametrize("name", LONGEST)
def test_it_reads_as_if_written_by_hand(name: str) -> None:
    text = imported()[name]["text"]
    assert len(text.splitlines()) <= LONGEST[name]
    assert format_text(text) == text
    assert not re.search(r"\bp\d\b", text), "a number has no name"


@pytest.mark.parametrize(("name", "values", "count"), RESIZED)
def test_resized_it_is_another_published_model(name: str, values: dict[str, Any], count: int) -> None:
    assert archspec.load_text(imported()[name]["text"]).size(**values)["params"] == count

"""Convolutions that are called as functions, with the weight of a module: padded by itself first, say.

They are what the module would be that is made so, which the library's `torch` lines spell.
"""

from __future__ import annotations

from typing import Any

from archspec.importing.lift.lifter import Lifter, tensor
from archspec.importing.lift.rules.registry import Refused, given, result, rule, source
from archspec.importing.lift.spellings import arguments, spellings

Node = dict[str, Any]
_PLAIN = ("stride", "padding", "dilation", "groups")
_TURNED = ("stride", "padding", "output_padding", "groups", "dilation")
"""What the functions are given behind weight and bias, in this order."""


@rule("conv1d", "conv2d", "conv3d")
def _(lifter: Lifter, node: Node) -> None:
    _convolution(lifter, node, "Conv", _PLAIN)


@rule("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def _(lifter: Lifter, node: Node) -> None:
    _convolution(lifter, node, "ConvTranspose", _TURNED)


def _convolution(lifter: Lifter, node: Node, kind: str, names: tuple[str, ...]) -> None:
    weight, bias = tensor(given(node, 1, "weight")), tensor(given(node, 2, "bias"))
    own = lifter.held.get(lifter.find(weight)) if weight is not None else None
    if own is None or not own.name.endswith("weight"):
        raise Refused("with a weight that is computed")
    owner = own.name.rpartition(".")[0]
    beside = lifter.held.get(lifter.find(bias)) if bias is not None else None
    if bias is not None and (beside is None or beside.name.rpartition(".")[0] != owner):
        raise Refused("with a bias of another module")
    usual = {"padding": 0, "output_padding": 0}
    settings = {name: given(node, 3 + place, name, usual.get(name, 1)) for place, name in enumerate(names)}
    if settings["padding"] == "valid":
        settings["padding"] = 0
    first, second, *kernel = own.shape
    # The weight of a transposed convolution names the channels that come in first, and those of one group that go out.
    channels = (first, second * settings["groups"])
    into, out = channels if kind == "ConvTranspose" else channels[::-1]
    settings = {
        "in_channels": into, "out_channels": out, "kernel_size": kernel, **settings, "bias": bias is not None,
        "padding_mode": "zeros",
    }  # fmt: skip
    name = owner.rpartition(".")[2] if owner != lifter.path else ""
    for spelling in spellings()[f"{kind}{len(kernel)}d"]:
        found = arguments(spelling, settings)
        if found is not None:
            layer = spelling.layer.name
            lifter.emit(layer, (source(node),), (result(node),), found, path=owner, name=name)
            return
    raise Refused("with settings that the library's layer does not have")

"""Convolutions that are called as functions, with the weight of a module: padded by itself first, say."""

from __future__ import annotations

from typing import Any

from archspec.importing.lift.lifter import Lifter, tensor
from archspec.importing.lift.rules.registry import Refused, even, given, result, rule, source

Node = dict[str, Any]


@rule("conv1d", "conv2d", "conv3d")
def _(lifter: Lifter, node: Node) -> None:
    padding = given(node, 4, "padding", 0)
    found = {
        "stride": even(given(node, 3, "stride", 1)), "dilation": even(given(node, 5, "dilation", 1)),
        "groups": given(node, 6, "groups", 1),
        **({"same": True} if padding == "same" else {"padding": 0 if padding == "valid" else even(padding)}),
    }  # fmt: skip
    _convolution(lifter, node, "Conv", found, turned=False)


@rule("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def _(lifter: Lifter, node: Node) -> None:
    found = {
        "stride": even(given(node, 3, "stride", 1)), "padding": even(given(node, 4, "padding", 0)),
        "output_padding": even(given(node, 5, "output_padding", 0)), "groups": given(node, 6, "groups", 1),
        "dilation": even(given(node, 7, "dilation", 1)),
    }  # fmt: skip
    _convolution(lifter, node, "ConvTranspose", found, turned=True)


def _convolution(lifter: Lifter, node: Node, kind: str, found: dict[str, Any], *, turned: bool) -> None:
    """turned: the weight names the channels that come in first."""
    weight, bias = tensor(given(node, 1, "weight")), tensor(given(node, 2, "bias"))
    own = lifter.held.get(lifter.find(weight)) if weight is not None else None
    if own is None or not own.name.endswith("weight"):
        raise Refused("with a weight that is computed")
    owner = own.name.rpartition(".")[0]
    beside = lifter.held.get(lifter.find(bias)) if bias is not None else None
    if bias is not None and (beside is None or beside.name.rpartition(".")[0] != owner):
        raise Refused("with a bias of another module")
    _, second, *kernel = own.shape
    out = second * found["groups"] if turned else own.shape[0]
    usual = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1, "groups": 1}
    said = {name: one for name, one in found.items() if usual.get(name) != one}
    arguments = {"out": out, "kernel_size": even(kernel), **said, **({} if bias is not None else {"bias": False})}
    name = owner.rpartition(".")[2] if owner != lifter.path else ""
    layer = f"{kind}{len(kernel)}d"
    lifter.emit(layer, (source(node),), (result(node),), arguments, path=owner, name=name)

"""What values are called where it is known: queries, keys and values of attention, cosines and sines, masks."""

from __future__ import annotations

from archspec.importing.program import Block, every_call

_TAKEN = {
    "Attention": ("q", "k", "v"),
    "UnevenAttention": ("q", "k", "v"),
    "MaskedAttention": ("q", "k", "v", "mask"),
    "BiasedAttention": ("q", "k", "v", "mask"),
    "MathAttention": ("q", "k", "v"),
    "MathBiasAttention": ("q", "k", "v", "mask"),
    "RoPE": ("", "cos", "sin"),
    "MaskedFill": ("", "mask"),
    "Where": ("mask",),
}
"""By layer: what its inputs are called."""
_GIVEN = {"Best": ("best", "chosen"), "Route": ("rows", "shares", "owners")}
"""By layer: what its outputs are called."""
_MADE = frozenset({"cos", "sin", "mask"})
_SAME = frozenset({"Expand", "Cast", "Unsqueeze"})
"""Layers of which the output is called what the input is."""
ALWAYS = frozenset({"q", "k", "v"})
"""Names that are given also where none is needed, for chains inside chains read badly."""


def words(root: Block) -> dict[int, str]:
    """Names by value."""
    found: dict[int, str] = {}
    for call in every_call([root]):
        if call.layer == "made" and (call.made == "bool" or (call.name in _MADE and call.made == "float32")):
            found.setdefault(call.outputs[0], call.name if call.name in _MADE else "mask")
        if call.layer in _SAME and call.inputs[0] in found:
            found.setdefault(call.outputs[0], found[call.inputs[0]])
        for value, word in zip(call.outputs, _GIVEN.get(call.layer, ()), strict=False):
            found.setdefault(value, word)
        for value, word in zip(call.inputs, _TAKEN.get(call.layer, ()), strict=False):
            if word:
                found.setdefault(value, word)
    return found

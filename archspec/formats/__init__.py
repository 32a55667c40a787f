"""Weights in other formats and in files, exact to the byte: quantised, pruned, GGUF, safetensors, torch.save."""

from archspec.formats.catalogue import FORMATS, Format, find
from archspec.formats.names import NeedsNumbers
from archspec.formats.weights import Part, Weights, weights

__all__ = ["FORMATS", "Format", "NeedsNumbers", "Part", "Weights", "find", "weights"]

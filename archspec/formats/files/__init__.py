"""The sizes of files: safetensors, GGUF, `torch.save`, and the checkpoint of an optimizer."""

from archspec.formats.files.contents import Entry, FileSize, Names
from archspec.formats.files.gguf import gguf
from archspec.formats.files.optimizer import optimizer
from archspec.formats.files.safetensors import safetensors
from archspec.formats.files.torch_save import torch_save

__all__ = ["Entry", "FileSize", "Names", "gguf", "optimizer", "safetensors", "torch_save"]

"""Files of weights and the specs that their headers tell of. The weights themselves are never read."""

from __future__ import annotations

from archspec.importing.checkpoint.gguf import from_gguf
from archspec.importing.checkpoint.safetensors import from_safetensors

__all__ = ["from_gguf", "from_safetensors"]

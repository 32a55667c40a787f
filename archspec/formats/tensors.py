"""What a format stores for a parameter: tensors of a dtype and a shape, and their bytes.

Dtypes go by the names that safetensors gives them. Source: safetensors/src/tensor.rs (`Dtype`), whose order is kept
here: a file holds the tensors of the last dtype first.
"""

from __future__ import annotations

from dataclasses import dataclass

from archspec.algebra import Dim, ceildiv
from archspec.elaborate.frame import product

DTYPE_BITS = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}
DTYPE_ORDER = {name: position for position, name in enumerate(DTYPE_BITS)}

DTYPE_OF = {
    "float64": "F64",
    "float32": "F32",
    "bfloat16": "BF16",
    "float16": "F16",
    "float8": "F8_E4M3",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "bool": "BOOL",
}
"""The dtypes of the language (`archspec.policy.ELEMENT_BITS`) by these names."""

Shape = tuple[Dim, ...]


@dataclass(frozen=True)
class Piece:
    """One stored tensor.

    name: what follows the path of the layer that owns the parameter. in_memory, in_file: some things are only in one
    of the two. text: it is a text about the matrix, whose length has no formula. exact: its size does not hang on the
    values of the weights.
    """

    name: str
    dtype: str
    shape: Shape
    in_memory: bool = True
    in_file: bool = True
    text: bool = False
    exact: bool = True

    @property
    def bytes(self) -> Dim:
        """Its size, without what surrounds it in a file."""
        bits = DTYPE_BITS[self.dtype]
        return product(self.shape) * (bits // 8) if bits % 8 == 0 else ceildiv(product(self.shape) * bits, 8)

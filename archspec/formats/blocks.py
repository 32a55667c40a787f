"""The block types of GGUF: how many weights of a row share how many bytes.

Source: llama.cpp, ggml/src/ggml-common.h (`block_q4_0`, `block_q4_K`, …), read at commit 01243c5.
"""

from __future__ import annotations

from dataclasses import dataclass

from archspec.algebra import Dim, divide

HALF = 2
"""Bytes of a float16, in which scales are kept."""


@dataclass(frozen=True)
class Block:
    """`weights` neighbours of a row in `size` bytes. made_of: the fields of the block, with their bytes."""

    name: str
    weights: int
    made_of: tuple[tuple[str, int], ...]

    @property
    def size(self) -> int:
        """Bytes of one block."""
        return sum(size for _, size in self.made_of)

    def bytes(self, elements: Dim) -> Dim:
        """Bytes of so many weights, whose rows are whole blocks."""
        return divide(elements * self.size, self.weights)


BLOCKS: dict[str, Block] = {}


def _block(name: str, weights: int, **made_of: int) -> None:
    BLOCKS[name] = Block(name, weights, tuple(made_of.items()))


_block("F32", 1, value=4)
_block("F16", 1, value=2)
_block("BF16", 1, value=2)
_block("Q4_0", 32, scale=HALF, nibbles=16)
_block("Q4_1", 32, scale=HALF, minimum=HALF, nibbles=16)
_block("Q5_0", 32, scale=HALF, fifth_bits=4, nibbles=16)
_block("Q5_1", 32, scale=HALF, minimum=HALF, fifth_bits=4, nibbles=16)
_block("Q8_0", 32, scale=HALF, bytes=32)
_block("Q2_K", 256, scales_and_minima=16, pairs_of_bits=64, scale=HALF, minimum=HALF)
_block("Q3_K", 256, third_bits=32, pairs_of_bits=64, scales=12, scale=HALF)
_block("Q4_K", 256, scale=HALF, minimum=HALF, scales_and_minima=12, nibbles=128)
_block("Q5_K", 256, scale=HALF, minimum=HALF, scales_and_minima=12, fifth_bits=32, nibbles=128)
_block("Q6_K", 256, nibbles=128, upper_bits=64, scales=16, scale=HALF)
_block("IQ4_NL", 32, scale=HALF, nibbles=16)
_block("IQ4_XS", 256, scale=HALF, upper_scale_bits=2, lower_scale_bits=4, nibbles=128)
_block("MXFP4", 32, exponent=1, nibbles=16)
_block("NVFP4", 64, scales=4, nibbles=32)

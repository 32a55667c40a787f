"""How libraries store a matrix of weights with few bits: which tensors, of which shapes.

A function gets the matrix (`rows` outputs, `columns` inputs), the dtype that everything else is kept in, and the
format's options; sizes that it needs to divide it asks of `needs`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from archspec.algebra import Dim, ceildiv, divide, floordiv
from archspec.formats.tensors import DTYPE_OF, Piece

Option = int | Fraction
Options = Mapping[str, Option]
LONG_NAMES = {short: long for long, short in DTYPE_OF.items()}


@dataclass(frozen=True)
class Matrix:
    """A parameter of two axes as a format sees it.

    name: of the parameter in its layer. dtype: what it would be kept in. shape: its axes in the order that it has in
    memory. needs(size, divisor): reports where `divisor` does not divide `size`.
    """

    name: str
    dtype: str
    rows: Dim
    columns: Dim
    shape: tuple[Dim, ...]
    needs: Callable[[Dim, int], None]

    @property
    def elements(self) -> Dim:
        """How many weights."""
        return self.rows * self.columns


def _whole(option: Option) -> int:
    assert isinstance(option, int)
    return option


def _group(matrix: Matrix, options: Options) -> tuple[Dim, Dim]:
    """The size of a group of inputs and how many there are; `group=0` stands for a whole row."""
    group = _whole(options["group"])
    if group == 0:
        return matrix.columns, 1
    return group, ceildiv(matrix.columns, group)


def gptq(matrix: Matrix, options: Options) -> list[Piece]:
    """AutoGPTQ, auto_gptq/nn_modules/qlinear/qlinear_cuda.py: packed along the inputs, 32 weights in `bits` words."""
    bits = _whole(options["bits"])
    matrix.needs(matrix.columns, 32)
    matrix.needs(matrix.rows, 32)
    _, groups = _group(matrix, options)
    return [
        Piece("qweight", "I32", (divide(matrix.columns * bits, 32), matrix.rows)),
        Piece("qzeros", "I32", (groups, divide(matrix.rows * bits, 32))),
        Piece("scales", "F16", (groups, matrix.rows)),
        Piece("g_idx", "I32", (matrix.columns,)),
    ]


def awq(matrix: Matrix, options: Options) -> list[Piece]:
    """AutoAWQ, awq/modules/linear/gemm.py: packed along the outputs, eight 4-bit weights in a word."""
    group = _whole(options["group"])
    if group:
        matrix.needs(matrix.columns, group)
    matrix.needs(matrix.rows, 8)
    _, groups = _group(matrix, options)
    return [
        Piece("qweight", "I32", (matrix.columns, divide(matrix.rows, 8))),
        Piece("qzeros", "I32", (groups, divide(matrix.rows, 8))),
        Piece("scales", "F16", (groups, matrix.rows)),
    ]


def nf4(matrix: Matrix, options: Options) -> list[Piece]:
    """bitsandbytes, functional.py (`quantize_4bit`, `QuantState.as_dict`): pairs of weights in bytes, a scale for each
    `block` of them. With `double=1` the scales are bytes, with a float32 scale for each 256 of them.
    """
    block, double = _whole(options["block"]), _whole(options["double"])
    blocks = ceildiv(matrix.elements, block)
    pieces = [Piece(matrix.name, "U8", (ceildiv(matrix.elements, 2), 1))]
    if double:
        pieces += [
            Piece(f"{matrix.name}.absmax", "U8", (blocks,)),
            Piece(f"{matrix.name}.nested_absmax", "F32", (ceildiv(blocks, 256),)),
            Piece(f"{matrix.name}.nested_quant_map", "F32", (256,)),
            # The mean of the scales is a number of the text in a file, and a tensor of its own in memory.
            Piece(f"{matrix.name}.nested_offset", "F32", (), in_file=False),
        ]
    else:
        pieces.append(Piece(f"{matrix.name}.absmax", "F32", (blocks,)))
    pieces.append(Piece(f"{matrix.name}.quant_map", "F32", (16,)))
    if isinstance(matrix.elements, int):
        said = len(_quant_state(matrix, block, double))
        name = f"{matrix.name}.quant_state.bitsandbytes__nf4"
        pieces.append(Piece(name, "U8", (said,), in_memory=False, text=True, exact=not double))
    return pieces


def _quant_state(matrix: Matrix, block: int, double: int) -> str:
    """What a file says about a matrix besides its tensors: a JSON text, whose length hangs on the digits of its
    numbers. One of them, the mean of the scales, is only known from the weights: the usual 19 characters are counted.
    """
    said: dict[str, object] = {"quant_type": "nf4", "blocksize": block, "dtype": LONG_NAMES[matrix.dtype]}
    said["shape"] = list(matrix.shape)
    if double:
        said |= {"nested_blocksize": 256, "nested_dtype": "float32", "nested_offset": 0.12345678901234568}
    return json.dumps(said)


def int8(matrix: Matrix, options: Options) -> list[Piece]:
    """bitsandbytes, nn/modules.py (`Linear8bitLt`): bytes, and a float32 scale for each row."""
    return [
        Piece(matrix.name, "I8", matrix.shape),
        Piece("SCB", "F32", (matrix.rows,)),
        Piece("weight_format", "U8", (), in_memory=False),
    ]


def integers(matrix: Matrix, options: Options) -> list[Piece]:
    """The plain scheme of textbooks: `bits` a weight, a float16 scale for each group of a row, and, with `zeros=1`, a
    zero point of as many bits as a weight.
    """
    bits = _whole(options["bits"])
    _, groups = _group(matrix, options)
    pieces = [
        Piece(f"{matrix.name}_packed", "U8", (matrix.rows, ceildiv(matrix.columns * bits, 8))),
        Piece(f"{matrix.name}_scale", "F16", (matrix.rows, groups)),
    ]
    if _whole(options["zeros"]):
        pieces.append(Piece(f"{matrix.name}_zero_point", "U8", (ceildiv(matrix.rows * bits, 8), groups)))
    return pieces


def fp8(matrix: Matrix, options: Options) -> list[Piece]:
    """One byte a weight and float32 scales: one (`channel=0, block=0`), one for each row (`channel=1`), or one for
    each square of `block` by `block` weights (DeepSeek-V3, `weight_scale_inv` of inference/model.py).
    """
    block = _whole(options["block"])
    weight = Piece(matrix.name, "F8_E4M3", matrix.shape)
    if block:
        scales = (ceildiv(matrix.rows, block), ceildiv(matrix.columns, block))
        return [weight, Piece(f"{matrix.name}_scale_inv", "F32", scales)]
    shape: tuple[Dim, ...] = (matrix.rows, 1) if _whole(options["channel"]) else ()
    return [weight, Piece(f"{matrix.name}_scale", "F32", shape)]


def mxfp4(matrix: Matrix, options: Options) -> list[Piece]:
    """OCP Microscaling Formats v1.0, 5.2: blocks of 32 numbers of 4 bits share an exponent of one byte. The names are
    those of the gpt-oss checkpoints.
    """
    matrix.needs(matrix.columns, 32)
    groups = divide(matrix.columns, 32)
    return [
        Piece(f"{matrix.name}_blocks", "U8", (matrix.rows, groups, 16)),
        Piece(f"{matrix.name}_scales", "U8", (matrix.rows, groups)),
    ]


def nvfp4(matrix: Matrix, options: Options) -> list[Piece]:
    """NVIDIA ModelOpt: blocks of 16 numbers of 4 bits share a float8 scale, and all of them one float32 scale."""
    matrix.needs(matrix.columns, 16)
    return [
        Piece(matrix.name, "U8", (matrix.rows, divide(matrix.columns, 2))),
        Piece(f"{matrix.name}_scale", "F8_E4M3", (matrix.rows, divide(matrix.columns, 16))),
        Piece(f"{matrix.name}_scale_2", "F32", ()),
    ]


def nonzeros(matrix: Matrix, options: Options) -> Dim:
    """How many weights pruning leaves: of n it takes away `(1 - density)*n`, rounded to the nearest, halves up.

    torch.nn.utils.prune rounds halves to even: at most one weight apart.
    """
    density = Fraction(options["density"])
    pruned = 1 - density
    # floor(p/q*n + 1/2) = floor((2*p*n + q) / (2*q))
    away = floordiv(2 * pruned.numerator * matrix.elements + pruned.denominator, 2 * pruned.denominator)
    return matrix.elements - away


def dense(matrix: Matrix, options: Options) -> list[Piece]:
    """Pruned weights kept as zeros: nothing is saved."""
    return [Piece(matrix.name, matrix.dtype, matrix.shape)]


def bitmask(matrix: Matrix, options: Options) -> list[Piece]:
    """The weights that are left, and a bit for each place of a row."""
    return [
        Piece(f"{matrix.name}_values", matrix.dtype, (nonzeros(matrix, options),)),
        Piece(f"{matrix.name}_mask", "U8", (matrix.rows, ceildiv(matrix.columns, 8))),
    ]


def csr(matrix: Matrix, options: Options) -> list[Piece]:
    """Compressed sparse rows: the weights that are left, the column of each, and where each row begins. `index` is
    the bits of an index: 64 in `torch.Tensor.to_sparse_csr`, 32 in scipy.
    """
    left = nonzeros(matrix, options)
    index = "I64" if options["index"] == 64 else "I32"
    return [
        Piece(f"{matrix.name}_values", matrix.dtype, (left,)),
        Piece(f"{matrix.name}_columns", index, (left,)),
        Piece(f"{matrix.name}_rows", index, (matrix.rows + 1,)),
    ]


def two_of_four(matrix: Matrix, options: Options) -> list[Piece]:
    """Two of each four neighbours are zero (NVIDIA's sparse tensor cores): half the weights, and two bits for each
    that say where it stood. Source: cuSPARSELt's compressed size, 9/16 of the dense one for 16 bits, 10/16 for 8.
    """
    matrix.needs(matrix.columns, 8)
    return [
        Piece(f"{matrix.name}_values", matrix.dtype, (matrix.rows, divide(matrix.columns, 2))),
        Piece(f"{matrix.name}_places", "U8", (matrix.rows, divide(matrix.columns, 8))),
    ]

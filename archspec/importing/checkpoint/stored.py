"""The tensors of a file, and what of them a spec says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

Shape = tuple[int, ...]

FLOATS = ("float32", "float16", "bfloat16", "float64")
_SPELLED = {
    "float64": "float64", "float32": "float32", "bfloat16": "bfloat16", "float16": "float16", "int64": "int64",
    "int32": "int32", "i16": "int16", "i8": "int8", "bool": "bool",
    "u64": "int64", "u32": "int32", "u16": "int16", "u8": "int8",
    "f8_e5m2": "float8", "f8_e4m3": "float8", "f8_e8m0": "float8", "f4": "int4", "c64": "int64",
}  # fmt: skip
"""The precisions of the language by the dtypes of a file. Where it has none of that name, one of as many bits."""
_STATISTICS = frozenset({"running_mean", "running_var", "num_batches_tracked"})
_POLICY = {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16", "float64": "fp64"}


@dataclass(frozen=True)
class Stored:
    """One tensor: its whole name, its shape, and its dtype as the language spells it."""

    name: str
    shape: Shape
    dtype: str

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        total = 1
        for size in self.shape:
            total *= size
        return total

    @property
    def role(self) -> str:
        """`param`, or `buffer` for what no optimizer changes: integers, and the statistics of batch norms."""
        statistics = self.name.rpartition(".")[2] in _STATISTICS
        return "buffer" if statistics or not self.dtype.startswith(("float", "bfloat")) else "param"


def spelled(dtype: str) -> str | None:
    """A dtype of a file as a precision of the language; None where it has none of as many bits."""
    return _SPELLED.get(dtype)


def main_dtype(tensors: Iterable[Stored]) -> str:
    """The float that most elements have: what is left to the policy. `float32` where there is none."""
    counts: dict[str, int] = {}
    for one in tensors:
        if one.dtype in FLOATS and one.role == "param":
            counts[one.dtype] = counts.get(one.dtype, 0) + one.elements
    return max(counts, key=lambda dtype: (counts[dtype], dtype), default="float32")


def policy_of(dtype: str) -> str:
    """A float as `--precision` names it."""
    return _POLICY[dtype]


def printable(text: str, most: int = 60) -> str:
    """A text from a file or a path, so that it may stand in a comment or message: ASCII without `"` and controls."""
    plain = "".join(letter if " " <= letter <= "~" and letter not in '"\\' else "?" for letter in text[: most + 1])
    return plain if len(plain) <= most else f"{plain[: most - 3]}..."


def file_name(path: str) -> str:
    """The name of a file without its folders, for a comment."""
    return printable(os.path.basename(path))


def camel(text: str) -> str:
    """`self_attn` as `SelfAttn`; nothing where no letter is in it."""
    parts = re.findall(r"[A-Za-z0-9]+", text, re.ASCII)
    joined = "".join(part[:1].upper() + part[1:] for part in parts)[:60]
    return joined if joined[:1].isalpha() else ""

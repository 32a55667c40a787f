"""The header of a safetensors file: names, shapes and dtypes, without reading the weights.

A file begins with the length of its header in eight bytes, little end first, then the header in JSON:
`{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …, "__metadata__": {…}}`. A sharded model has an
index in JSON, whose `weight_map` says which file beside it holds which name. Everything is checked before it is used,
for a file may come from anywhere.
"""

from __future__ import annotations

import json
import os
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

from archspec.verify.traced.records import Held, Record, Shape

LARGEST_HEADER = 100_000_000
LARGEST_INDEX = 100_000_000
MOST_TENSORS = 2_000_000
MOST_AXES = 32
MOST_SHARDS = 20_000
LARGEST_SIZE = 2**63

DTYPE_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
    "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64,
    "U64": 64,
}  # fmt: skip
NAMES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "F64": "float64", "I64": "int64", "I32": "int32"}


class BadFile(ValueError):
    """A file is not what it should be; the message says what is wrong."""


def read(path: str) -> Record:
    """The tensors of a file, or of all files of an index. Raises `BadFile` and `OSError`."""
    if path.endswith(".json"):
        return Record(_sharded(Path(path)))
    return Record(_single(Path(path)))


def _single(path: Path) -> list[Held]:
    size = os.path.getsize(path)
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or not 2 <= length <= min(size - 8, LARGEST_HEADER):
            raise BadFile(f"{path}: no safetensors file: its header would have {length:_} of {size:_} bytes")
        header = _json(file.read(length), path)
    found = [_entry(name, entry, path) for name, entry in header.items() if name != "__metadata__"]
    if len(found) > MOST_TENSORS:
        raise BadFile(f"{path}: more than {MOST_TENSORS:_} tensors")
    spans = sorted((start, stop, held.name) for held, start, stop in found)
    for (_, stop, one), (start, _, other) in pairwise(spans):
        if start < stop:
            raise BadFile(f"{path}: `{one}` and `{other}` overlap")
    if spans and max(stop for _, stop, _ in spans) > size - 8 - length:
        raise BadFile(f"{path}: the file ends before its last tensor")
    return [held for held, _, _ in found]


def _sharded(path: Path) -> list[Held]:
    if os.path.getsize(path) > LARGEST_INDEX:
        raise BadFile(f"{path}: larger than {LARGEST_INDEX:_} bytes")
    places = _json(path.read_bytes(), path).get("weight_map")
    if not isinstance(places, dict) or not all(isinstance(one, str) for one in places.values()):
        raise BadFile(f"{path}: no `weight_map` from names to files")
    files = sorted(set(places.values()))
    if len(files) > MOST_SHARDS:
        raise BadFile(f"{path}: more than {MOST_SHARDS:_} files")
    if any(Path(name).name != name or name in (".", "..") or "\\" in name for name in files):
        raise BadFile(f"{path}: names a file outside its own folder")
    missing = [name for name in files if not (path.parent / name).is_file()]
    if missing:
        raise BadFile(f"{path}: {len(missing)} of its {len(files)} files are missing, such as {missing[0]}")
    held: list[Held] = []
    for name in files:
        for one in _single(path.parent / name):
            if places.get(one.name) != name:
                raise BadFile(f"{path}: `{one.name}` lies in {name}, of which the index does not know")
            held.append(one)
    absent = places.keys() - {one.name for one in held}
    if absent:
        raise BadFile(f"{path}: `{min(absent)}` is in no file")
    return held


def _entry(name: str, entry: Any, path: Path) -> tuple[Held, int, int]:
    if not isinstance(entry, dict):
        raise BadFile(f"{path}: `{name[:80]}` is no tensor")
    dtype, shape, span = entry.get("dtype"), _sizes(entry.get("shape")), _sizes(entry.get("data_offsets"))
    if not isinstance(dtype, str) or dtype not in DTYPE_BITS:
        raise BadFile(f"{path}: `{name[:80]}` has an unknown dtype")
    if shape is None or len(shape) > MOST_AXES:
        raise BadFile(f"{path}: `{name[:80]}` has no proper shape")
    if span is None or len(span) != 2 or (span[1] - span[0]) * 8 != -(-prod(shape) * DTYPE_BITS[dtype] // 8) * 8:
        raise BadFile(f"{path}: `{name[:80]}` has another size than its shape says")
    layer = name.rpartition(".")[0]
    kind = NAMES.get(dtype, dtype.lower())
    return Held(name, layer, "param", shape, dtype=kind), span[0], span[1]


def _sizes(value: Any) -> Shape | None:
    """A list of sizes; None if it is anything else."""
    if not isinstance(value, list):
        return None
    good = all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one < LARGEST_SIZE for one in value)
    return tuple(value) if good else None


def _json(text: bytes, path: Path) -> dict[str, Any]:
    def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise BadFile(f"{path}: a name stands twice in its header")
        return found

    try:
        value = json.loads(text, object_pairs_hook=distinct)
    except BadFile:
        raise
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, a number of thousands of digits, too deep
        raise BadFile(f"{path}: its header is no JSON ({type(error).__name__})") from None
    if not isinstance(value, dict):
        raise BadFile(f"{path}: its header is no table")
    return value

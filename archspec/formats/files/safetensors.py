"""The size of a safetensors file, to the byte: eight bytes, a JSON header padded to a multiple of eight, the data.

Source: safetensors/src/tensor.rs (`prepare`, `serialize`): tensors of the larger dtype first, then by name. Several
files as huggingface_hub splits them (serialization/_base.py), with the index that transformers writes beside them
(modeling_utils.py, `save_pretrained`). Tied parameters are written once, under the name of the one that owns the
storage; transient buffers are not written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from math import prod

from archspec.elaborate.program import Program
from archspec.formats.catalogue import Format
from archspec.formats.files.contents import Entry, FileSize, Names, entries
from archspec.formats.tensors import DTYPE_ORDER
from archspec.policy import Policy

PT: Mapping[str, str] = {"format": "pt"}
"""What transformers writes into the header: the weights are PyTorch's."""


def safetensors(
    program: Program,
    policy: Policy,
    values: Mapping[str, int],
    chosen: Format | None = None,
    *,
    names: Names | None = None,
    metadata: Mapping[str, str] | None = PT,
    shard: int | None = None,
    stem: str = "model",
) -> FileSize:
    """The size of a model's weights as safetensors.

    metadata: what is written into the header, None for nothing. shard: how many bytes of tensors a file may have at
    most before another one is begun (50 * 10**9 in transformers 5). Raises `NeedsNumbers` and `SpecError`.
    """
    untied = [one for one in entries(program, policy, values, chosen, names) if one.tied is None]
    data = sum(one.bytes for one in untied)
    exact = all(one.exact for one in untied)
    groups = [untied] if shard is None else split(untied, shard)
    if len(groups) <= 1:
        size = file_bytes(untied, metadata)
        return FileSize(size, data, ((f"{stem}.safetensors", size),), exact)
    files: list[tuple[str, int]] = []
    weight_map: dict[str, str] = {}
    for position, group in enumerate(groups, 1):
        name = f"{stem}-{position:05d}-of-{len(groups):05d}.safetensors"
        files.append((name, file_bytes(group, metadata)))
        weight_map.update({one.name: name for one in group})
    elements = sum(prod(one.shape) for one in untied if one.role == "param")
    files.append((f"{stem}.safetensors.index.json", _index_bytes(weight_map, elements, data)))
    return FileSize(sum(size for _, size in files), data, tuple(files), exact)


def file_bytes(held: Iterable[Entry], metadata: Mapping[str, str] | None) -> int:
    """One file: its header says dtype, shape and place of each tensor."""
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    offset = 0
    for one in sorted(held, key=lambda entry: (-DTYPE_ORDER[entry.dtype], entry.name.encode())):
        end = offset + one.bytes
        header[one.name] = {"dtype": one.dtype, "shape": list(one.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    return 8 + (len(text) + 7) // 8 * 8 + offset


def split(held: Iterable[Entry], most: int) -> list[list[Entry]]:
    """Tensors in order, a new file where the next would make one too large; what is too large itself has its own."""
    shards: list[list[Entry]] = []
    current: list[Entry] = []
    size = 0
    for one in held:
        if one.bytes > most:
            shards.append([one])
            continue
        if size + one.bytes > most:
            shards.append(current)
            current, size = [], 0
        current.append(one)
        size += one.bytes
    return [*shards, current] if current else shards


def _index_bytes(weight_map: dict[str, str], elements: int, data: int) -> int:
    said = {"metadata": {"total_parameters": elements, "total_size": data}, "weight_map": weight_map}
    return len((json.dumps(said, indent=2, sort_keys=True) + "\n").encode())

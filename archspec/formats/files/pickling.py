"""What `torch.save` pickles, with stand-ins for tensors, so that the length of the pickle is known without torch.

Source: torch/_utils.py (`_rebuild_tensor_v2`), torch/_tensor.py (`_reduce_ex_internal`), torch/serialization.py
(`persistent_id`), torch 2.13.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from io import BytesIO
from math import prod
from typing import Any

STORAGES = {
    "F64": "DoubleStorage",
    "F32": "FloatStorage",
    "BF16": "BFloat16Storage",
    "F16": "HalfStorage",
    "I64": "LongStorage",
    "I32": "IntStorage",
    "I16": "ShortStorage",
    "I8": "CharStorage",
    "U8": "ByteStorage",
    "BOOL": "BoolStorage",
}
"""The storage classes of torch by dtype; float8 has none and is pickled as bytes."""


class Global:
    """A class or function of torch, pickled by its name."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class Held:
    """A tensor: its dtype, its shape, and the number of its storage, which several may share."""

    def __init__(self, dtype: str, shape: tuple[int, ...], storage: int) -> None:
        self.dtype, self.shape, self.storage = dtype, shape, storage


class _Storage:
    def __init__(self, key: str, kind: Global, elements: int) -> None:
        self.key, self.kind, self.elements = key, kind, elements


_REBUILD = Global("torch._utils", "_rebuild_tensor_v2")
_KINDS = {dtype: Global("torch", name) for dtype, name in STORAGES.items()}
_BYTES = Global("torch", "ByteStorage")


_InPython: Any = pickle._Pickler  # no public name; typeshed knows little of it


class _Pickler(_InPython):  # type: ignore[misc]
    """The pickler of the standard library in Python, which writes the same codes as the one in C."""

    def persistent_id(self, thing: Any) -> Any:
        if isinstance(thing, _Storage):
            return ("storage", thing.kind, thing.key, "cpu", thing.elements)
        return None

    def save(self, thing: Any, save_persistent_id: bool = True) -> None:
        if isinstance(thing, Global):
            self._save_global(thing)
        elif isinstance(thing, Held):
            self._save_tensor(thing)
        else:
            super().save(thing, save_persistent_id)

    def _save_global(self, thing: Global) -> None:
        known = self.memo.get(id(thing))
        if known is not None:
            self.write(self.get(known[0]))
            return
        self.write(pickle.GLOBAL + f"{thing.module}\n{thing.name}\n".encode())
        self.memoize(thing)

    def _save_tensor(self, thing: Held) -> None:
        known = self.memo.get(id(thing))
        if known is not None:
            self.write(self.get(known[0]))
            return
        strides = tuple(prod(thing.shape[axis + 1 :]) for axis in range(len(thing.shape)))
        storage = _Storage(str(thing.storage), _KINDS.get(thing.dtype, _BYTES), prod(thing.shape))
        self.save(_REBUILD)
        self.save((storage, 0, thing.shape, strides, False, OrderedDict()))
        self.write(pickle.REDUCE)
        self.memoize(thing)


def pickled(thing: Any) -> int:
    """How many bytes the pickle has, in the protocol that torch uses."""
    buffer = BytesIO()
    _Pickler(buffer, protocol=2).dump(thing)
    return buffer.tell()

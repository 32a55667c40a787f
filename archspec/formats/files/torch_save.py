"""The size of what `torch.save` writes: a zip file without compression, a pickle, and a record for each storage.

Source: caffe2/serialize/inline_container.cc of PyTorch (`PyTorchStreamWriter`): the data of a record begins at a
multiple of 64 bytes. The layout is counted byte by byte, but a state dictionary also lists the modules of the model,
and of those without parameters a spec knows no names: the size is approximate, within 1 %.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from archspec.elaborate.program import Program
from archspec.formats.catalogue import Format
from archspec.formats.files.contents import Entry, FileSize, Names, entries
from archspec.formats.files.pickling import Held, pickled
from archspec.policy import Policy

_ALIGNMENT = 64
_LOCAL, _DESCRIPTOR, _CENTRAL, _END = 30, 16, 46, 22 + 56 + 20
"""Bytes of the parts of a zip file: before a record, behind it, in the directory, and at the end (with zip64)."""
_PADDING_HEAD = 4
_ZIP64 = 0xFFFFFFFF


def torch_save(
    program: Program,
    policy: Policy,
    values: Mapping[str, int],
    chosen: Format | None = None,
    *,
    names: Names | None = None,
    stem: str = "model",
) -> FileSize:
    """The size of `torch.save(model.state_dict(), "model.pt")`: tied parameters have two names and one storage.

    Raises `NeedsNumbers` and `SpecError`.
    """
    held = list(entries(program, policy, values, chosen, names))
    state: OrderedDict[str, Held] = OrderedDict()
    storages: list[int] = []
    for one in held:
        if one.tied is not None and one.tied in state:
            state[one.name] = state[one.tied]
            continue
        state[one.name] = Held(one.dtype, one.shape, len(storages))
        storages.append(one.bytes)
    size = archive_bytes(_with_modules(state, held), storages, stem)
    return FileSize(size, sum(storages), ((f"{stem}.pt", size),), exact=False)


class _State(OrderedDict[str, Held]):
    """A dictionary that is pickled with an attribute, as `state_dict` gives it."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        return OrderedDict, (), {"_metadata": self.modules}, None, iter(self.items())

    modules: OrderedDict[str, dict[str, int]]


def _with_modules(state: OrderedDict[str, Held], held: Iterable[Entry]) -> _State:
    """The state with the list of modules: every prefix of a name."""
    prefixes: dict[str, None] = {"": None}
    for one in held:
        parts = one.name.split(".")[:-1]
        prefixes.update({".".join(parts[: end + 1]): None for end in range(len(parts))})
    made = _State(state)
    made.modules = OrderedDict((name, {"version": 1}) for name in prefixes)
    return made


def archive_bytes(thing: Any, storages: list[int], stem: str) -> int:
    """The zip file of a pickle and its storages, whose sizes are given."""
    records = [("data.pkl", pickled(thing)), (".format_version", 1), (".storage_alignment", 2), ("byteorder", 6)]
    records += [(f"data/{number}", size) for number, size in enumerate(storages)]
    records += [("version", 2), (".data/serialization_id", 40)]
    offset = directory = 0
    for name, size in records:
        long = len(stem) + 1 + len(name)
        wide = size >= _ZIP64 or offset >= _ZIP64
        zip64 = (4 + 16 * (size >= _ZIP64) + 8 * (offset >= _ZIP64)) if wide else 0
        start = offset + _LOCAL + long + zip64 + _PADDING_HEAD
        start += -start % _ALIGNMENT
        offset = start + size + _DESCRIPTOR + (8 if wide else 0)
        directory += _CENTRAL + long + zip64
    return offset + directory + _END

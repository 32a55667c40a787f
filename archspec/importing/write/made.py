"""Tensors that come from nowhere: positions, masks and tables, each a small layer without inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from archspec.importing.naming.layers import identifier
from archspec.importing.program import Call

_KINDS = {"bool": "Mask", "int64": "Indices", "int32": "Indices"}


@dataclass
class Makers:
    """The layers that were needed so far: their texts by their names."""

    taken: set[str]
    texts: dict[str, str] = field(default_factory=dict)
    _known: dict[tuple[str, ...], str] = field(default_factory=dict)

    def use(self, call: Call, sizes: Sequence[str]) -> str:
        """A call of the layer that makes a tensor of these sizes."""
        if call.made == "int64" and len(sizes) == 2 and sizes[0] == "1" and call.name == "arange":
            return f"Positions({sizes[1]})"
        spelled, _, cost = call.spelled.partition(":")
        given: dict[str, str] = {}
        axes: list[str] = []
        for size in sizes:
            if size.isdecimal():
                axes.append(size)
                continue
            if size not in given:
                given[size] = identifier(size if size.isidentifier() else "n", set(given.values()))
            axes.append(given[size])
        key = (call.made, spelled, cost, *axes)
        name = self._known.get(key)
        if name is None:
            name = self._known[key] = self._name(call)
            self.texts[name] = self._text(name, call.made, spelled, cost, tuple(given.values()), axes)
        return f"{name}({', '.join(given)})" if given else name

    def _name(self, call: Call) -> str:
        name = "Mask" if call.name == "mask" and call.made == "float32" else _KINDS.get(call.made, "Table")
        number = 2
        found = name
        while found in self.taken or found in self.texts:
            found, number = f"{name}{number}", number + 1
        return found

    def _text(
        self, name: str, dtype: str, spelled: str, cost: str, parameters: Sequence[str], axes: Sequence[str]
    ) -> str:
        what = "act" if dtype == "float32" else dtype
        precision = "" if what == "act" else f": {what}"
        head = f"layer {name}({', '.join(parameters)}) {{" if parameters else f"layer {name} {{"
        lines = [head, f'  """Made inside, without gradient, by `{spelled}` at last."""',
                 f"  -> t[{', '.join(axes)}]{precision}", "}"]  # fmt: skip
        return "\n".join(lines)

"""The text of layers that stand for operations without a spelling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from archspec.importing.naming.layers import identifier
from archspec.importing.program import Call

_ELEMENT = 4
"""Bytes of an element in the precision that was measured, float32."""


@dataclass
class OpaqueLayers:
    """The opaque layers that were needed so far: their texts by their names."""

    taken: set[str]
    texts: dict[str, str] = field(default_factory=dict)
    _known: dict[tuple[str, ...], str] = field(default_factory=dict)

    def use(self, call: Call, sizes: Sequence[Sequence[str]]) -> str:
        """A call of the layer that gives tensors of these sizes."""
        given: dict[str, str] = {}
        shapes: list[str] = []
        for axes in sizes:
            for size in axes:
                if not size.isdecimal() and size not in given:
                    given[size] = identifier(size if size.isidentifier() else "n", set(given.values()))
            shapes.append(", ".join(given.get(size, size) for size in axes))
        key = (call.layer, str(len(call.inputs)), call.spelled, *shapes)
        if key not in self._known:
            name = self._known[key] = self._name(call.layer[1:])
            self.texts[name] = _text(name, call, list(given.values()), shapes)
        name = self._known[key]
        return f"{name}({', '.join(given)})" if given else name

    def _name(self, function: str) -> str:
        words = [word.capitalize() for word in function.split("_") if word.isascii() and word.isalnum()]
        name = f"Opaque{''.join(words)}"
        found, number = name, 2
        while found in self.taken or found in self.texts:
            found, number = f"{name}{number}", number + 1
        return found


def _text(name: str, call: Call, parameters: Sequence[str], shapes: Sequence[str]) -> str:
    kept = int(call.spelled or 0)
    function = "".join(letter for letter in call.layer[1:] if letter.isalnum() or letter == "_")
    inputs = ", ".join(f"{letter}[*{letter}s]" for letter in "abcdefghkmnopq"[: len(call.inputs)])
    outputs = ", ".join(f"y{place or ''}[{shape}]" for place, shape in enumerate(shapes))
    lines = [
        f"layer {name}({', '.join(parameters)}) {{" if parameters else f"layer {name} {{",
        f'  """Opaque: the library has no spelling of `{function}`. Its shape and the {kept} bytes that it keeps',
        '  were measured at the first setting; the bytes do not follow the sizes, its FLOPs are not counted."""',
        f"  {inputs} -> {outputs}" if inputs else f"  -> {outputs}",
    ]
    if kept:
        lines.append(f"  save measured[{-(-kept // _ELEMENT)}]")
    return "\n".join([*lines, "}"])

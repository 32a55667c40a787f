"""What a Keras model is called with, and which axes of that may be of another size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archspec.importing.errors import CannotImport

_OPEN = {"B": 2, "S": 16, "L": 64, "H": 64, "W": 64, "D": 16}
"""Sizes of axes that a model leaves open."""
_LETTERS = {2: "S", 3: "S", 4: "HW", 5: "DHW"}


@dataclass
class Entry:
    """An input: sizes as numbers or names, in Keras's order of axes. sizes: of names that are free axes. stated: names
    of axes whose size the model states. first: its channels come first already.
    """

    name: str
    dtype: str
    axes: list[int | str]
    sizes: dict[str, int] = field(default_factory=dict)
    stated: set[str] = field(default_factory=set)
    first: bool = False

    @property
    def turned(self) -> bool:
        """Whether the spec has its channels elsewhere than Keras."""
        return len(self.axes) > 3 and not self.first

    def fix(self, names: set[str]) -> None:
        """These names are the numbers that they stand for."""
        self.axes = [self.sizes[one] if isinstance(one, str) and one in names else one for one in self.axes]
        self.sizes = {name: size for name, size in self.sizes.items() if name not in names}

    def drive(self, axis: int, number: str) -> None:
        """An axis is a number of the model."""
        before = self.axes[axis]
        self.axes[axis] = number
        if isinstance(before, str) and before not in self.axes:
            self.sizes.pop(before, None)
            self.stated.discard(before)

    def shape(self, known: Mapping[str, int]) -> tuple[int, ...]:
        """The shape at values of the names."""
        return tuple(known[one] if isinstance(one, str) else one for one in self.axes)

    def in_text(self) -> list[int | str]:
        """The axes as the spec has them: channels first where there are positions."""
        if not self.turned:
            return list(self.axes)
        return [self.axes[0], self.axes[-1], *self.axes[1:-1]]


def shapes_of(model: Any) -> list[tuple[int | None, ...]]:
    """The shapes that a functional model states for its inputs."""
    return [tuple(one.shape) for one in _symbols(model)]


def _symbols(model: Any) -> list[Any]:
    import keras

    struct = getattr(model, "_inputs_struct", None)
    found: list[Any] = keras.tree.flatten(struct if struct is not None else getattr(model, "inputs", None) or [])
    return found


def entries(
    model: Any, texts: Sequence[str], driven: Mapping[tuple[int, int], str]
) -> tuple[list[Entry], dict[str, int]]:
    """The inputs of a model, and its axes with the sizes that they have at the base. Raises `CannotImport`.

    driven: the axes of inputs (input, axis) that a number of the model says.
    """
    first = any(getattr(one, "data_format", "") == "channels_first" for one in model._flatten_layers())
    found = [_said(text, place) for place, text in enumerate(texts)]
    if not found:
        if not getattr(model, "inputs", None):
            raise CannotImport("it is no functional model: say what it is called with, --inputs 'x=float32[2,32,32,3]'")
        axes: dict[tuple[str, int | None], str] = {}
        symbols = _symbols(model)
        names = [str(one.name) for one in symbols]
        for place, (one, name) in enumerate(zip(symbols, names, strict=True)):
            label = name if names.count(name) == 1 and not name.startswith("keras_tensor") else ""
            found.append(_entry(label or _guess(one, place), str(one.dtype), one.shape, axes, first))
            for (which, axis), number in driven.items():
                if which == place:
                    found[-1].drive(axis, number)
    if len({one.name for one in found}) < len(found):
        for place, one in enumerate(found):
            one.name = f"{one.name}_{place}"
    return found, {name: size for one in found for name, size in one.sizes.items()}


def _guess(symbol: Any, place: int) -> str:
    base = "image" if len(symbol.shape) == 4 else "tokens" if "int" in str(symbol.dtype) else "x"
    return base if place == 0 else f"{base}_{place}"


def _entry(
    name: str, dtype: str, shape: Sequence[int | None], axes: dict[tuple[str, int | None], str], first: bool
) -> Entry:
    """Axes that are open are free; positions are free too, where the model allows other sizes."""
    if len(shape) == 4 and name.startswith(("keras_tensor", "input_layer")):
        name = name.replace("keras_tensor", "image").replace("input_layer", "image")
    free = _LETTERS.get(len(shape), "")
    skipped = 2 if first and len(shape) > 3 else 1
    if len(shape) == 2 and "int" not in dtype and shape[1] is not None:
        free = ""
    sizes: dict[str, int] = {}
    stated: set[str] = set()
    spelled: list[int | str] = []
    for place, size in enumerate(shape):
        letter = "B" if place == 0 else free[place - skipped] if 0 <= place - skipped < len(free) else "N"
        if size is not None and not 0 <= place - skipped < len(free):
            spelled.append(int(size))
            continue
        known = axes.get((letter, size))
        if known is None:
            count = sum(1 for key in axes if key[0] == letter)
            known = axes[letter, size] = letter if not count else f"{letter}{count + 1}"
        sizes[known] = int(size) if size is not None else _OPEN.get(letter, 16)
        spelled.append(known)
        if size is not None and place > 0:
            stated.add(known)
    return Entry(name, dtype, spelled, sizes, stated, first)


def _said(text: str, place: int) -> Entry:
    """`x=float32[B,32,32,3]`: names are axes."""
    from archspec.verify.targets import input_parts

    name, dtype, sizes = input_parts(text)
    axes: list[int | str] = [int(one) if one.isdecimal() else one for one in sizes]
    known = {one: _OPEN.get(one, 16) for one in axes if isinstance(one, str)}
    return Entry(
        name or f"input_{place}", dtype.replace("float", "float32") if dtype == "float" else dtype, axes, known
    )

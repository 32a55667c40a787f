"""Names in scope while a body is read from top to bottom, and what is known of each."""

from __future__ import annotations

from typing import NamedTuple

from archspec.scope import Definition
from archspec.syntax import tree


class Sort(NamedTuple):
    """What a value is, as far as it can be told without numbers.

    word: as messages say it; "" when it cannot be told. number: of tensors, None when it cannot be told.
    outputs: the tensors are the outputs of one layer, of which the first alone may be meant. layer: of an instance.
    """

    word: str
    number: int | None = 1
    outputs: bool = False
    layer: Definition | None = None

    @property
    def is_tensor(self) -> bool:
        """Whether it is one tensor or several."""
        return self.word in ("a tensor", "tensors")

    @property
    def words(self) -> str:
        """What it is, with what is known of it."""
        if self.layer is not None:
            return f"the layer `{self.layer.node.name}`"
        if self.word == "tensors" and self.number is not None:
            return f"{self.number} tensors"
        return self.word


UNKNOWN = Sort("")
INTEGER = Sort("an integer")
REAL = Sort("a real number")
FLAG = Sort("a flag")
TEXT = Sort("a text")
LIST = Sort("a list")
TENSOR = Sort("a tensor")
LAYER = Sort("a layer")

NUMBERS = frozenset((INTEGER.word, REAL.word))


def tensors(count: int | None, *, outputs: bool = False) -> Sort:
    """Several tensors, or one."""
    return TENSOR if count == 1 else Sort("tensors", count, outputs)


class Known(NamedTuple):
    """A name in scope. what: `a parameter`, `an axis`, …; fixed: it may not be assigned."""

    what: str
    sort: Sort
    fixed: bool
    node: tree.Node | None = None


class Names:
    """Names in scope, in layers: the branches of an `if` and the body of a `repeat` begin one of their own."""

    def __init__(self) -> None:
        self._layers: list[dict[str, Known]] = [{}]
        self.used: set[str] = set()
        self.gone: dict[str, tree.Node] = {}
        """Names that were local to a `repeat` that ended, and the loop."""

    def get(self, name: str) -> Known | None:
        """What is known of a name; it counts as used."""
        self.used.add(name)
        return self.peek(name)

    def peek(self, name: str) -> Known | None:
        """What is known of a name."""
        for layer in reversed(self._layers):
            if name in layer:
                return layer[name]
        return None

    def bind(self, name: str, known: Known) -> None:
        """Give a name a meaning from here on."""
        self._layers[-1][name] = known

    def unbind(self, name: str) -> None:
        """Take a name back."""
        self._layers[-1].pop(name, None)

    def push(self) -> None:
        """Begin a layer."""
        self._layers.append({})

    def pop(self) -> dict[str, Known]:
        """End a layer: what was bound in it."""
        return self._layers.pop()

    def merge(self, bound: dict[str, Known]) -> None:
        """Make names known that were bound in a layer that ended."""
        for name, known in bound.items():
            other = self._layers[-1].get(name)
            self._layers[-1][name] = (
                known if other is None or other.sort == known.sort else known._replace(sort=UNKNOWN)
            )

    def all(self) -> list[str]:
        """Every name in scope, to suggest one."""
        return [name for layer in self._layers for name in layer]

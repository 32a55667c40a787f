"""What is live at a moment of a program whose loops are cut short, in bytes."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from archspec.algebra import Dim, Facts, divide, free_symbols, substitute
from archspec.ledger.shadow import Where

Bits = Callable[[str], Dim]


class Live:
    """Things by any key: the sum of those of one size, and the sizes that hang on the turn."""

    def __init__(self, bits: Bits, facts: Facts) -> None:
        self.bits = bits
        self.facts = facts
        self.constant: Dim = 0
        self._things: dict[Hashable, Dim | tuple[Dim, Where]] = {}
        self._bytes: dict[tuple[Dim, str], Dim] = {}

    def add(self, key: Hashable, elements: Dim, dtype: str, made: Where) -> None:
        """Something is there, maybe already: elements in terms of the turns in which it was made."""
        if key in self._things:
            return
        size = self.bytes(elements, dtype)
        if any(at.loop.index in free_symbols(size) for at in made):
            self._things[key] = (size, made)
            return
        self.constant = self.constant + size
        self._things[key] = size

    def free(self, key: Hashable) -> None:
        """It is not needed any more."""
        size = self._things.pop(key)
        if not isinstance(size, tuple):
            self.constant = self.constant - size

    def __contains__(self, key: Hashable) -> bool:
        return key in self._things

    def size(self, now: Where) -> Dim:
        """Bytes, in terms of the turns of a moment."""
        total = self.constant
        for thing in self._things.values():
            if isinstance(thing, tuple):
                total = total + seen(thing[0], thing[1], now, self.facts)
        return total

    def bytes(self, elements: Dim, dtype: str) -> Dim:
        """Bytes of some elements."""
        key = (elements, dtype)
        if key not in self._bytes:
            bits = self.bits(dtype)
            if isinstance(bits, int) and bits % 8 == 0:
                self._bytes[key] = elements * (bits // 8)
            else:
                self._bytes[key] = divide(elements * bits, 8, self.facts)
        return self._bytes[key]


def seen(size: Dim, made: Where, now: Where, facts: Facts) -> Dim:
    """A size in terms of the turns of another moment: made k turns before is made in turn t - k. Seen from outside of a
    loop, what stands for its middle is its first turn there.
    """
    turns: list[tuple[str, Dim]] = []
    together = True
    for depth, at in enumerate(made):
        together = together and depth < len(now) and now[depth].loop is at.loop
        turn: Dim = at.position if at.middle and not together else at.turn
        if together and now[depth].position != at.position:
            turn = now[depth].turn - (now[depth].position - at.position)
            together = False
        turns.append((at.loop.index, turn))
    for index, turn in reversed(turns):
        size = substitute(size, {index: turn}, facts)
    return size

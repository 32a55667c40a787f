"""Questions about a parser's stack at the place of an error: where in the notation are we, and what could come next?"""

from __future__ import annotations

from functools import cache

from archspec.syntax.tables import END, Tables, tables

_OPENS = {"LEFT_PARENTHESIS": "RIGHT_PARENTHESIS", "LEFT_BRACKET": "RIGHT_BRACKET"}


@cache
def _symbols() -> dict[int, str]:
    """The symbol each state is entered by. In an LR automaton there is one for each state."""
    return {
        state: symbol
        for rows in (tables().actions, tables().gotos)
        for row in rows
        for symbol, state in row.items()
        if state >= 0
    }


class Stack:
    """The states of a parser, lowest first, with the offset at which the symbol of each (but the first) begins.

    `shifted` are the states right after the last token was read: on seeing a token that does not fit, the parser may
    have reduced what stands before it, and forgotten what else could have followed.
    """

    def __init__(self, states: list[int], starts: list[int], shifted: list[int]) -> None:
        self.states = states
        self.starts = starts
        self.shifted = shifted
        self.tables: Tables = tables()

    def symbol(self, index: int) -> str:
        """The symbol at a place of the stack, counted from 1, or from -1 at its top."""
        return _symbols()[self.states[index]]

    def row(self, index: int) -> dict[str, int]:
        """What the state at a place of the stack does on each terminal."""
        return self.tables.actions[self.states[index]]

    def accepts(self, terminal: str) -> bool:
        """Would this terminal fit next?"""
        return self._fits(terminal, self.states)

    def expected(self) -> set[str]:
        """The terminals that would fit in place of the one that does not."""
        return {terminal for terminal in self.tables.actions[self.shifted[-1]] if self._fits(terminal, self.shifted)}

    def before_last(self) -> set[str]:
        """The terminals that would have fit in place of the last token read."""
        before = self.shifted[:-1]
        return {terminal for terminal in self.tables.actions[before[-1]] if self._fits(terminal, before)}

    def _fits(self, terminal: str, on: list[int]) -> bool:
        """Does a terminal fit on some states? Exact: what it lets the parser reduce is tried."""
        states = on.copy()
        actions, gotos, rules = self.tables.actions, self.tables.gotos, self.tables.rules
        while True:
            action = actions[states[-1]].get(terminal)
            if action is None:
                return False
            if action >= 0:
                return True
            made, length, _, _ = rules[-1 - action]
            if length:
                del states[-length:]
            states.append(gotos[states[-1]][made])
            if terminal == END and states[-1] == self.tables.end:
                return True

    def in_block(self, state: int) -> bool:
        """Can a statement (or a test's condition) begin in this state, and the block end?"""
        row = self.tables.actions[state]
        return row.get("NAME", -1) >= 0 and "RIGHT_BRACE" in row

    def at_item(self, state: int) -> bool:
        """Can an item begin in this state?"""
        return self.tables.actions[state].get("LAYER", -1) >= 0

    def base(self) -> int:
        """The height of the stack at which the statement or item now being read began."""
        return self._height(blocks=True)

    def item_base(self) -> int:
        """The height of the stack at which the item now being read began."""
        return self._height(blocks=False)

    def _height(self, *, blocks: bool) -> int:
        """The greatest height at which an item, or with `blocks` a statement, can begin, outside of closed blocks."""
        closed = 0
        for height in range(len(self.states), 1, -1):
            state = self.states[height - 1]
            if not closed and (self.at_item(state) or (blocks and self.in_block(state))):
                return height
            closed += self._brace(height - 1)
        return 1

    def _brace(self, index: int) -> int:
        """1 for a `}` on the stack, -1 for a `{`, 0 for all else."""
        return {"RIGHT_BRACE": 1, "LEFT_BRACE": -1}.get(self.symbol(index), 0)

    def in_open_block(self) -> bool:
        """Is a block of the present item open?"""
        return sum(self._brace(index) for index in range(self.item_base(), len(self.states))) < 0

    def open_bracket(self) -> tuple[str, int] | None:
        """The innermost `(` or `[` not yet closed in the present statement: its terminal and its offset."""
        closed = 0
        for index in range(len(self.states) - 1, self.base() - 1, -1):
            symbol = self.symbol(index)
            if symbol in _OPENS.values():
                closed += 1
            elif symbol in _OPENS and closed:
                closed -= 1
            elif symbol in _OPENS:
                return symbol, self.starts[index - 1]
        return None

    def keyword(self) -> str:
        """The symbol that the present statement or item begins with; "" at its very beginning."""
        base = self.base()
        return self.symbol(base) if base < len(self.states) else ""

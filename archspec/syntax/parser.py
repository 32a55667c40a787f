"""From a source to its syntax tree: runs lark's LALR(1) tables, without lark.

The loop is written here, not taken from lark, for three reasons: starting needs no import of lark; the tree is built
while parsing, with exact places and a bound on its depth; and after an error parsing goes on at the next statement
(`recovery`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from archspec.errors.diagnostic import Diagnostic, Diagnostics
from archspec.syntax.builder import Builder
from archspec.syntax.lexer import Tokens, tokenize
from archspec.syntax.limits import DEPTH, ERRORS, FILE_BYTES
from archspec.syntax.recovery import Recovery
from archspec.syntax.source import Place, Source
from archspec.syntax.stack import Stack
from archspec.syntax.tables import END, LIST, Tables, tables
from archspec.syntax.tree import File

# Rules whose records lie inside each other however flat the text is: one more of them is one more level of the tree.
_DEEPENS = frozenset(
    [
        "binary",
        "unary",
        "call",
        "attribute",
        "index",
        "slice",
        "ternary",
        "group",
        "list",
        "pipe",
        "conditional",
        "repeat",
        "each",
    ],
)


def parse(source: Source, diagnostics: Diagnostics) -> File:
    """The tree of a source. All syntax errors go to `diagnostics`; what could not be read is missing from the tree."""
    empty = File(0, len(source.text), source, None, (), ())
    if len(source.text) > FILE_BYTES:
        diagnostics.error(
            "file-too-large", Place(source, 0, 0), path=source.name, size=len(source.text), limit=FILE_BYTES
        )
        return empty
    first = len(diagnostics.found)
    tokens = tokenize(source, diagnostics)
    file = None
    if not tokens.unfinished:
        builder = Builder(source, tokens.comments, diagnostics)
        file = _Run(source, tokens, builder, diagnostics).file()
    diagnostics.found[first:] = sorted(diagnostics.found[first:], key=_start)
    return file or empty


def _start(diagnostic: Diagnostic) -> int:
    return diagnostic.place.start if diagnostic.place else 0


Callback = Callable[..., Any]

_Plan = tuple[str, int, str, tuple[int, ...], bool, int]
"""A rule: what it makes, its length, its callback, its children, is any to be spliced in, what it adds to the depth."""


@cache
def _plans() -> list[_Plan]:
    return [
        (name, length, action, tuple(i for i, _ in children), any(s for _, s in children), int(action in _DEEPENS))
        for name, length, action, children in tables().rules
    ]


@cache
def _passed_on() -> list[str | None]:
    """For each rule that only passes its one symbol on, such as `sum: product`: what it makes. None for the others."""
    return [name if length == 1 and not action else None for name, length, action, *_ in _plans()]


class _Run:
    """One run over one text: the stacks of an LALR parser, with the place and the depth of each value."""

    def __init__(self, source: Source, tokens: Tokens, builder: Builder, diagnostics: Diagnostics) -> None:
        self.source = source
        self.tokens = tokens
        self.diagnostics = diagnostics
        self.most = len(diagnostics.found) + ERRORS
        self.tables: Tables = tables()
        self.callbacks: list[Callback] = [
            getattr(builder, action) if action not in ("", LIST) else list for _, _, action, *_ in _plans()
        ]
        self.states: list[int] = [self.tables.start]
        self.values: list[Any] = []  # texts, records and lists of them, as the rules have it
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.depths: list[int] = []
        self.reduced: list[list[int]] = []  # the states that reductions took away since the last token
        self.chains: dict[tuple[int, int, str, str | None], int] = {}
        self.deep = False

    def file(self) -> File | None:
        """Run to the end of the text."""
        recovery = Recovery(self.source, self.tokens, self.diagnostics)
        at = 0
        while True:
            at = self._advance(at)
            if at == len(self.tokens.kinds):
                return self.values[-1] if isinstance(self.values[-1], File) else None
            resume = recovery.resume(at, Stack(self.states, self.starts, self._shifted()))
            if resume is None or len(self.diagnostics.found) >= self.most:
                return None
            at, height = resume
            self._cut(height)

    def _shifted(self) -> list[int]:
        """The states right after the last token was read: all reductions since are undone."""
        states = self.states.copy()
        for removed in reversed(self.reduced):
            states[-1:] = removed
        return states

    def _cut(self, height: int) -> None:
        """Forget what stands on the stack above the lowest `height` states."""
        del self.states[height:], self.values[height - 1 :]
        del self.starts[height - 1 :], self.ends[height - 1 :], self.depths[height - 1 :]

    def _advance(self, at: int) -> int:
        """Parse from token `at` to the end, or to a token that does not fit: the number of that token."""
        tokens, states, reduced, chains = self.tokens, self.states, self.reduced, self.chains
        actions, keywords, end, passed_on = self.tables.actions, self.tables.keywords, self.tables.end, _passed_on()
        state = states[-1]
        while True:
            reduced.clear()
            kind, text = tokens.kinds[at], tokens.texts[at]
            # A word is a keyword where the parser has a use for it, and a name elsewhere.
            word = keywords.get(text) if kind == "NAME" else None
            while True:
                row = actions[state]
                action = row.get(word) if word is not None else None
                if action is None:
                    action = row.get(kind)
                if action is None:
                    return at
                if action >= 0:
                    break
                if passed_on[-1 - action] is None:
                    state = self._reduce(-1 - action, at)
                    if state == end and kind == END:
                        return at + 1
                    continue
                # From an atom up to a sum, a comparison, a choice are ten such steps: they are taken as one.
                step = (states[-2], state, kind, word)
                reduced.append([state])
                if step not in chains:
                    chains[step] = self._chain(*step)
                state = states[-1] = chains[step]

            states.append(action)
            self.values.append(text)
            self.starts.append(tokens.starts[at])
            self.ends.append(tokens.ends[at])
            self.depths.append(0)
            state = action
            at += 1

    def _chain(self, below: int, state: int, kind: str, word: str | None) -> int:
        """Where all the rules that only pass a symbol on lead from `state`, with `below` under it, before a token."""
        while True:
            row = self.tables.actions[state]
            action = row.get(word) if word is not None else None
            if action is None:
                action = row.get(kind)
            made = _passed_on()[-1 - action] if action is not None and action < 0 else None
            if made is None:
                return state
            state = self.tables.gotos[below][made]

    def _reduce(self, rule: int, at: int) -> int:
        """Replace the symbols of a rule at the top of the stack by what the rule makes; returns the new state."""
        states, values, starts, ends, depths = self.states, self.values, self.starts, self.ends, self.depths
        made, length, action, children, spliced, deeper = _plans()[rule]
        if not length:  # an empty list of statements, for one: its place is before the next token
            start = stop = self.tokens.starts[at]
            depth = 0
            value = self.callbacks[rule](start, stop, *([None] * len(children)))
            self.reduced.append([])
        else:
            start, stop = starts[-length], ends[-1]
            depth = max(depths[-length:]) + deeper
            if depth > DEPTH:
                depth = self._too_deep(start, stop)
            if not action:
                value = values[children[0] - length]
            elif action == LIST:
                value = self._list(rule, length)
            elif spliced:
                value = self.callbacks[rule](start, stop, *self._list(rule, length))
            else:
                value = self.callbacks[rule](start, stop, *[values[i - length] if i >= 0 else None for i in children])
            self.reduced.append(states[-length:])
            del states[-length:], values[-length:], starts[-length:], ends[-length:], depths[-length:]
        state = self.tables.gotos[states[-1]][made]
        states.append(state)
        values.append(value)
        starts.append(start)
        ends.append(stop)
        depths.append(depth)
        return state

    def _list(self, rule: int, length: int) -> list[Any]:
        """The children of a rule in one list. A list that comes first grows in place: so long ones take linear time."""
        values = self.values
        (first, is_list), *rest = self.tables.rules[rule][3]
        out: list[Any] = values[first - length] if is_list else [values[first - length] if first >= 0 else None]
        for index, splice in rest:
            value = values[index - length] if index >= 0 else None
            if splice:
                out.extend(value or ())
            else:
                out.append(value)
        return out

    def _too_deep(self, start: int, end: int) -> int:
        """Report a tree that is too deep, once for a text; parsing goes on as if it were flat."""
        if not self.deep:
            self.diagnostics.error("too-deep", Place(self.source, start, end), limit=DEPTH)
        self.deep = True
        return 0

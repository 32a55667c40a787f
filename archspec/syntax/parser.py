"""From a source to its syntax tree: runs lark's LALR(1) tables, without lark.

The loop is written here, not taken from lark, for three reasons: starting needs no import of lark; the tree is built while
parsing, with exact places and a bound on its depth; and after an error parsing goes on at the next statement (`recovery`).
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
    ("binary", "unary", "call", "attribute", "index", "slice", "ternary", "group", "list", "pipe", "conditional")
    + ("repeat", "each")
)


def parse(source: Source, diagnostics: Diagnostics) -> File:
    """The tree of a source. All syntax errors go to `diagnostics`; what could not be read is missing from the tree."""
    empty = File(0, len(source.text), source, None, (), ())
    if len(source.text) > FILE_BYTES:
        diagnostics.error("file-too-large", Place(source, 0, 0), size=len(source.text), limit=FILE_BYTES)
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


@cache
def _plans() -> list[tuple[str, int, str, tuple[int, ...], bool, int]]:
    """For each rule: what it makes, its length, its callback, its children, are any spliced, what it adds to the depth."""
    plans = []
    for name, length, action, children in tables().rules:
        spliced = any(splice for _, splice in children)
        plans.append((name, length, action, tuple(i for i, _ in children), spliced, int(action in _DEEPENS)))
    return plans


class _Run:
    """One run over one text: the stacks of an LALR parser, with the place and the depth of each value."""

    def __init__(self, source: Source, tokens: Tokens, builder: Builder, diagnostics: Diagnostics) -> None:
        self.source = source
        self.tokens = tokens
        self.builder = builder
        self.diagnostics = diagnostics
        self.tables: Tables = tables()
        self.states: list[int] = [self.tables.start]
        self.values: list[Any] = []  # texts, records and lists of them, as the rules have it
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.depths: list[int] = []
        self.reduced: list[list[int]] = []  # the states that reductions took away since the last token

    def file(self) -> File | None:
        """Run to the end of the text."""
        recovery = Recovery(self.source, self.tokens, self.diagnostics)
        kinds = self.tokens.kinds
        at = 0
        while True:
            at = self._advance(at)
            if at == len(kinds):
                return self.values[-1] if isinstance(self.values[-1], File) else None
            resume = recovery.resume(at, Stack(self.states, self.starts, self._shifted()))
            if resume is None or len(self.diagnostics.found) > ERRORS:
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
        tokens = self.tokens
        kinds, texts, token_starts, token_ends = tokens.kinds, tokens.texts, tokens.starts, tokens.ends
        actions, gotos, keywords = self.tables.actions, self.tables.gotos, self.tables.keywords
        states, values, starts, ends, depths = self.states, self.values, self.starts, self.ends, self.depths
        plans, callbacks, reduced = _plans(), self._callbacks(), self.reduced
        reduced.clear()
        state = states[-1]
        while True:
            kind = kinds[at]
            row = actions[state]
            if kind == "NAME":
                # A word is a keyword where the parser has a use for it, and a name elsewhere.
                keyword = keywords.get(texts[at])
                action = row.get(keyword) if keyword is not None else None
                if action is None:
                    action = row.get("NAME")
            else:
                action = row.get(kind)
            if action is None:
                return at

            if action >= 0:
                reduced.clear()
                states.append(action)
                values.append(texts[at])
                starts.append(token_starts[at])
                ends.append(token_ends[at])
                depths.append(0)
                state = action
                at += 1
                continue

            rule = -1 - action
            made, length, name, children, spliced, deeper = plans[rule]
            if not name:
                if length == 1:
                    reduced.append([states.pop()])
                    state = gotos[states[-1]][made]
                    states.append(state)
                    continue
                value = values[children[0] - length]
                depth = max(depths[-length:])
            elif not length:
                value = callbacks[rule](token_starts[at], token_starts[at], *([None] * len(children)))
                depth = 0
            else:
                depth = max(depths[-length:]) + deeper
                if depth > DEPTH:
                    self._too_deep(starts[-length], ends[-1])
                    depth = -len(kinds)  # no tree is deeper than its text is long: this is said once for a chain
                if name == LIST:
                    value = self._list(rule, length)
                elif spliced:
                    value = callbacks[rule](starts[-length], ends[-1], *self._list(rule, length))
                else:
                    value = callbacks[rule](
                        starts[-length], ends[-1], *[values[i - length] if i >= 0 else None for i in children]
                    )
            if length:
                start, end = starts[-length], ends[-1]
                reduced.append(states[-length:])
                del states[-length:], values[-length:], starts[-length:], ends[-length:], depths[-length:]
            else:
                reduced.append([])
                start = end = token_starts[at]
            state = gotos[states[-1]][made]
            states.append(state)
            values.append(value)
            starts.append(start)
            ends.append(end)
            depths.append(depth)
            if kind == END and state == self.tables.end:
                return at + 1

    def _callbacks(self) -> list[Callback]:
        return [getattr(self.builder, name) if name and name != LIST else list for _, _, name, *_ in _plans()]

    def _list(self, rule: int, length: int) -> list[Any]:
        """The children of a rule in one list. A list in the first place grows where it is: so long lists take linear time."""
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

    def _too_deep(self, start: int, end: int) -> None:
        self.diagnostics.error("too-deep", Place(self.source, start, end), limit=DEPTH)

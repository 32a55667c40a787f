"""The parser's tables, made by lark from `grammar/arch.lark`.

lark is imported here and only here, and only when the tables are not in the cache: importing it and building them takes
longer than everything else that happens at a start. The tables are plain numbers, texts, lists and dicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from archspec.resources import grammar_text

if TYPE_CHECKING:
    from lark.grammar import Rule as LarkRule

END = "$END"

Rule = tuple[str, int, str, tuple[tuple[int, bool], ...]]
"""A rule as the parser needs it: what it makes, how many symbols it takes, the callback's name, and its children.

A child is (which symbol, is it a list to be spliced in); the symbol -1 stands for an optional part that is absent.
The callback's name is "" where the only child is passed on as it is, and `LIST` where the children become a list.
"""

LIST = "[]"


@dataclass(frozen=True)
class Tables:
    """What the lexer and the parser run on.

    `actions[state][terminal]` is the next state, or `-1 - rule` to reduce; `gotos[state][rule name]` the next state.
    `pattern` matches one token of any kind, `keywords` and `literals` map written text and terminal names.
    """

    actions: list[dict[str, int]]
    gotos: list[dict[str, int]]
    rules: list[Rule]
    start: int
    end: int
    pattern: str
    keywords: dict[str, str]
    literals: dict[str, str]


@cache
def tables() -> Tables:
    """The tables, from the cache or made anew."""
    from archspec import cache as store

    text = grammar_text()
    kept = store.load("tables", text)
    if isinstance(kept, Tables):
        return kept
    made = build(text)
    store.save("tables", text, made)
    return made


def build(grammar: str) -> Tables:
    """Have lark compute the tables of a grammar. Raises lark's `GrammarError` when the grammar is not LALR(1)."""
    from lark import Lark
    from lark.lexer import PatternStr
    from lark.parsers.lalr_analysis import Shift

    # `Any`: lark keeps its tables in attributes that its type stubs do not promise; a test reads them on every version.
    built: Any = Lark(grammar, parser="lalr", maybe_placeholders=True)
    table = built.parser.parser._parse_table
    rules: list[LarkRule] = list(
        dict.fromkeys(a for row in table.states.values() for k, a in row.values() if k is not Shift)
    )
    number = {rule: i for i, rule in enumerate(rules)}
    terminals = {t.name for t in built.terminals} | {END}

    actions: list[dict[str, int]] = [{} for _ in table.states]
    gotos: list[dict[str, int]] = [{} for _ in table.states]
    for state, row in table.states.items():
        for symbol, (kind, argument) in row.items():
            if symbol not in terminals:
                gotos[state][symbol] = argument
            else:
                actions[state][symbol] = argument if kind is Shift else -1 - number[argument]

    literals = {t.name: t.pattern.value for t in built.terminals if isinstance(t.pattern, PatternStr)}
    keywords = {text: name for name, text in literals.items() if text.replace("_", "a").isalpha()}
    patterns = [(t.priority, t.name, t.pattern.value) for t in built.terminals if t.name not in literals]
    signs = [(name, text) for name, text in literals.items() if text not in keywords]
    return Tables(
        actions=actions,
        gotos=gotos,
        rules=[_rule(rule) for rule in rules],
        start=table.start_states["start"],
        end=table.end_states["start"],
        pattern=_pattern(patterns, signs),
        keywords=keywords,
        literals=literals,
    )


def _pattern(patterns: list[tuple[int, str, str]], signs: list[tuple[str, str]]) -> str:
    """One pattern for every token: by priority, then, among signs, the longer first (`->` before `-`)."""
    from re import escape

    parts = [f"(?P<{name}>{text})" for _, name, text in sorted(patterns, key=lambda p: -p[0])]
    parts += [f"(?P<{name}>{escape(text)})" for name, text in sorted(signs, key=lambda s: -len(s[1]))]
    return "|".join(parts)


def _rule(rule: LarkRule) -> Rule:
    """A rule of lark's, with what lark's tree builder would do with its children written out."""
    children: list[tuple[int, bool]] = []
    absent = list(rule.options.empty_indices) or [False] * len(rule.expansion)
    index = 0
    for is_absent in absent:
        if is_absent:
            children.append((-1, False))
            continue
        symbol = rule.expansion[index]
        if not (symbol.is_term and getattr(symbol, "filter_out", False)):
            children.append((index, not symbol.is_term and symbol.name.startswith("_")))
        index += 1

    name = str(rule.origin.name)
    action = str(rule.alias or name)
    if name.startswith("_"):
        action = LIST
    elif rule.options.expand1 and not rule.alias and len(children) == 1:
        action = ""
    return name, len(rule.expansion), action, tuple(children)

"""The grammar itself: no conflicts, names for all, and the same language as lark reads with it."""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path

import pytest
from lark import Lark, logger

from archspec.resources import grammar_text
from archspec.syntax.builder import Builder
from archspec.syntax.tables import END, LIST, tables
from archspec.syntax.words import ITEMS, STATEMENTS, word
from tests.syntax.conftest import DATA, Parse


def test_it_has_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    strict = importlib.util.find_spec("interegular") is not None
    logger.addHandler(caplog.handler)
    try:
        with caplog.at_level(logging.DEBUG, logger.name):
            Lark(grammar_text(), parser="lalr", debug=True, strict=strict)
    finally:
        logger.removeHandler(caplog.handler)
    assert [record.getMessage() for record in caplog.records if "conflict" in record.getMessage().lower()] == []


def test_every_terminal_has_a_name_and_a_word() -> None:
    terminals = {terminal for row in tables().actions for terminal in row}
    assert not {terminal for terminal in terminals if terminal.startswith("_")}
    for terminal in terminals:
        assert word(terminal)
    assert terminals >= ITEMS | STATEMENTS | {END}


def test_every_rule_has_a_callback() -> None:
    actions = {action for _, _, action, _ in tables().rules} - {"", LIST}
    assert {action for action in actions if not hasattr(Builder, action)} == set()


@pytest.mark.parametrize("path", sorted(DATA.glob("*.arch")), ids=lambda path: path.stem)
def test_lark_reads_the_same(path: Path, read: Parse) -> None:
    text = path.read_text(encoding="utf-8")
    items = Lark(grammar_text(), parser="lalr").parse(text).children[1:]
    assert len(items) == len(read(text).items)


def test_a_state_is_entered_by_one_symbol() -> None:
    entered: dict[int, set[str]] = {}
    for rows in (tables().actions, tables().gotos):
        for row in rows:
            for symbol, state in row.items():
                if state >= 0:
                    entered.setdefault(state, set()).add(symbol)
    assert all(len(symbols) == 1 for symbols in entered.values())

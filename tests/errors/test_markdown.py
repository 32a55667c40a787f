"""The messages, word for word: see `markdown`."""

from __future__ import annotations

import pytest

from tests.errors.markdown import FOLDER, Case, cases, messages

CASES = [case for file in sorted(FOLDER.glob("*.md")) for case in cases(file)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_messages_are_as_written(case: Case) -> None:
    assert messages(case.spec, case.asked, case.files) == case.messages


def test_there_are_cases() -> None:
    assert CASES

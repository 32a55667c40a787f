"""The process in which a person's code runs: a question a line in, an answer a line out, both JSON.

Started as `python -m archspec.importing.trace.worker`, and only because a command or a test names the code. What that
code prints goes to stderr. Arguments, such as `5:8`, are files for a copy of this process: it reads questions from the
one and writes answers to the other.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn, TextIO

from archspec.importing.errors import CannotImport
from archspec.importing.garbage import seldom
from archspec.importing.opening import Opened
from archspec.verify.errors import CannotVerify

Files = tuple[int, int]


def main() -> None:
    """Answer until nothing more is asked."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    files = [(int(one), int(other)) for one, _, other in (given.partition(":") for given in sys.argv[1:])]
    with seldom():
        _answer(None, sys.stdin, answers, files)


def _answer(subject: Opened | None, questions: TextIO, answers: TextIO, files: Sequence[Files]) -> None:
    """Answer what is asked. files: for copies of this process, which are made as soon as the model is known."""
    for line in questions:
        question = json.loads(line)
        try:
            if subject is None:
                from archspec.importing.opening import opened

                subject = opened(question)
                answer = subject.describe()
                _split(subject, answers, files)
            else:
                answer = subject.answer(question)
        except (CannotImport, CannotVerify) as error:
            answer = {"error": str(error)}
        except Exception as error:  # it is somebody's code: anything may happen
            text = f"{type(error).__name__}: {error}".strip().partition("\n")[0]
            answer = {"error": text[:500]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _split(subject: Opened, answers: TextIO, files: Sequence[Files]) -> None:
    """Make the copies. Of a process with threads none: a lock that one of them holds would stay shut in the copy."""
    if subject.copies and threading.active_count() == 1:
        with suppress(OSError):  # there may be no room for another process
            for mine in files:
                if os.fork() == 0:
                    _be_copy(subject, answers, mine, files)
    for one in (one for pair in files for one in pair):
        os.close(one)


def _be_copy(subject: Opened, answers: TextIO, mine: Files, files: Sequence[Files]) -> NoReturn:
    status = 1
    try:
        # Nothing of the other processes stays open here, or their end would not be seen.
        answers.close()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for one in (one for pair in files for one in pair if pair != mine):
            os.close(one)
        with os.fdopen(mine[0], encoding="utf-8") as asked, os.fdopen(mine[1], "w", encoding="utf-8") as answered:
            answered.write("ready\n")
            answered.flush()
            _answer(subject, asked, answered, ())
        status = 0
    finally:
        os._exit(status)  # what would be done at the end is the first process's to do
    raise AssertionError("it has ended")


if __name__ == "__main__":
    main()

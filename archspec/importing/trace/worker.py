"""The process in which a person's code runs: a question a line in, an answer a line out, both JSON.

Started as `python -m archspec.importing.trace.worker`, and only because a command or a test names the code. What that
code prints goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

from archspec.importing.errors import CannotImport
from archspec.importing.garbage import seldom
from archspec.verify.errors import CannotVerify


def main() -> None:
    """Answer until nothing more is asked."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with seldom():
        _answer(answers)


def _answer(answers: TextIO) -> None:
    subject: Any = None
    for line in sys.stdin:
        question = json.loads(line)
        try:
            if subject is None:
                from archspec.importing.opening import opened

                subject = opened(question)
                answer = subject.describe()
            elif question["do"] == "trace":
                answer = subject.trace(question["values"])
            else:
                answer = subject.measure(question["values"])
        except (CannotImport, CannotVerify) as error:
            answer = {"error": str(error)}
        except Exception as error:  # it is somebody's code: anything may happen
            text = f"{type(error).__name__}: {error}".strip().partition("\n")[0]
            answer = {"error": text[:500]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()

"""A process of its own for somebody's code, with a limit on the time that it may take.

Where there is a second processor, the process makes a copy of itself once the model is known. Questions that are known
to come are asked ahead, and both answer them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import IO, Any

from archspec.importing.errors import CannotImport

_LAST_WORDS = 800
_COPIES = sys.platform == "linux"
"""Whether a process may be copied: elsewhere the copy of one that has loaded torch need not work."""


class Refused(Exception):
    """The code answered with an error, which need not be the end."""


class Worker:
    """A process that answers questions, and ends with its `with` block. seconds: for all answers together.

    copies: how many may answer besides the first; if not said one, where there is a processor for it.
    """

    def __init__(self, seconds: float, *, copies: int | None = None) -> None:
        self._seconds = seconds
        self._end = monotonic() + seconds
        wanted = min(_processors() - 1, 1) if copies is None else copies
        self._copies = wanted if _COPIES else 0
        self._changed = threading.Condition()
        self._waiting: deque[str] = deque()  # keys of questions that nobody works on
        self._texts: dict[str, str] = {}  # all that was asked and is not answered for
        self._answers: dict[str, str] = {}
        self._ended = False  # nobody answers any more
        self._left = False  # nobody asks any more
        self._said: list[str] = []

    def __enter__(self) -> Worker:
        pipes = [(os.pipe(), os.pipe()) for _ in range(self._copies)]
        theirs = [(asked[0], answered[1]) for asked, answered in pipes]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "archspec.importing.trace.worker", *(f"{one}:{other}" for one, other in theirs)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            errors="replace", env=_environment(self._copies > 0), start_new_session=_COPIES,
            pass_fds=[one for pair in theirs for one in pair],
        )  # fmt: skip
        for one in (one for pair in theirs for one in pair):
            os.close(one)
        assert self._process.stdin and self._process.stdout and self._process.stderr, "they were asked for"
        threading.Thread(target=self._first, args=(self._process.stdin, self._process.stdout), daemon=True).start()
        for asked, answered in pipes:
            files = (os.fdopen(asked[1], "w", encoding="utf-8"), os.fdopen(answered[0], encoding="utf-8"))
            threading.Thread(target=self._copy, args=files, daemon=True).start()
        self._errors = threading.Thread(target=self._remember, args=(self._process.stderr,), daemon=True)
        self._errors.start()
        return self

    def __exit__(self, *error: object) -> None:
        with self._changed:
            self._left = True
            self._changed.notify_all()
        with suppress(ProcessLookupError):
            if _COPIES:
                os.killpg(self._process.pid, signal.SIGKILL)  # copies too
            else:
                self._process.kill()
        self._process.wait()

    def expect(self, questions: Iterable[dict[str, Any]]) -> None:
        """Questions that will be asked, most likely in this order: whoever is idle works on them."""
        if not self._copies:
            return  # what is not asked after all would only take time
        with self._changed:
            for question in questions:
                self._put(question, first=False)
            self._changed.notify_all()

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """An answer. Raises `Refused` with what the code said, `CannotImport` where the process ended or hangs."""
        with self._changed:
            key = self._put(question, first=True)
            self._changed.notify_all()
            left = max(0.0, self._end - monotonic())
            if not self._changed.wait_for(lambda: key in self._answers or self._ended, left):
                raise CannotImport(f"it takes longer than {self._seconds:g} s; --seconds allows more")
            line = self._answers.pop(key, None)
            self._texts.pop(key, None)
        if line is None:
            self._errors.join(1)
            words = "".join(self._said)[-_LAST_WORDS:].strip() or "it said nothing"
            raise CannotImport(f"the process that ran the model ended: {words}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    def _put(self, question: dict[str, Any], *, first: bool) -> str:
        """Have a question wait for an answer, unless somebody works on it or has answered it. Returns its key."""
        key = json.dumps(question, sort_keys=True)
        if key not in self._texts:
            self._texts[key] = json.dumps(question)
            self._waiting.append(key)
        if first and key in self._waiting:
            self._waiting.remove(key)
            self._waiting.appendleft(key)
        return key

    def _first(self, asked: IO[str], answered: IO[str]) -> None:
        """Talk to the process. When it ends, all does."""
        self._talk(asked, answered)
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _copy(self, asked: IO[str], answered: IO[str]) -> None:
        """Talk to a copy, if there comes to be one. What it does not answer, the process is asked."""
        with suppress(OSError), asked, answered:
            key = self._talk(asked, answered) if answered.readline() else None
        if key is not None:
            with self._changed:
                self._waiting.appendleft(key)
                self._changed.notify_all()

    def _talk(self, asked: IO[str], answered: IO[str]) -> str | None:
        """Ask what waits, one after another. Returns what was not answered any more."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._left)
                if self._left:
                    return None
                key = self._waiting.popleft()
                text = self._texts[key]
            line = ""
            with suppress(OSError):
                asked.write(text + "\n")
                asked.flush()
                line = answered.readline()
            if not line:
                return key
            with self._changed:
                self._answers[key] = line
                self._changed.notify_all()

    def _remember(self, stream: IO[str]) -> None:
        for line in stream:
            self._said.append(line)
            del self._said[:-50]


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _environment(copied: bool) -> dict[str, str]:
    import archspec

    paths = [str(Path(archspec.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    found = {
        **os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
    }  # fmt: skip
    if copied:  # a copy of a process in which OpenMP has run on several threads hangs when it starts its own
        found["OMP_NUM_THREADS"] = "1"
    return found

"""A process of its own for somebody's code, with a limit on the time that it may take."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue
from time import monotonic
from typing import IO, Any

from archspec.importing.errors import CannotImport

_LAST_WORDS = 800


class Refused(Exception):
    """The code answered with an error, which need not be the end."""


class Worker:
    """A process that answers questions, and ends with its `with` block. seconds: for all answers together."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = monotonic() + seconds
        self._answers: Queue[str | None] = Queue()
        self._said: list[str] = []

    def __enter__(self) -> Worker:
        import archspec

        paths = [str(Path(archspec.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "archspec.importing.trace.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            errors="replace", env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)),
                                   "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"},
        )  # fmt: skip
        assert self._process.stdout is not None and self._process.stderr is not None, "both were asked for"
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()
        self._errors = threading.Thread(target=self._remember, args=(self._process.stderr,), daemon=True)
        self._errors.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """An answer. Raises `Refused` with what the code said, `CannotImport` where the process ended or hangs."""
        assert self._process.stdin is not None, "it was asked for"
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            line = self._answers.get(timeout=max(0.0, self._end - monotonic()))
        except Empty:
            raise CannotImport(f"it takes longer than {self._seconds:g} s; --seconds allows more") from None
        except OSError:
            line = None
        if line is None:
            self._errors.join(1)
            words = "".join(self._said)[-_LAST_WORDS:].strip() or "it said nothing"
            raise CannotImport(f"the process that ran the model ended: {words}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    def _listen(self, stream: IO[str]) -> None:
        for line in stream:
            self._answers.put(line)
        self._answers.put(None)

    def _remember(self, stream: IO[str]) -> None:
        for line in stream:
            self._said.append(line)
            del self._said[:-50]

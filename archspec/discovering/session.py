"""A worker that evaluates a person's code, with a limit on the time that it may take."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty, Queue
from time import monotonic
from typing import IO, Any

from archspec.verify.errors import CannotVerify

_LAST_WORDS = 1000


class Session:
    """A process that answers questions, and ends with its `with` block. seconds: for all answers together."""

    def __init__(self, target: str, quantity: str, keywords: str, inputs: Sequence[str], seconds: float) -> None:
        self._first = {"target": target, "quantity": quantity, "keywords": keywords, "inputs": list(inputs)}
        self._seconds = seconds
        self._end = monotonic() + seconds
        self._answers: Queue[str | None] = Queue()
        self._said: list[str] = []

    def __enter__(self) -> Session:
        import os

        import archspec

        paths = [str(Path(archspec.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "archspec.discovering.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            errors="replace", env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )  # fmt: skip
        assert self._process.stdout is not None and self._process.stderr is not None, "both were asked for"
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()
        self._errors = threading.Thread(target=self._remember, args=(self._process.stderr,), daemon=True)
        self._errors.start()
        self._ask(self._first)
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()

    def value(self, values: Mapping[str, int]) -> int:
        """The quantity at these values. Raises `CannotVerify`: what went wrong, or that the time is over."""
        answer = self._ask(dict(values))
        number = answer["value"]
        assert isinstance(number, int), "the worker sends whole numbers"
        return number

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None, "it was asked for"
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            line = self._answers.get(timeout=max(0.0, self._end - monotonic()))
        except Empty:
            raise CannotVerify(f"it takes longer than {self._seconds:g} s; --seconds allows more") from None
        except OSError:
            line = None
        if line is None:
            self._errors.join(1)
            raise CannotVerify(f"the process that ran the model ended: {''.join(self._said)[-_LAST_WORDS:].strip()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            values = (
                ", ".join(f"{name} = {value}" for name, value in question.items()) if "target" not in question else ""
            )
            raise CannotVerify(answer["error"] + (f" (at {values})" if values else ""))
        return answer

    def _listen(self, stream: IO[str]) -> None:
        for line in stream:
            self._answers.put(line)
        self._answers.put(None)

    def _remember(self, stream: IO[str]) -> None:
        for line in stream:
            self._said.append(line)
            del self._said[:-50]

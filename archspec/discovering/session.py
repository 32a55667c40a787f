"""A worker that evaluates a person's code, with a limit on the time that it may take."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty, Queue
from time import monotonic
from typing import IO, Any

from archspec.discovering.line import Refused
from archspec.verify.errors import CannotVerify

_LAST_WORDS = 1000


class Session:
    """A process that answers questions, and ends with its `with` block. seconds: for all answers together."""

    def __init__(self, target: str, keywords: str, inputs: Sequence[str], seconds: float) -> None:
        self._first = {"target": target, "keywords": keywords, "inputs": list(inputs)}
        self._seconds = seconds
        self._end = monotonic() + seconds
        self._answers: Queue[str | None] = Queue()
        self._said: list[str] = []

    def __enter__(self) -> Session:
        import archspec

        paths = [str(Path(archspec.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "archspec.discovering.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            errors="replace", env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout is not None and self._process.stderr is not None, "both were asked for"
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()
        self._errors = threading.Thread(target=self._remember, args=(self._process.stderr,), daemon=True)
        self._errors.start()
        try:
            self._ask(self._first)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        """End it, with whatever processes the code started."""
        if self._process.poll() is None and hasattr(os, "killpg"):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()

    def left(self) -> float:
        """The seconds that may still pass."""
        return self._end - monotonic()

    def value(self, quantity: str, values: Mapping[str, int]) -> int:
        """The quantity at these values. Raises `Refused` where the code raises something, and `CannotVerify` where
        nothing more can be asked: the time is over, or the process ended.
        """
        at = ", ".join(f"{name} = {value}" for name, value in values.items())
        number = self._ask({"quantity": quantity, "values": dict(values)}, f" (at {at})")["value"]
        assert isinstance(number, int), "the worker sends whole numbers"
        return number

    def _ask(self, question: dict[str, Any], at: str = "") -> dict[str, Any]:
        assert self._process.stdin is not None, "it was asked for"
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            line = self._answers.get(timeout=max(0.0, self.left()))
        except Empty:
            raise CannotVerify(f"it takes longer than {self._seconds:g} s; --seconds allows more{at}") from None
        except OSError:
            line = None
        if line is None:
            raise CannotVerify(f"the process that ran the model ended{self._why()}{at}")
        answer: dict[str, Any] = json.loads(line)
        if "refused" in answer:
            raise Refused(answer["refused"] + at)
        if "error" in answer:
            raise CannotVerify(answer["error"] + at)
        return answer

    def _why(self) -> str:
        """How the process ended, and what it said last."""
        self._errors.join(1)
        status = self._process.wait()
        how = f" by signal {-status}" if status < 0 else f" with status {status}"
        said = "".join(self._said)[-_LAST_WORDS:].strip()
        return f"{how}: {said}" if said else how

    def _listen(self, stream: IO[str]) -> None:
        for line in stream:
            self._answers.put(line)
        self._answers.put(None)

    def _remember(self, stream: IO[str]) -> None:
        for line in stream:
            self._said.append(line[-_LAST_WORDS:])
            del self._said[:-50]

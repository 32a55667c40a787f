"""Times of fresh processes and of calls. Rounds are interleaved, so that a slow spell of the machine hits all alike."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter

Command = Sequence[str]
BYTECODE = "PYTHONDONTWRITEBYTECODE"
"""Where this is set, a checkout is compiled anew at each start, which no installed package is."""


def processes(commands: Mapping[str, Command], rounds: int, *, terminal: bool = False) -> dict[str, float]:
    """The median seconds of each command, run by this Python in a fresh process. `terminal`: its output is one."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for name, command in commands.items():
        _run(command, terminal=terminal)  # fills caches; a first run is measured by its own
        assert name in times
    for _ in range(rounds):
        for name, command in commands.items():
            times[name].append(_run(command, terminal=terminal))
    return {name: median(found) for name, found in times.items()}


def _run(command: Command, *, terminal: bool) -> float:
    line = [sys.executable, *command]
    environment = installed()
    start = perf_counter()
    if not terminal:
        subprocess.run(line, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return perf_counter() - start
    master, slave = pty.openpty()
    reader = threading.Thread(target=_drain, args=(master,), daemon=True)
    reader.start()
    try:
        environment |= {"TERM": "xterm-256color", "COLUMNS": "140"}
        subprocess.run(line, stdin=slave, stdout=slave, stderr=slave, env=environment, check=True)
        return perf_counter() - start
    finally:
        os.close(slave)
        reader.join(timeout=5)
        os.close(master)


def installed() -> dict[str, str]:
    """The environment of a process, as an installed package has it."""
    return {name: value for name, value in os.environ.items() if name != BYTECODE}


def _drain(master: int) -> None:
    """Read what a terminal shows, or its process would wait for a reader."""
    try:
        while os.read(master, 65536):
            pass
    except OSError:  # Linux says so when the other side is closed
        return


def calls(actions: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each call."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            start = perf_counter()
            action()
            times[name].append(perf_counter() - start)
    return {name: median(found) for name, found in times.items()}

"""How long a newcomer waits: whole runs of `archspec size` against the import of sympy and lark."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from time import perf_counter

from tests.benchmarks.timing import installed, processes

BASELINE = "import sympy, lark"
SIZE = ("-m", "archspec", "size", "llama3_405b")
COMMANDS = {
    BASELINE: ("-c", BASELINE),
    "bare interpreter": ("-c", "pass"),
    "size llama3_405b (formulas in B and S)": SIZE,
    "size llama3_405b --set B=1 --set S=8192": (*SIZE, "--set", "B=1", "--set", "S=8192"),
    "size llama3_405b --format json": (*SIZE, "--format", "json"),
    "list": ("-m", "archspec", "list"),
}


def shown(rounds: int) -> None:
    """Print the ratios, with output to a pipe and to a terminal."""
    for terminal in (False, True):
        times = processes(COMMANDS, rounds, terminal=terminal)
        print(f"\noutput to a {'terminal' if terminal else 'pipe'} (seconds, ratio to `{BASELINE}`)")
        for name, seconds in times.items():
            print(f"  {seconds:7.3f} {seconds / times[BASELINE]:6.2f}  {name}")
    print(f"\nfirst run ever, without a cache: {_first_run():.3f} s")


def _first_run() -> float:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**installed(), "ARCHSPEC_CACHE_DIR": folder}
        start = perf_counter()
        subprocess.run([sys.executable, *SIZE], env=environment, stdout=subprocess.DEVNULL, check=True)
        return perf_counter() - start


def zoo(rounds: int) -> None:
    """Print every model of the zoo, the slowest first: formulas in its free axes."""
    from archspec.library import standard

    library = standard()
    names = [*library.names("model"), *library.names("variant")]
    commands = {BASELINE: ("-c", BASELINE), **{name: ("-m", "archspec", "size", name) for name in names}}
    times = processes(commands, rounds)
    slowest = sorted((name for name in names), key=lambda name: -times[name])
    print(f"\nthe zoo, {len(names)} models (seconds, ratio to `{BASELINE}`), the slowest ten")
    for name in slowest[:10]:
        print(f"  {times[name]:7.3f} {times[name] / times[BASELINE]:6.2f}  {name}")

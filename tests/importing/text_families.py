"""Imports families of text in a process of its own, for what watches constructors cannot be undone.

`python -m tests.importing.text_families gpt2 llama` prints a JSON object: for each family its text and what is wrong.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from time import perf_counter

from tests.importing.sweep import import_here, sources


def main(names: list[str]) -> None:
    """Import what is named, and print it."""
    found = {}
    for name, source in sources(names):
        start = perf_counter()
        one = import_here(source)
        found[name] = {
            "text": one.text, "gaps": [gap.text for gap in one.gaps], "unknown": one.unknown, "error": one.error,
            "compared": one.compared, "notes": one.notes, "seconds": perf_counter() - start,
        }  # fmt: skip
    found["kilobytes"] = {"most": _most()}
    print(json.dumps(found))


def _most() -> int:
    """The most memory that this process had, in kilobytes. What `getrusage` says is that of the tests' process, if that
    had more: it is handed on to a child when it starts.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = (one for one in status.read_text(encoding="utf-8").splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1])


if __name__ == "__main__":
    main(sys.argv[1:])

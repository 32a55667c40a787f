"""Imports many models in one process: `python -m tests.importing.sweep vision`, `… vision-all`, `… timm`, `… text`, or
names.

Prints for each whether the text is exact, how many lines it has, how long it took; then what went wrong.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "shim"))
import sitecustomize  # noqa: F401

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

from archspec.importing.errors import CannotImport
from archspec.importing.model import Imported, Source, import_with
from archspec.importing.process import Refused
from tests.importing.families import TEXT, TIMM, config_file

DAY = date(2026, 1, 1)


def ask_here() -> Any:
    """Answers of this very process."""
    subject: list[Any] = []

    def ask(question: dict[str, Any]) -> dict[str, Any]:
        import json

        from archspec.importing.opening import opened

        try:
            if not subject:
                subject.append(opened(question))
                answer = subject[0].describe()
            elif question["do"] == "trace":
                answer = subject[0].trace(question["values"])
            else:
                answer = subject[0].measure(question["values"])
        except CannotImport:
            raise
        except Exception as error:
            if os.environ.get("TRACE"):
                raise
            raise Refused(f"{type(error).__name__}: {error}") from error
        return json.loads(json.dumps(answer))  # as it comes from another process

    return ask


def import_here(source: Source, *, partial: bool = False) -> Imported:
    """The spec of a source, without a process of its own."""
    return import_with(ask_here(), source, partial=partial, today=DAY)


def sources(names: list[str]) -> Iterator[tuple[str, Source]]:
    """What to import, by name."""
    for name in names:
        if name in TEXT:
            path = config_file(name, Path(tempfile.gettempdir()))
            yield name, Source("config", f"hf:{name}.json", path=str(path))
        elif name.startswith("made_"):
            builder = name.removeprefix("made_")
            yield name, Source("torch", f"torch:builders:{builder}", "tests.importing.builders", builder)
        elif name in TIMM:
            yield name, Source("torch", f"torch:timm:{name}", "tests.importing.timm_models", name)
        else:
            from tests.importing.vision import source

            yield name, source(name)


def main(names: list[str]) -> None:
    """Import what is named, and say how it went."""
    if names in (["vision"], ["vision-all"]):
        from tests.importing.vision import classifiers, everything

        names = classifiers() if names == ["vision"] else everything()
    elif names == ["text"]:
        names = list(TEXT)
    elif names == ["timm"]:
        names = list(TIMM)
    good = 0
    lengths: list[int] = []
    for name, source in sources(names):
        start = perf_counter()
        try:
            found = import_here(source, partial="PARTIAL" in os.environ)
        except (CannotImport, Refused) as error:
            print(f"✗ {name}: {str(error)[:300]}", flush=True)
            continue
        except Exception as error:
            if os.environ.get("TRACE"):
                raise
            print(f"✗ {name}: FAULT {type(error).__name__}: {str(error)[:200]}", flush=True)
            continue
        seconds = perf_counter() - start
        lines = len(found.text.splitlines())
        lengths.append(lines)
        good += found.exact
        said = "; ".join([one.text for one in found.gaps[:3]] + found.unknown[:3] + found.error.splitlines()[:4])
        print(f"{'✓' if found.exact else '✗'} {name}: {lines} lines, {seconds:.1f} s {said[:400]}", flush=True)
        if len(names) <= 3:
            print(found.text)
    middle = sorted(lengths)[len(lengths) // 2] if lengths else 0
    print(f"{good} of {len(names)} exact, {middle} lines in the middle")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Imports many models in one process: `python -m tests.importing.sweep vision`, `… vision-all`, `… timm`, `… text`, or
names.

Prints for each whether the text is exact, how many lines it has, how long it took; then what went wrong.
"""

from __future__ import annotations

import json
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
from tests.importing.here import ask_here
from tests.importing.results import RESULTS

DAY = date(2026, 1, 1)


def import_here(source: Source, *, partial: bool = False) -> Imported:
    """The spec of a source, without a process of its own."""
    return import_with(ask_here(), source, partial=partial, today=DAY)


def sources(names: list[str], group: str = "") -> Iterator[tuple[str, Source]]:
    """What to import, by name. Some names are of torchvision and of timm: the group tells them apart."""
    for name in names:
        if name in TEXT:
            path = config_file(name, Path(tempfile.gettempdir()))
            yield name, Source("config", f"hf:{name}.json", path=str(path))
        elif name.startswith("made_"):
            builder = name.removeprefix("made_")
            yield name, Source("torch", f"torch:builders:{builder}", "tests.importing.builders", builder)
        elif name in TIMM and not group.startswith("vision"):
            yield name, Source("torch", f"torch:timm:{name}", "tests.importing.timm_models", name)
        else:
            from tests.importing.vision import source

            yield name, source(name)


def names_of(group: str) -> list[str]:
    """The models of a group: `vision`, `vision-all`, `timm` or `text`."""
    if group == "text":
        return list(TEXT)
    if group == "timm":
        return list(TIMM)
    from tests.importing.vision import classifiers, everything

    return classifiers() if group == "vision" else everything()


def outcome(source: Source) -> dict[str, Any]:
    """What comes of an import: whether it is exact, how many lines it has, what is wrong."""
    try:
        found = import_here(source, partial="PARTIAL" in os.environ)
    except (CannotImport, Refused) as error:
        return {"exact": False, "lines": 0, "said": str(error)[:400]}
    except Exception as error:
        if os.environ.get("TRACE"):
            raise
        return {"exact": False, "lines": 0, "said": f"FAULT {type(error).__name__}: {str(error)[:200]}"}
    said = "; ".join([one.text for one in found.gaps[:3]] + found.unknown[:3] + found.error.splitlines()[:4])
    return {"exact": found.exact, "lines": len(found.text.splitlines()), "said": said[:400], "text": found.text}


def main(names: list[str]) -> None:
    """Import what is named, and say how it went."""
    group = names[0] if names in (["vision"], ["vision-all"], ["timm"], ["text"]) else ""
    names = names_of(group) if group else names
    found: dict[str, dict[str, Any]] = {}
    for name, source in sources(names, group):
        start = perf_counter()
        one = found[name] = outcome(source)
        text = one.pop("text", "")
        mark = "✓" if one["exact"] else "✗"
        print(f"{mark} {name}: {one['lines']} lines, {perf_counter() - start:.1f} s {one['said']}", flush=True)
        if len(names) <= 3:
            print(text)
    lengths = sorted(one["lines"] for one in found.values() if one["lines"])
    good = sum(one["exact"] for one in found.values())
    print(f"{good} of {len(names)} exact, {lengths[len(lengths) // 2] if lengths else 0} lines in the middle")
    if group in ("vision-all", "timm", "text"):
        _record(group, found)


def _record(group: str, found: dict[str, dict[str, Any]]) -> None:
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if group == "vision-all":
        from tests.importing.vision import family

        found = {name: {**one, "family": family(name)} for name, one in found.items()}
    known[group] = found
    RESULTS.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

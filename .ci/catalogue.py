"""A hook of mkdocs: with ARCHSPEC_CATALOGUE, the pages that `archspec docs` wrote there become a part of the site.

First `archspec docs specs -o pages --format markdown`, and `archspec calculator MODELS… -o pages/calculator.html` for a
calculator with a choice of models, then `ARCHSPEC_CATALOGUE=pages mkdocs build --strict`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

WITHIN = "catalogue"
CALCULATOR = "calculator.html"


def _folder() -> Path | None:
    named = os.environ.get("ARCHSPEC_CATALOGUE")
    return Path(named).resolve() if named else None


def on_config(config: Any) -> Any:
    """One line of the navigation for all of these pages, their index, and one for the calculator of several models."""
    folder = _folder()
    if folder is not None:
        place = next(i for i, entry in enumerate(config["nav"]) if "Reference" in entry)
        config["nav"].insert(place, {"Layers and models": f"{WITHIN}/index.md"})
        if (folder / CALCULATOR).is_file():
            config["nav"].insert(place, {"Calculator": f"{WITHIN}/{CALCULATOR}"})
    return config


def on_files(files: Any, config: Any) -> Any:
    """The pages, below a folder of their own."""
    folder = _folder()
    for path in sorted(folder.rglob("*")) if folder is not None else ():
        if path.is_file():
            name = f"{WITHIN}/{path.relative_to(folder).as_posix()}"
            files.append(File.generated(config, name, abs_src_path=str(path)))
    return files

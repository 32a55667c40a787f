"""Loaded by Python itself where this folder is on its path: before torchvision is imported, its operators are there."""

from __future__ import annotations

import sys
from pathlib import Path


class _Before:
    """Looks at what is imported, and finds nothing itself."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "torchvision":
            sys.meta_path.remove(self)  # type: ignore[arg-type]
            folder = str(Path(__file__).resolve().parents[2] / "zoo")
            sys.path.append(folder)
            import torchvision_operators  # noqa: F401


sys.meta_path.insert(0, _Before())  # type: ignore[arg-type]

"""Which files a command is asked for."""

from __future__ import annotations

import os

import click


def arch_files(paths: tuple[str, ...]) -> list[str]:
    """The files themselves, and the `.arch` files in and below the folders, in the order of their names."""
    found: list[str] = []
    for path in paths:
        if not os.path.isdir(path):
            found.append(path)
            continue
        inside = [
            os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names if name.endswith(".arch")
        ]
        if not inside:
            raise click.UsageError(f"there are no .arch files in `{path}`")
        found += sorted(inside)
    return list(dict.fromkeys(found))

"""docs/errors.md, made from the catalogue: `python -m archspec.errors.page > docs/errors.md`. A test compares them."""

from __future__ import annotations

import re

from archspec.errors.catalogue import CATALOGUE, Kind

_HEAD = """# Errors

Every kind of error and warning there is, made from the catalogue by `python -m archspec.errors.page`. The id in
brackets is stable: scripts can rely on it, sentences may change. `…` stands for the words of your file.

An error shows file, line and column, the source line with carets, notes that lead to it, and a fix where there is one.
In Python they are `archspec.SpecError.diagnostics`.
"""


def page() -> str:
    """The page as Markdown, kinds in the order of the catalogue."""
    return _HEAD + "".join(_section(kind) for kind in CATALOGUE.values())


def _section(kind: Kind) -> str:
    """A heading that is the id, the sentence with its fields left open, and the explanation."""
    return f"\n## {kind.id}\n\n> {_sentence(kind.message)}\n\n{kind.explanation}\n"


def _sentence(message: str) -> str:
    return re.sub(r"(?<!\{)\{\w+\}", "…", message).replace("{{", "{").replace("}}", "}")


if __name__ == "__main__":
    print(page(), end="")

"""Where the grammar and the specs are: beside the package in a checkout, inside it once installed."""

from __future__ import annotations

import os
from functools import cache

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


@cache
def folder(name: str) -> str:
    """The folder `grammar` or `specs`.

    A wheel holds them as `archspec/_data/grammar` and `archspec/_data/specs`; a checkout at its top, beside the
    package. Raises `FileNotFoundError` when neither is there, which means that the installation is broken.
    """
    installed = os.path.join(_PACKAGE, "_data", name)
    if os.path.isdir(installed):
        return installed
    checkout = os.path.join(os.path.dirname(_PACKAGE), name)
    if os.path.isdir(checkout):
        return checkout
    raise FileNotFoundError(f"archspec's folder `{name}` is missing: install the package again ({installed})")


@cache
def grammar_text() -> str:
    """The text of `grammar/arch.lark`."""
    with open(os.path.join(folder("grammar"), "arch.lark"), encoding="utf-8") as file:
        return file.read()


def spec_texts() -> dict[str, str]:
    """The library's files by their path in `specs`, with `/`: `layers/linear.arch`. In the order of their names."""
    top = folder("specs")
    texts: dict[str, str] = {}
    for part in ("layers", "models"):
        inside = os.path.join(top, part)
        if not os.path.isdir(inside):
            continue
        for name in sorted(os.listdir(inside)):
            if not name.endswith(".arch"):
                continue
            with open(os.path.join(inside, name), encoding="utf-8") as file:
                texts[f"{part}/{name}"] = file.read()
    return texts

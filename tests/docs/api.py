"""docs/api.md: what `import archspec` offers, from docstrings. `python -m tests.docs.refresh` writes it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import archspec
from archspec import testing

HEAD = """# Python

What `import archspec` offers, from its docstrings. Written by `python -m tests.docs.refresh`. Choices such as
`precision=` and `train=` are those of [the policy](quantities.md#policy) and of [plans](training.md); any other keyword
is the value of a symbol (`B=8`).
"""


def api_page() -> str:
    """The page."""
    parts = [HEAD]
    for name in archspec.__all__:
        thing = getattr(archspec, name)
        if inspect.isclass(thing):
            parts += [_entry(f"archspec.{name}", thing, 2)]
            parts += [_entry(f"{name}.{member}", value, 3) for member, value in _members(thing)]
        elif callable(thing):
            parts += [_entry(f"archspec.{name}", thing, 2)]
    parts += [_entry("archspec.testing.assert_matches", testing.assert_matches, 2)]
    return "\n".join(parts).rstrip() + "\n"


def _members(thing: type) -> Iterator[tuple[str, Any]]:
    """What a class offers itself: public, and with a docstring of its own."""
    for name, value in vars(thing).items():
        if not name.startswith("_") and (inspect.isfunction(value) or _is_property(value)) and value.__doc__:
            yield name, value


def _is_property(value: Any) -> bool:
    return isinstance(value, property) or type(value).__name__ == "cached_property"


def _entry(title: str, thing: Any, level: int) -> str:
    signature = "" if _is_property(thing) else _signature(thing)
    text = inspect.cleandoc(thing.__doc__ or "")
    shown = f"```text\n{title}{signature}\n```\n\n" if signature else ""
    return f"{'#' * level} {title}\n\n{shown}{text}\n"


def _signature(thing: Any) -> str:
    """Arguments and their types as written, one a line where they would not fit."""
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return "(diagnostics)"
    signature = inspect.signature(thing)
    kept = [one for one in signature.parameters.values() if one.name != "self"]
    line = str(signature.replace(parameters=kept)).replace("'", "")
    if len(line) < 90:
        return line
    arrow = line.rpartition(" -> ")[2]
    star = [i for i, one in enumerate(kept) if one.kind is inspect.Parameter.KEYWORD_ONLY][:1]
    listed = [str(one).replace("'", "") for one in kept]
    for place in star:
        if not any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in kept):
            listed.insert(place, "*")
    return "(\n" + "".join(f"    {one},\n" for one in listed) + f") -> {arrow}"

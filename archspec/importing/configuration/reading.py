"""A configuration file as a table of JSON, checked before it is used: it may come from anywhere."""

from __future__ import annotations

import json
import math
import os
from typing import Any

from archspec.importing.errors import CannotImport

LARGEST = 16 * 2**20
"""Bytes of a file. The longest that are published list the names of tens of thousands of classes."""
DEEPEST = 50
"""Tables and lists inside each other."""


def read_configuration(path: str) -> dict[str, Any]:
    """The table in a file. Raises `CannotImport` with the file's name, also where it cannot be read."""
    try:
        if not os.path.isfile(path):
            raise CannotImport(f"{path}: there is no such file" if not os.path.exists(path) else f"{path}: not a file")
        if os.path.getsize(path) > LARGEST:
            raise CannotImport(f"{path}: larger than {LARGEST:_} bytes: no configuration")
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise CannotImport(f"{path}: {(error.strerror or str(error)).lower()}") from None
    return parse_table(data, path)


def parse_table(data: bytes, path: str) -> dict[str, Any]:
    """The table that a text is. Raises `CannotImport`."""

    def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise CannotImport(f"{path}: {shown(name)} stands twice in it")
            found[name] = value
        return found

    def refuse(word: str) -> Any:
        raise CannotImport(f"{path}: {word} is no number that JSON knows")

    try:
        value = json.loads(data, object_pairs_hook=distinct, parse_constant=refuse)
    except UnicodeDecodeError:
        raise CannotImport(f"{path}: not UTF-8") from None
    except json.JSONDecodeError as error:
        raise CannotImport(f"{path}:{error.lineno}:{error.colno}: no JSON: {error.msg.lower()}") from None
    except RecursionError:
        raise CannotImport(f"{path}: nested more than {DEEPEST} deep") from None
    except ValueError:  # a number of thousands of digits
        raise CannotImport(f"{path}: a number is too long") from None
    if not isinstance(value, dict):
        raise CannotImport(f'{path}: not a table: a configuration is `{{"model_type": …, …}}`')
    if _deeper(value, DEEPEST):
        raise CannotImport(f"{path}: nested more than {DEEPEST} deep")
    return value


def _deeper(value: Any, left: int) -> bool:
    """Whether tables and lists are nested deeper than so many."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(left == 0 or _deeper(one, left - 1) for one in inside if isinstance(one, dict | list))


def shown(value: Any) -> str:
    """A value of a file in a message: in ASCII, on one line, and not longer than a line."""
    if isinstance(value, float) and not math.isfinite(value):
        return "a number without end"
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 60 else f"{text[:57]}..."

"""A syntax tree as indented text without places, for golden files."""

from __future__ import annotations

from archspec.syntax.record import Record
from archspec.syntax.source import Source


def dump(value: object, indent: int = 0) -> str:
    """One line for each record, with its plain fields; records in it below, indented."""
    space = "  " * indent
    if not isinstance(value, Record):
        return f"{space}{value!r}\n"
    plain: list[str] = []
    below = ""
    for name, field in vars(value).items():
        if name in ("start", "end", "name_start", "name_end") or isinstance(field, Source):
            continue
        if isinstance(field, Record):
            below += f"{space}  .{name}\n{dump(field, indent + 2)}"
        elif isinstance(field, tuple) and any(isinstance(item, Record) for item in field):
            below += f"{space}  .{name}\n" + "".join(dump(item, indent + 2) for item in field)
        else:
            plain.append(f"{name}={field!r}")
    return f"{space}{type(value).__name__} {' '.join(plain)}".rstrip() + "\n" + below

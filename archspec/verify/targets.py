"""What a person names after `--against`, and the keywords and inputs that go with it.

Code is imported only here, and only because a command or a test names it.
"""

from __future__ import annotations

import ast
import importlib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archspec.verify.errors import CannotVerify

if TYPE_CHECKING:
    from archspec.verify.traced.modules import Wanted

KINDS = ("torch", "keras", "safetensors")
_INPUT = re.compile(r"(?:(\w+)\s*=\s*)?(\w+)\[([\w\s,]*)\](?::(-?\d+))?", re.ASCII)
_DTYPES = frozenset(
    {"float", "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"}
)


@dataclass(frozen=True)
class Target:
    """What to compare with: `module` and `attribute` of a callable, or the `path` of a file."""

    kind: str
    text: str
    module: str = ""
    attribute: str = ""
    path: str = ""


def parse_target(text: str) -> Target:
    """`torch:package.module:callable`, `keras:package.module:callable` or `safetensors:FILE`. Raises `CannotVerify`."""
    kind, _, rest = text.partition(":")
    if kind == "safetensors" and rest:
        return Target(kind, text, path=rest)
    module, _, attribute = rest.partition(":")
    names = (*module.split("."), *attribute.split("."))
    if kind not in KINDS or not all(name.isidentifier() for name in names):
        raise CannotVerify(
            f"`{text}` is not torch:package.module:callable, keras:package.module:callable or safetensors:FILE"
        )
    return Target(kind, text, module, attribute)


def find_callable(target: Target) -> Callable[..., Any]:
    """Import what a target names. Raises `CannotVerify`."""
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found: Any = importlib.import_module(target.module)
    except Exception as error:  # it is the user's code: anything may happen
        raise CannotVerify(f"{target.module} cannot be imported: {type(error).__name__}: {error}") from error
    for name in target.attribute.split("."):
        if not hasattr(found, name):
            raise CannotVerify(f"{target.module} has no `{target.attribute}`")
        found = getattr(found, name)
    if not callable(found):
        raise CannotVerify(f"`{target.attribute}` of {target.module} is not a function or class that makes a model")
    made: Callable[..., Any] = found
    return made


def parse_keywords(text: str) -> dict[str, Any]:
    """`layers=2, tied=false, widths=[3, 4], kind=sdpa`: literals of Python, and bare words. Raises `CannotVerify`."""
    try:
        call = ast.parse(f"f({text})", mode="eval").body
        if not isinstance(call, ast.Call) or call.args:
            raise ValueError("values without a name")
        return {str(one.arg): _literal(one.value) for one in call.keywords if one.arg or _no_stars()}
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CannotVerify(f"--kwargs `{text[:200]}` is not `name=value, …`: {error}") from None


def _no_stars() -> bool:
    raise ValueError("`**` is not a value")


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Name):
        return {"true": True, "false": False, "none": None}.get(node.id, node.id)
    if isinstance(node, ast.List | ast.Tuple):
        entries = [_literal(one) for one in node.elts]
        return entries if isinstance(node, ast.List) else tuple(entries)
    return ast.literal_eval(node)


def parse_inputs(texts: Sequence[str], values: Mapping[str, int]) -> list[Wanted]:
    """`tokens=int64[2,16]`, `int64[B,S]` (numbers of the spec), `mask=float32[2,1,16,16]:0` (filled with 0)."""
    from archspec.verify.traced.modules import Wanted

    found: list[Wanted] = []
    for text in texts:
        rest = text.strip()
        while rest:
            match = _INPUT.match(rest)
            if match is None or match[2] not in _DTYPES:
                raise CannotVerify(f"--inputs `{rest[:80]}` is not NAME=DTYPE[SIZES], such as tokens=int64[2,16]")
            sizes = tuple(_size(size.strip(), values) for size in match[3].split(",") if size.strip())
            value = int(match[4]) if match[4] is not None else None
            found.append(Wanted(match[1] or f"input_{len(found)}", match[2], sizes, value))
            rest = rest[match.end() :].lstrip(" ;")
    return found


def input_parts(text: str) -> tuple[str, str, list[str]]:
    """Name, precision and sizes of one input, as they are written. Raises `CannotVerify`."""
    match = _INPUT.fullmatch(text.strip())
    if match is None or match[2] not in _DTYPES:
        raise CannotVerify(f"--inputs `{text[:80]}` is not NAME=DTYPE[SIZES], such as tokens=int64[2,16]")
    return match[1] or "", match[2], [size.strip() for size in match[3].split(",") if size.strip()]


def _size(text: str, values: Mapping[str, int]) -> int:
    if text.isdecimal() and len(text) < 19:
        return int(text)
    if text not in values:
        raise CannotVerify(f"--inputs: `{text}` is neither a number nor a symbol of the spec")
    return values[text]

"""The tables of docs/formats.md, made from the data: `python -m tests.docs.refresh` renews them, a test compares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from archspec.algebra import evaluate
from archspec.formats.blocks import BLOCKS
from archspec.formats.catalogue import FORMATS, Format
from archspec.formats.packed import Matrix, Option
from archspec.formats.recipes import RECIPES, Recipe

_SIDE = 4096
_MARK = re.compile(r"(<!-- table of (?P<name>\w+) -->\n)(?:\|.*\n)*")


def renewed(text: str) -> str:
    """The text of a page with the tables renewed that stand behind marks such as `<!-- table of blocks -->`."""
    return _MARK.sub(lambda mark: mark[1] + table(mark["name"]), text)


def table(name: str) -> str:
    """A table as Markdown: `formats`, `blocks` or `recipes`."""
    lines = {"formats": _formats, "blocks": _blocks, "recipes": _recipes}[name]()
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def bits(chosen: Format) -> Fraction:
    """Bits a weight of a bfloat16 matrix of 4096 × 4096, in memory."""
    assert chosen.store is not None
    shape = (_SIDE, _SIDE)
    made = chosen.store(Matrix("weight", "BF16", *shape, shape, lambda size, divisor: None), chosen.options)
    return Fraction(8 * evaluate(sum((one.bytes for one in made if one.in_memory), 0), {}), _SIDE * _SIDE)


def _formats() -> Iterator[tuple[str, ...]]:
    yield "format", "what it is", "options", "bits a weight"
    yield "---", "---", "---", "---:"
    for one in FORMATS.values():
        if one.recipe is None:
            options = ", ".join(f"`{name}={_value(value)}`" for name, value in one.options.items())
            yield f"`{one.name}`", one.meaning, options, f"{float(bits(one)):.4f}"


def _blocks() -> Iterator[tuple[str, ...]]:
    yield "type", "weights", "bytes", "bits a weight"
    yield "---", "---:", "---:", "---:"
    for one in BLOCKS.values():
        yield one.name, str(one.weights), str(one.size), f"{8 * one.size / one.weights:g}"


def _recipes() -> Iterator[tuple[str, ...]]:
    yield "format", "most tensors", "others, layer i of n"
    yield "---", "---", "---"
    for one in RECIPES.values():
        yield f"`{one.name.lower()}`", one.default, _rules(one)


def _rules(recipe: Recipe) -> str:
    said = []
    for rule in recipe.rules:
        where = "" if rule.place.text == "every layer" else f" where `{rule.place.text}`"
        shared = " if 4 query heads share a key head" if rule.grouped else ""
        said.append(f"`{rule.role}` {rule.type}{where}{shared}")
    if recipe.experts is not None:
        said.append(f"experts {recipe.experts}")
    return "; ".join(said)


def _value(value: Option) -> str:
    return str(value) if isinstance(value, int) else f"{float(value):g}"

"""What a block of the library says, without its places and its texts: a digest, its spellings, its exceptions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import layer_bindings as bindings

from archspec.syntax import tree

PLACES = {"start", "end", "name_start", "name_end", "doc"}
OPERATORS = {
    "+": "Add", "-": "Sub", "*": "Mul", "/": "Div", "**": "Pow",
}  # fmt: skip


def plain(node: object) -> object:
    """A part of a tree as nested lists, without where it stands and its documentation."""
    if isinstance(node, tree.Node):
        return [type(node).__name__, *(plain(value) for name, value in vars(node).items() if name not in PLACES)]
    if isinstance(node, tuple):
        return [plain(entry) for entry in node]
    return str(node)


def nodes(node: object) -> Iterator[tree.Node]:
    """A node and all nodes in it."""
    if isinstance(node, tree.Node):
        yield node
        for value in vars(node).values():
            yield from nodes(value)
    elif isinstance(node, tuple):
        for entry in node:
            yield from nodes(entry)


def parts(layer: tree.Layer) -> set[str]:
    """The library's layers that a layer names in its wiring; operators stand for layers too."""
    known = bindings.library()
    found: set[str] = set()
    for statement in layer.body:
        if isinstance(statement, tree.Binding):
            continue
        for node in nodes(statement):
            if isinstance(node, tree.Name):
                found.add(node.name)
            elif isinstance(node, tree.Binary) and node.op in OPERATORS:
                found.add(OPERATORS[node.op])
    return {name for name in found if name in known and name != layer.name}


@cache
def digests() -> dict[str, str]:
    """A digest of each layer and, where it is wired from others, of these."""
    return {name: _digest(name) for name in bindings.library()}


@cache
def within(name: str) -> frozenset[str]:
    """A layer and all layers that it is wired from."""
    found, pending = {name}, [name]
    while pending:
        layer = bindings.library()[pending.pop()]
        new = parts(layer) - found if any(isinstance(node, tree.Assign) for node in nodes(layer)) else set()
        found |= new
        pending += new
    return frozenset(found)


def _digest(name: str) -> str:
    text = repr([plain(bindings.library()[one]) for one in sorted(within(name))])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def heads(layer: tree.Layer, framework: str) -> list[str]:
    """The functions and classes that the spellings of a layer call, outermost first."""
    found: dict[str, None] = {}
    for binding in bindings.spellings(layer, framework):
        node: Any = binding.call
        while not isinstance(node, tree.Call) and hasattr(node, "value"):
            node = node.value
        if isinstance(node, tree.Group):
            node = node.items[0]
        while isinstance(node, tree.Call) and isinstance(node.function, tree.Call):
            node = node.function
        if isinstance(node, tree.Call):
            found[_dotted(node.function)] = None
        elif isinstance(binding.call, tree.Index):
            text = bindings.source_of(layer.name)
            found[text[binding.call.start : binding.call.end]] = None
    return list(found)


def _dotted(node: Any) -> str:
    return f"{_dotted(node.value)}.{node.name}" if isinstance(node, tree.Attribute) else str(node.name)


def reasons(layer: tree.Layer, framework: str) -> list[str]:
    """Why a layer has no spelling, at all or for some arguments."""
    return list(dict.fromkeys(one.reason for one in bindings.bindings(layer, framework) if one.reason is not None))


def exceptions(layer: tree.Layer) -> list[dict[str, str]]:
    """What a layer declares `unverified`."""
    text = bindings.source_of(layer.name)
    return [
        {
            "quantity": str(one.quantity),
            "when": " ".join(text[one.when.start : one.when.end].split()) if one.when is not None else "",
            "reason": one.reason,
        }
        for one in layer.body
        if isinstance(one, tree.Unverified)
    ]

"""The table of rules: from names of functions to what writes the call, and how a call's arguments are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archspec.importing.lift.lifter import Lifter, tensor, tensors_in

Node = dict[str, Any]
Rule = Callable[[Lifter, Node], None]
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register a rule for functions of these names. A name has one rule."""

    def register(function: Rule) -> Rule:
        for name in names:
            if name in RULES:
                raise ValueError(f"{name} has a rule already")
            RULES[name] = function
        return function

    return register


def given(node: Node, place: int, name: str, default: Any = None) -> Any:
    """An argument by its place or its name."""
    return node["a"][place] if place < len(node["a"]) else node["k"].get(name, default)


def source(node: Node) -> int:
    """The tensor that a function is about: its first argument."""
    found = tensor(node["a"][0]) if node["a"] else tensor(node["k"].get("input"))
    if found is None:
        raise Refused("what it is about is no tensor")
    return found


def result(node: Node) -> int:
    """The tensor that comes out."""
    found = tensor(node["o"])
    if found is None:
        raise Refused("what comes out is not one tensor")
    return found


class Refused(Exception):
    """A call has no spelling; the message says why."""


def flat(node: Node, place: int) -> list[Any]:
    """Whole numbers given one by one or as a list."""
    rest = node["a"][place:]
    return list(rest[0]) if len(rest) == 1 and isinstance(rest[0], list) else list(rest)


def outputs_of(node: Node) -> Sequence[int]:
    """The values that a function gives, or writes into."""
    found = list(tensors_in(node["o"]))
    return found or list(node.get("w", ()))


def reshape_same(lifter: Lifter, value: int, out: int) -> None:
    """A function that gave its argument back, or a copy of it."""
    if lifter.shares(value, out):
        lifter.same(out, value)
    else:
        lifter.emit("Contiguous", (value,), (out,))


def even(value: Any) -> Any:
    """A list whose entries are the same as one number."""
    if isinstance(value, list) and value and all(one == value[0] for one in value):
        return value[0]
    return value


class Word(str):
    """A precision: a word of the notation, not a text."""

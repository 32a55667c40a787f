"""Functions and classes that make models, and the whole numbers among their arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

Build = Callable[[Mapping[str, Any]], Any]
_DEEPEST = 3
"""Lists in lists."""


def called(kind: str, module: str, attribute: str, given: dict[str, Any]) -> tuple[Build, dict[str, Any], str]:
    """What makes a model at values of its numbers, these numbers, and its name. kind: the framework."""
    from archspec.verify.targets import Target, find_callable

    function = find_callable(Target(kind, f"{module}:{attribute}", module, attribute))

    def build(values: Mapping[str, Any]) -> Any:
        return function(**{**given, **nested(values, numbers)})

    numbers = {name: one for name, one in given.items() if is_size(one)}
    numbers |= {name: one for name, one in sizes(function).items() if name not in given}
    return build, numbers, attribute


def sizes(function: Callable[..., Any]) -> dict[str, Any]:
    """Whole numbers, and lists of them, among the defaults of a function's parameters."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}
    return {name: one.default for name, one in parameters.items() if is_size(one.default)}


def is_size(value: Any, depth: int = 0) -> bool:
    """Whether a value is a positive whole number, or a short list of such or of such lists."""
    if isinstance(value, list | tuple):
        return 0 < len(value) <= 32 and depth < _DEEPEST and all(is_size(one, depth + 1) for one in value)
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def nested(values: Mapping[str, Any], numbers: Mapping[str, Any]) -> dict[str, Any]:
    """`depths[0]`, `stages[0][1]` and their like put back into lists; what the function does not know is left out."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        whole, *places = places_in(name)
        if whole not in numbers:
            continue
        if not places:
            found[name] = value
            continue
        inner = found.setdefault(whole, _lists(numbers[whole]))
        for place in places[:-1]:
            inner = inner[int(place)]
        inner[int(places[-1])] = value
    return {name: _as_it_was(one, numbers[name]) for name, one in found.items()}


def places_in(name: str) -> list[str]:
    """`stages`, `0` and `1` of `stages[0][1]`."""
    return name.replace("]", "").split("[")


def in_lists(values: Mapping[str, Any]) -> dict[str, Any]:
    """`depths[0]`, `stages[0][1]` and their like as lists. The entries come in their order."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        whole, *places = places_in(name)
        if not places:
            found[name] = value
            continue
        inner = found.setdefault(whole, [])
        for place in places[:-1]:
            if int(place) == len(inner):
                inner.append([])
            inner = inner[int(place)]
        inner.append(value)
    return found


def _lists(value: Any) -> Any:
    return [_lists(one) for one in value] if isinstance(value, list | tuple) else value


def _as_it_was(value: Any, model: Any) -> Any:
    """A list with tuples where the model of it has tuples."""
    if not isinstance(value, list) or not isinstance(model, list | tuple):
        return value
    inner = [_as_it_was(one, other) for one, other in zip(value, model, strict=True)]
    return tuple(inner) if isinstance(model, tuple) else inner


def flat(numbers: Mapping[str, Any]) -> dict[str, int]:
    """Lists as one number for each entry."""
    found: dict[str, int] = {}
    for name, value in numbers.items():
        if isinstance(value, list | tuple):
            found |= flat({f"{name}[{place}]": one for place, one in enumerate(value)})
        else:
            found[name] = int(value)
    return found

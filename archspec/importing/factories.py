"""Functions and classes that make models, and the whole numbers among their arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

Build = Callable[[Mapping[str, Any]], Any]


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


def is_size(value: Any) -> bool:
    """Whether a value is a positive whole number, or a short list of such."""
    if isinstance(value, list | tuple):
        return 0 < len(value) <= 32 and all(is_size(one) and not isinstance(one, list | tuple) for one in value)
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def nested(values: Mapping[str, Any], numbers: Mapping[str, Any]) -> dict[str, Any]:
    """`depths[0]` and its like put back into lists; values that the function does not know left out."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        whole, _, place = name.partition("[")
        if whole not in numbers:
            continue
        if not place:
            found[name] = value
            continue
        if whole not in found:
            found[whole] = list(numbers[whole])
        found[whole][int(place[:-1])] = value
    kinds = {name: type(one) for name, one in numbers.items()}
    return {name: tuple(one) if kinds.get(name) is tuple else one for name, one in found.items()}


def flat(numbers: Mapping[str, Any]) -> dict[str, int]:
    """Lists as one number for each entry."""
    found: dict[str, int] = {}
    for name, value in numbers.items():
        if isinstance(value, list | tuple):
            found |= {f"{name}[{place}]": int(one) for place, one in enumerate(value)}
        else:
            found[name] = int(value)
    return found

"""With what a module was made: the arguments of its constructor, and the numbers that it remembers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from functools import cache
from typing import Any

from torch import nn

_MADE_WITH = "_archspec_made_with"
_OWN = ("training", "call_super_init", "dump_patches")
_SKIPPED = ("self", "device", "dtype", "args", "kwargs")


def watch_constructors() -> None:
    """From now on every module remembers the whole numbers that it was made with. Cannot be undone: for a process of
    its own.
    """

    def new(cls: type[nn.Module], *args: Any, **kwargs: Any) -> nn.Module:
        module: nn.Module = object.__new__(cls)
        try:
            bound = _signature(cls.__init__).bind(module, *args, **kwargs)
        except (TypeError, ValueError):
            return module
        bound.apply_defaults()
        numbers = {name: one for name, one in bound.arguments.items() if _is_numbers(one) and name != "self"}
        module.__dict__[_MADE_WITH] = numbers
        return module

    nn.Module.__new__ = new  # type: ignore[assignment, method-assign]


@cache
def _signature(function: Callable[..., None]) -> inspect.Signature:
    return inspect.signature(function)


def constructed_with(module: nn.Module) -> dict[str, Any]:
    """The whole numbers among the arguments that a module was made with, if that was watched."""
    return dict(module.__dict__.get(_MADE_WITH, {}))


def known_numbers(module: nn.Module) -> dict[str, Any]:
    """The whole numbers that a module was made with, in their order, then those that it remembers besides."""
    made = constructed_with(module)
    return made | {name: one for name, one in numbers_of(module).items() if name not in made}


def numbers_of(module: nn.Module) -> dict[str, Any]:
    """The whole numbers that a module remembers under names of its own."""
    return {
        name: list(one) if isinstance(one, list | tuple) else one
        for name, one in vars(module).items()
        if not name.startswith("_") and name not in _OWN and _is_numbers(one)
    }


def leaf_class(module: nn.Module, leaves: Collection[str]) -> str | None:
    """The class of `torch.nn` that a module is taken for: its own, or one whose `forward` it runs unchanged."""
    for kind in type(module).__mro__:
        if kind.__module__.startswith("torch.nn.modules") and kind.__name__ in leaves:
            same = (
                type(module).forward is getattr(kind, "forward", None)
                and not module._forward_hooks
                and not module._forward_pre_hooks
            )
            return kind.__name__ if same else None
    return None


def settings_of(module: nn.Module, leaf: str) -> dict[str, Any]:
    """The arguments that make a module of `torch.nn`, in their order, read off it: most are attributes of the same
    name. Those that are not, are None.
    """
    kind = getattr(nn, leaf)
    found: dict[str, Any] = {}
    for name in _arguments(kind):
        value = getattr(module, name, None)
        if name == "bias" and not isinstance(value, bool):
            value = value is not None
        if name in ("bias", "affine") and leaf == "MultiheadAttention":
            value = module.in_proj_bias is not None
        found[name] = list(value) if isinstance(value, tuple) else value
    return {name: value if _is_plain(value) else None for name, value in found.items()}


@cache
def _arguments(kind: type[nn.Module]) -> tuple[str, ...]:
    names: list[str] = []
    for one in kind.__mro__:
        if one is nn.Module:
            break
        if "__init__" in one.__dict__:
            names += [name for name in inspect.signature(one.__dict__["__init__"]).parameters if name not in _SKIPPED]
    return tuple(dict.fromkeys(names))


def _is_numbers(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return 0 < len(value) <= 64 and all(isinstance(one, int) and not isinstance(one, bool) for one in value)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_plain(one) for one in value)
    return value is None or isinstance(value, bool | int | float | str)

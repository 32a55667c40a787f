"""The keywords of the Python interface: what is policy, and what is a value for a symbol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.elaborate.entry import GivenValue
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.policy import CHOICES, LINES, Lora, Mesh, Policy, parse_choice


def _parse_other(name: str, value: Any) -> bool | tuple[str, ...]:
    """`inputs_grad`, a flag, or `frozen`, one pattern of paths or several. Raises `SpecError` for anything else."""
    if name == "inputs_grad" and isinstance(value, bool):
        return value
    patterns = (value,) if isinstance(value, str) else value
    if name != "inputs_grad" and isinstance(patterns, list | tuple) and all(isinstance(one, str) for one in patterns):
        return tuple(patterns)
    diagnostics = Diagnostics()
    choices = "true, false" if name == "inputs_grad" else "a path of parameters, or a list of them"
    diagnostics.error("unknown-value", None, name=name, value=value, choices=choices)
    raise SpecError(list(diagnostics))


_OBJECTS: dict[str, tuple[str, type]] = {"lora": ("lora", Lora), "shard": ("mesh", Mesh), "mesh": ("mesh", Mesh)}


def _is_line(name: str, value: Any) -> bool:
    """Whether a keyword is a line of a plan. A model may have a parameter `step` or `loss`, which is no text."""
    if name == "accumulate":
        return isinstance(value, int | str) and not isinstance(value, bool)
    return name == "train" or (name in LINES and isinstance(value, str))


def split_choices(choices: Mapping[str, Any], base: Policy | None = None) -> tuple[Policy, dict[str, GivenValue]]:
    """Keywords as a policy and values for symbols. What is not said is as in `base`.

    `train="adamw"`, `checkpoint="Block"`, `lora="rank = 16 on q_proj"`, `shard="tensor = 8 sequence"` and the other
    lines of a plan are written as there; patterns may be lists.
    """
    lines = base or Policy()
    policy: dict[str, Any] = {}
    given: dict[str, GivenValue] = {}
    for name, value in choices.items():
        if name in CHOICES:
            official = parse_choice(name, value) if isinstance(value, str) else None
            if official is None:
                diagnostics = Diagnostics()
                known = ", ".join(filter(None, CHOICES[name]))
                diagnostics.error("unknown-value", None, name=name, value=value, choices=known)
                raise SpecError(list(diagnostics))
            policy[name] = official
        elif name in ("inputs_grad", "frozen", "freeze", "checkpoint"):
            policy["frozen" if name == "freeze" else name] = _parse_other(name, value)
        elif name in _OBJECTS and isinstance(value, _OBJECTS[name][1]):
            policy[_OBJECTS[name][0]] = value
        elif _is_line(name, value):
            from archspec.plan import apply_line

            lines = apply_line("optimizer" if name == "train" else name, str(value), lines)
        else:
            given[name] = value
    return lines.with_(**policy), given

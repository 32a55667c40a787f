"""What is known of configuration files: the entries of `specs/configs.json`, which says what each word means."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from archspec.resources import folder

Rule = Mapping[str, Any]


@dataclass(frozen=True)
class Known:
    """How files of one `model_type` fill a model of the zoo.

    classes: the classes of transformers that the model is. parameters: where the value of each comes from. must, notes:
    what has to hold for any number to be right, and for all of them. ignored: keys that change no size. without, extra:
    in files of weights, patterns of parameters that are left out, and of tensors that the model does not have.
    """

    type: str
    model: str
    classes: tuple[str, ...]
    defaults: Mapping[str, Any]
    parameters: Mapping[str, Rule]
    must: tuple[Rule, ...]
    notes: tuple[Rule, ...]
    ignored: frozenset[str]
    without: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    def keys(self) -> frozenset[str]:
        """All keys of a file that are used, checked or known to be without effect."""
        used: set[str] = set(self.ignored)
        for rule in (*self.parameters.values(), *self.must, *self.notes):
            used.update(part.partition(".")[0] for part in keys_of(rule))
        return frozenset(used)


def keys_of(rule: Rule) -> tuple[str, ...]:
    """The keys that a rule reads, in the order in which they are tried."""
    key = rule.get("key") or rule.get("entries") or ()
    return (key,) if isinstance(key, str) else tuple(key)


@cache
def known_types() -> dict[str, Known]:
    """The entries of `specs/configs.json` by `model_type`."""
    return {one.type: one for one in entries("configs.json")}


@cache
def entries(name: str) -> tuple[Known, ...]:
    """All entries of a file of `specs`."""
    with open(os.path.join(folder("specs"), name), encoding="utf-8") as file:
        data = json.load(file)
    return tuple(
        Known(
            one["type"],
            one["model"],
            tuple(one.get("classes", ())),
            one["defaults"],
            {name: _rule(rule) for name, rule in one["parameters"].items()},
            (*one["must"], *data["must"]),
            (*one.get("notes", ()), *data["notes"]),
            frozenset((*one.get("ignored", ()), *data["ignored"])),
            tuple(one.get("without", ())),
            tuple(one.get("extra", ())),
        )
        for one in data["models"]
    )


def _rule(rule: Any) -> Rule:
    """A key alone stands for the plainest rule."""
    return {"key": rule} if isinstance(rule, str) else rule

"""From the table of a file to values of a model's parameters, and to what of the file the model cannot say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from archspec.importing.configuration.expressions import worked_out
from archspec.importing.configuration.known import Known, Rule, keys_of
from archspec.importing.configuration.reading import shown
from archspec.importing.errors import CannotImport

LARGEST = 10**9
"""The largest size, number of layers or heads that is believed."""
AS_IT_IS = "as it is"
_MISSING = object()

Parameter = int | bool | Fraction


class Filling:
    """One file, read by what is known of its type. Errors are raised as `CannotImport`, with the file's name."""

    def __init__(self, path: str, table: Mapping[str, Any], known: Known) -> None:
        self._path = path
        self._table = table
        self._known = known

    def values(self) -> dict[str, Parameter]:
        """The value of each parameter that the file has one for."""
        found: dict[str, Parameter] = {}
        for name, rule in self._known.parameters.items():
            value = self._value(rule)
            if value is not None:
                found[name] = value
        return found

    def check(self) -> None:
        """Raise where no number of the model would be right."""
        for rule in self._known.must:
            found = self._violated(rule)
            if found:
                raise self._wrong(f"{found}: {rule['why']} (`{self._known.model}`)")

    def notes(self) -> list[str]:
        """What of the file changes a number that the model does not have so, in sentences."""
        known = self._known
        notes = [f"{found}: {rule['why']}" for rule in known.notes if (found := self._violated(rule))]
        classes = self._table.get("architectures")
        if classes and not (isinstance(classes, list) and classes[0] in known.classes):
            notes.insert(0, f"`architectures` is {shown(classes)}: the spec is {known.classes[0]}, without other heads")
        keys = known.keys()
        unknown = sorted(key for key in self._table if key not in keys)
        if unknown:
            names = ", ".join(shown(key) for key in unknown[:8]) + (", …" if len(unknown) > 8 else "")
            notes.append(f"not known, and left out: {names}")
        return notes

    # --- values -------------------------------------------------------------------------------------

    def _value(self, rule: Rule) -> Parameter | None:
        """The value that a rule gives; None where the parameter stays as the spec has it."""
        if "value" in rule:
            return bool(rule["value"])
        if "is" in rule:
            return self._kind(worked_out(rule["is"], self._count), rule, rule["is"])
        if "entries" in rule:
            return self._entries(rule)
        key, value = self._found(keys_of(rule))
        instead = rule.get("null" if value is None else value) if value is None or isinstance(value, str) else None
        if instead == AS_IT_IS:
            return None
        if isinstance(instead, str):
            value = worked_out(instead, self._count)
        elif instead is not None:
            value = instead
        found = self._kind(value, rule, key)
        return self._times(found, rule, key) if "times" in rule else found

    def _times(self, one: Parameter, rule: Rule, key: str) -> Parameter | None:
        """A number, times another one; where that is what the spec has by itself, this stays so."""
        found = self._checked(one * self._count(rule["times"]), key)
        return None if found == self._count(rule["unless"]) else found

    def _kind(self, value: Any, rule: Rule, key: str) -> Parameter:
        """A value as a parameter of its kind. Raises where it is of another kind."""
        kind = rule.get("kind")
        if kind == "flag":
            if not isinstance(value, bool):
                raise self._wrong(f"`{key}` is {shown(value)}, not true or false")
            return value
        if kind == "real":
            if isinstance(value, bool) or not isinstance(value, int | float) or not _is_sane(value):
                raise self._wrong(f"`{key}` is {shown(value)}, not a number of 0 or more")
            return Fraction(repr(value))
        return self._checked(value, key, least=0 if kind == "natural" else 1)

    def _checked(self, value: Any, key: str, least: int = 1) -> int:
        if type(value) is not int or value < least:
            meant = "a positive integer" if least else "an integer of 0 or more"
            raise self._wrong(f"`{key}` is {shown(value)}, not {meant}")
        if value > LARGEST:
            raise self._wrong(f"`{key}` is larger than {LARGEST:_}")
        return value

    def _count(self, key: str) -> int:
        """The positive integer of a key that an expression names."""
        name, value = self._found((key,))
        if value is None:
            for rule in self._known.parameters.values():
                if key in keys_of(rule):
                    found = self._value(rule)
                    return self._checked(found, key)
        return self._checked(value, name)

    def _entries(self, rule: Rule) -> int:
        """How many entries a table has; a file may say the number alone."""
        if rule["entries"] not in self._table and rule["or"] in self._table:
            return self._checked(self._table[rule["or"]], rule["or"])
        key, value = self._found((rule["entries"],))
        if not isinstance(value, dict | list) or not value:
            raise self._wrong(f"`{key}` is {shown(value)}, not a table of names")
        return len(value)

    # --- conditions ---------------------------------------------------------------------------------

    def _violated(self, rule: Rule) -> str:
        """What the file says where it is not what a rule asks for; else nothing."""
        key = rule["key"]
        value = self._get(key)
        if value is _MISSING:
            return ""
        if "equals" in rule:
            if value is None or self._equals(value, rule["equals"]):
                return ""
        elif "every" in rule:
            pattern = rule["every"]
            if value is None or (isinstance(value, list) and value == _repeated(pattern, len(value))):
                return ""
        elif any(_same(value, one) for one in rule["is"]):
            return ""
        return f"`{key}` is {shown(value)}"

    def _equals(self, value: Any, expression: str) -> bool:
        if " " not in expression:
            return _same(value, self._get(expression))
        return type(value) is int and value == worked_out(expression, self._count)

    # --- keys ---------------------------------------------------------------------------------------

    def _found(self, keys: tuple[str, ...]) -> tuple[str, Any]:
        """The first of some keys that is there, and its value. Raises where none is, and none has a default."""
        for key in keys:
            value = self._in_file(key)
            if value is not _MISSING:
                return key, value
        for key in keys:
            if key in self._known.defaults:
                return key, self._known.defaults[key]
        raise self._wrong(f"there is no `{keys[0]}`, which `{self._known.model}` needs")

    def _get(self, key: str) -> Any:
        value = self._in_file(key)
        return self._known.defaults.get(key, _MISSING) if value is _MISSING else value

    def _in_file(self, key: str) -> Any:
        """The value of a key, or of `table.key`."""
        value: Any = self._table
        for part in key.split("."):
            if not isinstance(value, Mapping) or part not in value:
                return _MISSING
            value = value[part]
        return value

    def _wrong(self, text: str) -> CannotImport:
        return CannotImport(f"{self._path}: {text}")


def _same(value: Any, other: Any) -> bool:
    """Equality of JSON: true is not 1."""
    return isinstance(value, bool) == isinstance(other, bool) and value == other


def _is_sane(value: float) -> bool:
    """Not below 0, not without end; whole numbers only as large as a float can be."""
    return 0 <= value <= 1e300 and math.isfinite(value)


def _repeated(pattern: list[str], length: int) -> list[str]:
    return [pattern[number % len(pattern)] for number in range(length)]

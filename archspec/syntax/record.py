"""Frozen records that cost nothing to define.

They are what frozen dataclasses are, to people and to type checkers. But a dataclass compiles its methods when it is
defined: for the forty records of the syntax tree that took over 10 ms of every start. These share one set of methods.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, dataclass_transform


@dataclass_transform(frozen_default=True)
class Record:
    """Base of all records: a subclass's annotated names are its fields, after those of its base.

    Fields are given by position or name; two records are equal when they are of one class with equal fields.
    """

    __match_args__: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.__match_args__ = (*cls.__match_args__, *cls.__annotations__)  # type: ignore[misc]  # it may be set: PEP 634

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = self.__match_args__
        if len(values) == len(fields) and not named:  # as the parser makes them, a million for a large file
            self.__dict__.update(zip(fields, values, strict=True))
            return
        given = dict(zip(fields, values, strict=False), **named)
        for field in fields:
            if field not in given:
                try:
                    given[field] = getattr(type(self), field)
                except AttributeError:
                    raise TypeError(f"{type(self).__name__} needs a value for `{field}`") from None
        if len(given) != len(fields) or len(values) > len(fields):
            raise TypeError(f"{type(self).__name__} takes {fields}, not {values} and {named}")
        self.__dict__.update({field: given[field] for field in fields})

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} is frozen: `{name}` cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} is frozen: `{name}` cannot be deleted")

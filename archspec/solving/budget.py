"""A budget: so many bytes, said as a number with a unit or as a device."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from archspec.devices import find_device
from archspec.solving.problems import fail
from archspec.syntax.literals import number

if TYPE_CHECKING:
    from archspec.policy import Policy

_NUMBER = re.compile(r"[0-9]+(_[0-9]+)*(\.[0-9]+)?\s*(KiB|MiB|GiB|TiB|kB|MB|GB|TB|B)?")


@dataclass(frozen=True)
class Budget:
    """Bytes to fit in; device: whose memory they are, empty for none."""

    bytes: int
    device: str = ""


def find_budget(said: str | int | None, policy: Policy) -> Budget:
    """What was said, else the memory of the policy's device. Raises `SpecError`."""
    if said is not None:
        return Budget(parse_bytes(said))
    if not policy.device:
        fail("needs-budget")
    return Budget(find_device(policy.device).memory, policy.device)


def parse_bytes(said: str | int) -> int:
    """`80GiB`, `1.5 TB`, `85899345920`: bytes, which must be a whole positive number. Raises `SpecError`."""
    if isinstance(said, int) and not isinstance(said, bool) and said > 0:
        return said
    text = str(said).strip()
    found = number(text.replace(" ", "")) if _NUMBER.fullmatch(text) else None
    value = Fraction(found[0]) if found is not None else Fraction(0)
    if value.denominator != 1 or value <= 0:
        fail("not-bytes", value=text[:40])
    return value.numerator

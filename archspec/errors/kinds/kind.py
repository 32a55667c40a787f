"""What a kind of error or warning is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of diagnostic: a stable id and the sentence it says.

    message: a template; the caller fills the fields in braces with the user's own words.
    explanation: what `docs/errors.md` prints below it.
    """

    id: str
    message: str
    explanation: str

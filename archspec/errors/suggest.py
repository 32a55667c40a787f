"""Did you mean …?"""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like a word, or None when none is alike."""
    from difflib import get_close_matches  # here: most runs make no mistake, and the import is slow

    known = list(candidates)
    exact = next((c for c in known if c.lower() == word.lower()), None)
    if exact is not None:
        return exact
    found = get_close_matches(word, known, n=1, cutoff=0.7 if len(word) > 3 else 0.6)
    return found[0] if found else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """A fix to show below an error: "did you mean `Linear`?", or None."""
    found = nearest(word, candidates)
    return None if found is None else f"did you mean `{found}`?"

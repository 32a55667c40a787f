"""Which sizes of a file get a name, and what they are called.

Only what can hardly mean anything else is named: a size that two of three tensors have is the width `d`, and
the other size of the tables of token vectors the vocabulary. All others stay numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from archspec.importing.checkpoint.stored import Stored

_TOKENS = re.compile(r"embed_tokens|word_embeddings|tok_embeddings|token_embd|wte|shared\.weight|embed_in")
_PLACES = re.compile(r"pos(?![a-z]*t_)|wpe")
LEAST = 4
"""A size that is smaller is no width."""


@dataclass(frozen=True)
class Named:
    """Sizes with a name in the text; 0 stands for none."""

    width: int = 0
    vocabulary: int = 0
    width_name: str = "d"
    vocabulary_name: str = "vocab"

    def name(self, size: int) -> str | None:
        """The name of a size."""
        if size and size == self.width:
            return self.width_name
        return self.vocabulary_name if size and size == self.vocabulary else None


def name_sizes(tensors: Iterable[Stored], taken: frozenset[str]) -> Named:
    """The sizes that are named. taken: names of tensors, which a size cannot have."""
    known = list(tensors)
    counts: Counter[int] = Counter()
    for one in known:
        counts.update({size for size in one.shape if size >= LEAST})
    width, many = max(counts.items(), key=lambda one: (one[1], one[0]), default=(0, 0))
    if many < 3 or 3 * many < 2 * sum(1 for one in known if one.shape):
        return Named()
    tables = {one.shape for one in known if len(one.shape) == 2 and _TOKENS.search(one.name)}
    others = {size for shape in tables if width in shape for size in shape if size != width}
    vocabulary = others.pop() if len(others) == 1 else 0
    holders = [one for one in known if vocabulary in one.shape]
    if not vocabulary or any(re.search(r"\.[0-9]+\.", one.name) for one in holders):
        vocabulary = 0
    return Named(width, vocabulary, free("d", "width", taken), free("vocab", "vocabulary", taken))


def is_place(name: str) -> bool:
    """Whether a layer or tensor is a table of positions, whose length may be the width by chance."""
    return _PLACES.search(name) is not None


def free(name: str, other: str, taken: Collection[str]) -> str:
    """A name, or another one where it is taken."""
    while name in taken:
        name, other = other, f"{other}_"
    return name

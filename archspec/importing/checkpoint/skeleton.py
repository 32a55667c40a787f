"""From the tensors of a file to the text of a spec that holds them and computes nothing, checked against them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from archspec.importing.checkpoint.definitions import Definitions
from archspec.importing.checkpoint.folding import fold
from archspec.importing.checkpoint.sizes import name_sizes
from archspec.importing.checkpoint.stored import Stored, camel, main_dtype, policy_of, printable
from archspec.importing.checkpoint.tree import Names, Node, grow
from archspec.importing.checkpoint.writing import NOTHING, Head, written
from archspec.importing.errors import CannotImport

MOST_TENSORS = 100_000
"""Tensors of a file. The largest published models have some 90,000: experts, one by one."""
MOST_NAMES = 20_000
"""Tensors up to which every name is looked at again in the text."""
LONGEST = 2**19
"""Letters of a text: more are no pleasure to read, and take long to check."""
MOST_RENAMED = 4


def skeleton(
    path: str, tensors: Sequence[Stored], title: str, about: str, precisions: Sequence[str] | None = None
) -> str:
    """The text of a parameters-only spec.

    path: the file, for messages. title: what the model is called after. about: what the tensors are from, the beginning
    of a sentence. precisions: sentences on what they are stored in; without them, how many elements have which dtype.
    Raises `CannotImport` where there is nothing to write, or it cannot be written.
    """
    if not tensors:
        raise CannotImport(f"{path}: there are no tensors in it")
    if len(tensors) > MOST_TENSORS:
        raise CannotImport(f"{path}: {len(tensors):_} tensors are more than the {MOST_TENSORS:_} that are written")
    from archspec.errors.diagnostic import SpecError
    from archspec.library import standard
    from archspec.printing import format_text

    tree = grow(tensors)
    taken = frozenset(_leaves(tree.root))
    library = standard().names()
    model = camel(title.partition(".")[0]) or "Checkpoint"
    model = model if model not in library else Names(library).take(f"{model}Weights")
    named = name_sizes(tensors, taken)
    definitions = Definitions(fold(tree.root), named, (*library, model, NOTHING), taken)
    main = main_dtype(tensors)
    facts = {role: _elements(tensors, role) for role in ("param", "buffer")}
    shown = {"params": facts["param"], **({"buffers": facts["buffer"]} if facts["buffer"] else {})}
    sentences = [
        f"Parameters only: {about}, by their names and shapes.",
        "What is computed with them a file does not say: there are no activations and no FLOPs here.",
        *(_dtypes(tensors, main) if precisions is None else precisions),
        *_renamed(tree.renamed),
    ]
    plain = written(definitions, Head(filled(sentences), model, main, shown), taken)
    if len(plain) > LONGEST:
        raise CannotImport(f"{path}: its layers differ too much: the spec would have {len(plain):_} letters")
    try:
        text = format_text(plain)
        _check(path, text, tensors, tree.renamed, shown)
    except SpecError as error:
        raise CannotImport(f"{path}: its names and shapes make no spec: {printable(str(error), 300)}") from None
    return text


def filled(sentences: Sequence[str]) -> str:
    """Sentences as the lines of a docstring."""
    return "\n".join(textwrap.wrap(" ".join(sentences), 116, break_long_words=False, break_on_hyphens=False)) + "\n"


def _leaves(node: Node) -> set[str]:
    """The names of all tensors of a tree."""
    below = [*node.children.values(), *node.turns.values()]
    return set(node.tensors).union(*map(_leaves, below))


def _elements(tensors: Sequence[Stored], role: str) -> int:
    return sum(one.elements for one in tensors if one.role == role)


def _dtypes(tensors: Sequence[Stored], main: str) -> list[str]:
    """What precisions there are."""
    counts: dict[str, int] = {}
    for one in tensors:
        counts[one.dtype] = counts.get(one.dtype, 0) + one.elements
    parts = [f"{number:_} elements in {dtype}" for dtype, number in sorted(counts.items())]
    sentences = [f"There are {', '.join(parts)}."]
    if main in counts:
        rest = "; what has another precision says so" if len(counts) > 1 else ""
        sentences.append(f"{main.capitalize()} is left to the policy (`--precision {policy_of(main)}`){rest}.")
    if any(one.role == "buffer" for one in tensors):
        sentences.append("Integers and the statistics of norms are buffers.")
    return sentences


def _renamed(renamed: dict[str, str]) -> list[str]:
    """Which tensors have other names in the text, as far as a line is long."""
    if not renamed:
        return []
    first = [f"`{printable(one)}` is `{printable(other)}`" for one, other in list(renamed.items())[:MOST_RENAMED]]
    more = f", and {len(renamed) - len(first)} more" if len(renamed) > len(first) else ""
    return [f"The language has no such names as some of the file: {', '.join(first)}{more}."]


def _check(path: str, text: str, tensors: Sequence[Stored], renamed: dict[str, str], facts: dict[str, int]) -> None:
    """Load what was written, and compare it with the file. Raises where it is something else, or does not load."""
    from archspec.formats.names import tensors as held
    from archspec.loading import load_text
    from archspec.policy import Policy
    from archspec.report.report import Report

    report = Report(load_text(text), Policy(), {})
    found = {name: report.value(name) for name in facts}
    program = report.derivation.program
    names = {one.name: one.shape for one in held(program, report.values)} if len(tensors) <= MOST_NAMES else None
    wanted = {renamed.get(one.name, one.name): one.shape for one in tensors}
    if found != facts or names not in (None, wanted):
        raise CannotImport(f"{path}: the spec of its names and shapes holds something else; this is a fault")

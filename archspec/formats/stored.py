"""Where a format meets the ledger: the bytes that parameters have in it, and the sizes of files as quantities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from archspec.algebra import Dim
from archspec.elaborate.program import Program
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.formats.catalogue import Format, find
from archspec.formats.files import FileSize, gguf, optimizer, safetensors, torch_save
from archspec.formats.names import NeedsNumbers
from archspec.formats.weights import Weights, weights
from archspec.ledger.terms import Ledger
from archspec.policy import Policy

Values = Mapping[str, int]
_Size = Callable[[Program, Policy, Values, "Format | None"], FileSize]


def chosen_format(policy: Policy) -> Format | None:
    """The format that a policy names. Raises `SpecError`."""
    return find(policy.weights) if policy.weights else None


def store(ledger: Ledger, program: Program, policy: Policy, values: Values) -> None:
    """Give the terms of parameters and buffers the bytes that they have in the policy's format.

    values: numbers for what the rules of a format hang on. Raises `SpecError`.
    """
    chosen = chosen_format(policy)
    if chosen is None:
        return
    held = _with_numbers(lambda: weights(program, policy, chosen, values))
    spread = ledger.spread
    assert spread is not None
    by_path = {one.path: one for one in program.parameters}
    stored: dict[tuple[str, str, str], list[Dim]] = {}
    for part in held.parts:
        local = spread.held(by_path[part.path], part.bytes)
        stored.setdefault((part.owner, part.kind, part.role), []).append(part.bytes if local is None else local)
    terms = []
    for term in ledger.terms:
        sizes = stored.pop((term.path, term.kind, term.role), None) if term.role in ("param", "buffer") else None
        if term.role in ("param", "buffer"):
            term = replace(term, stored=_sum(sizes or []))
        terms.append(term)
    ledger.terms = terms
    known = {one.text for one in ledger.assumptions}
    ledger.assumptions = [*ledger.assumptions, *(one for one in held.assumptions if one.text not in known)]


def _with_numbers(read: Callable[[], Weights]) -> Weights:
    try:
        return read()
    except NeedsNumbers as missing:
        raise _needs(missing) from None


def _needs(missing: NeedsNumbers) -> SpecError:
    diagnostics = Diagnostics()
    diagnostics.error("file-needs-numbers", None, names=", ".join(f"`{name}`" for name in missing.names))
    return SpecError(list(diagnostics))


def _sum(sizes: list[Dim]) -> Dim:
    total: Dim = 0
    for size in sizes:
        total = total + size
    return total


# --- files ------------------------------------------------------------------------------------------


def _gguf(program: Program, policy: Policy, values: Values, chosen: Format | None) -> FileSize:
    if chosen is None or chosen.recipe is None:
        diagnostics = Diagnostics()
        diagnostics.error("not-a-recipe", None, name=policy.weights or "nothing")
        raise SpecError(list(diagnostics))
    from archspec.algebra import evaluate

    data = evaluate(gguf(program, policy, chosen, values).data(), values)
    return FileSize(data, data, (("model.gguf", data),), exact=True)


def _optimizer(program: Program, policy: Policy, values: Values, _: Format | None) -> FileSize:
    return optimizer(program, policy, values, policy.optimizer)


_SIZES: dict[str, _Size] = {
    "file.safetensors": safetensors,
    "file.torch": torch_save,
    "file.optimizer": _optimizer,
    "file.gguf": _gguf,
}


def file_size(quantity: str, program: Program, policy: Policy, values: Values) -> tuple[int, bool]:
    """The bytes of a file at some sizes, and whether they are exact. Raises `SpecError`."""
    try:
        found = _SIZES[quantity](program, policy, values, chosen_format(policy))
    except NeedsNumbers as missing:
        raise _needs(missing) from None
    return found.total, found.exact

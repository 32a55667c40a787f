"""Mixtures of experts that people wrote: those whose routes a trace shows come out whole, the others are refused."""

from __future__ import annotations

import pytest

from archspec.importing.errors import CannotImport
from archspec.importing.lift.spellings import leaves
from archspec.importing.lift.trace import Unknown, lift
from archspec.importing.model import Imported, Source, import_model

pytest.importorskip("torch")


def imported(name: str) -> Imported:
    said = f"torch:tests.importing.mixtures:{name}"
    return import_model(Source("torch", said, "tests.importing.mixtures", name, inputs=["x=float32[B,S,d]"]))


def unknown(name: str) -> list[Unknown]:
    """What has no spelling in the trace of a model without values."""
    import torch

    from archspec.importing.trace.recorder import record
    from tests.importing import mixtures

    with torch.device("meta"):
        model, x = getattr(mixtures, name)(), torch.empty(2, 16, 12)
    _, lifter = lift(record(model, (x,), {}, leaves()))
    return list(lifter.unknown.values())


@pytest.mark.parametrize(("name", "expert"), [("gated", "SwiGLU(hidden)"), ("linear", "Linear(d)")])
def test_a_mixture_is_written_with_the_layers_of_the_library(name: str, expert: str) -> None:
    found = imported(name)
    assert found.exact
    _, _, body = found.text.partition("-> y[B, S, hidden]\n")
    assert body.partition("}\n")[0] == (
        "  best, chosen = x -> Linear(experts, bias = false) as gate -> Softmax -> Best(active)\n"
        "  rows, shares, owners = (x, best, chosen) -> Route\n"
        f"  y = ((rows, chosen) -> Bank(experts, active, {expert}) as experts, shares, owners, x) -> Combine\n"
        "      -> Linear(hidden) as head\n"
    )


def test_a_list_of_one_module_is_no_bank() -> None:
    found = imported("shared")
    assert found.exact
    assert "Bank" not in found.text
    assert "rows -> SwiGLU(hidden)" in found.text


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("uneven", "on selected rows, and others are not like it"),
        ("scaled", "on rows that were changed after they were selected"),
        ("unsorted", "on rows that no sorting of numbers of experts put in order"),
        ("backwards", "downwards, or along an axis"),
    ],
)
def test_a_route_that_nothing_shows_is_refused(name: str, reason: str) -> None:
    reasons = [one.reason for one in unknown(name)]
    assert any(reason in one for one in reasons)


def test_what_is_refused_is_named() -> None:
    with pytest.raises(CannotImport, match=r"no spelling in the library[^$]*torch\.nn\.ModuleList in experts: only"):
        imported("unsorted")

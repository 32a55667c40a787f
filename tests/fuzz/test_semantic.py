"""Wrong specs end in messages: the first few hundred cases of `python -m tests.fuzz.semantic`."""

from __future__ import annotations

from contextlib import suppress

import pytest

from archspec.check import check_scope
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.loading import load_text
from archspec.scope import load_text as load_scope
from tests.fuzz.semantic_mutations import case
from tests.fuzz.semantic_run import Run

CASES = 300
PART = 25
SECONDS = 8.0
"""Four times what a step may take: tests run beside each other, on machines that are slow."""


@pytest.mark.parametrize("first", range(0, CASES, PART))
def test_wrong_specs_end_in_messages(first: int) -> None:
    for seed in range(first, first + PART):
        run = Run(case(seed))
        assert run.seconds < SECONDS, f"seed {seed}: {run.slowest}"


BOUNDLESS = {
    "a layer that calls itself twice": (
        "layer A { x[B, 8] -> y[B, 8] y = x -> A -> A } model M { x[B, 8] -> y[B, 8] y = x -> A }",
        "too-deep-calls",
    ),
    "lists in lists in lists": (
        "model M { x[B, 8] -> y[B, 8] y = x each i in range(10000) { each j in range(10000) { where k = i } } }",
        "too-many-calls",
    ),
    "loops in loops": (
        "model M { x[B, 8] -> y[B, n] y = x " + "repeat 3 as a { y = y -> Linear(9) " * 40 + "}" * 40 + "}",
        None,
    ),
    "a tower of powers": ("model M { x[B, 8] -> y[B, n] y = x -> Linear(2**2**2**2**2**2) }", "number-too-large"),
    "a product of sums": (
        "model M(a = 2, b = 3) { x[B, 8] -> y[B, n] y = x -> Linear((a + b + 1)**60 * (a + 2*b)**60) }",
        None,
    ),
    "10**30 turns": ("model M { x[B, 8] -> y[B, 8] y = x repeat 10**30 { y = y -> Linear(8) } }", None),
    "10**9 parts": ("model M(d = 10**9) { x[B, d] -> y[B, 1] y, z = x -> Split(10**9) }", "list-too-long"),
    "a sum of ten thousand": ("model M(d = 3) { x[B, 8] -> y[B, n] y = x -> Linear(sum(range(10000)) + d) }", None),
    "ten thousand symbols": (
        f"model M(w: list = [{', '.join(['2'] * 10_000)}]) {{ x[B, 8] -> y[B, n] y = x -> Linear(prod(w)) }}",
        "formula-too-large",
    ),
    "a chain of minus signs": (f"model M(d = 8) {{ x[B, d] -> y[B, d] y = {'-' * 150}x }}", None),
}


@pytest.mark.parametrize(("text", "kind"), BOUNDLESS.values(), ids=BOUNDLESS)
def test_what_would_never_end_is_stopped(text: str, kind: str | None) -> None:
    diagnostics = Diagnostics()
    check_scope(load_scope(text, diagnostics), diagnostics)
    if kind is not None:
        assert kind in {one.id for one in diagnostics.errors}
    with suppress(SpecError):
        model = load_text(text)
        model.derive()
        model.size(B=2)

"""How time grows: with the number of layers of a `repeat` (it must not), and with the length of a file (linearly)."""

from __future__ import annotations

import gc
from collections.abc import Callable

from archspec.errors.diagnostic import Diagnostics
from archspec.loading import load, load_text
from archspec.scope import load_text as load_scope
from tests.benchmarks.timing import calls

LITERAL = """
layer Block(heads) {{
  x[B, S, d] -> y[B, S, d]
  require d % heads == 0, "the heads must divide the width"
  q, k, v = x -> LayerNorm -> Linear(3*d) as qkv -> Split(3) -> Heads(heads)
  h = x + ((q, k, v) -> Attention -> MergeHeads -> Linear(d) as out)
  y = h + (h -> LayerNorm -> Linear(4*d) as up -> GELU -> Linear(d) as down)
}}
model M(d = 64, heads = 4) {{
  x[B, S, d] -> y[B, S, d]
  y = x
  repeat {count} as h {{ y = y -> Block(heads) }}
}}
"""
QUANTITIES = ("params", "activations.saved", "activations.peak", "flops.backward")


def depth(rounds: int) -> None:
    """Print how long 10 and 10,000 layers take: as values of a symbol, and as counts written in a file."""
    sizes = (10, 10_000)
    by_value = {str(count): _sized(count) for count in sizes}
    by_literal = {str(count): _written(count) for count in sizes}
    for name, actions in (("llama3_8b with --set layers=N", by_value), ("`repeat N` written in the file", by_literal)):
        times = calls(actions, rounds)
        few, many = (times[str(count)] for count in sizes)
        print(f"\n{name}: 10 layers {few:.4f} s, 10,000 layers {many:.4f} s, ratio {many / few:.2f}")


def _sized(count: int) -> Callable[[], object]:
    def action() -> object:
        model = load("llama3_8b")  # a fresh one: a model remembers what it derived
        return [model.expression(quantity, layers=count) for quantity in QUANTITIES]

    return action


def _written(count: int) -> Callable[[], object]:
    def action() -> object:
        model = load_text(LITERAL.format(count=count))
        return [model.expression(quantity) for quantity in QUANTITIES]

    return action


def flat_file(rounds: int) -> None:
    """Print how long checking takes for files of 1,000 and 10,000 layers, one statement each."""
    actions = {str(count): _checked(count) for count in (1_000, 10_000)}
    gc.disable()  # as the command does
    times = calls(actions, rounds)
    gc.enable()
    few, many = times["1000"], times["10000"]
    print("\nchecking a flat file (a ratio of 10 is linear):", end=" ")
    print(f"1,000 layers {few:.3f} s, 10,000 layers {many:.3f} s, ratio {many / few:.1f}")


def _checked(count: int) -> Callable[[], object]:
    lines = "".join(f"  x = x -> Linear(d) as l{index} -> ReLU\n" for index in range(count))
    text = f"model Flat(d = 16) {{\n  input[B, d] -> y[B, d]\n  x = input\n{lines}  y = x\n}}\n"
    turn = iter(range(1_000_000))

    def action() -> object:
        from archspec.check import check_scope

        diagnostics = Diagnostics()
        # A comment that is new each time: the cache shall not know the text.
        scope = load_scope(f"# {next(turn)}\n{text}", diagnostics)
        check_scope(scope, diagnostics)
        assert not diagnostics.errors
        return scope

    return action

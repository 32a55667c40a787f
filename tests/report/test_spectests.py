"""The runner of `test` blocks."""

from __future__ import annotations

from archspec.errors.diagnostic import Diagnostics
from archspec.scope import load_text
from archspec.spectests import TestResult, run_tests

MODEL = """
model M(d = 4, n = 3, bias = true) {
  x[B, d] -> y[B, d], z[B, 2*d]
  repeat n as h { x = x -> Linear(d, bias = bias) as f -> ReLU }
  y = x
  z = x -> Linear(2*d) as last
}
model wide = M(d = 8)
model Open(heads, d) { x[B, S, d] -> y[B, S, d]  require d % heads == 0, "no"  y = x -> Linear(d) }
"""


def results(tests: str, files: dict[str, str] | None = None) -> list[TestResult]:
    """Run the tests of a text, behind the models above."""
    diagnostics = Diagnostics()
    scope = load_text(MODEL + tests, diagnostics, files=files)
    assert not diagnostics.errors
    return list(run_tests(scope))


def problems(tests: str) -> list[tuple[str, str]]:
    """What goes wrong in the first test."""
    return [(one.id, one.message) for one in results(tests)[0].problems]


def test_passes() -> None:
    """Numbers, comparisons of all kinds, expressions of the model's symbols, other models' quantities."""
    found = results(
        """test "all" given B = 2 {
             M.params == 3*(16 + 4) + 32 + 8
             M.params == n*(d**2 + d) + 2*d**2 + 2*d
             M.params != 101   M.params < 101   M.params <= 100   M.params > 99   M.params >= 100
             wide.params > M.params
             wide.params == 4*M.params - 40
             M.shape == [2, 4]    M.z.shape == [2, 2*d]   M.h.f.shape == [B, d]
             M.h.f.params == 60   M.last.params == 40   M.h.params == 60
             M.flops.forward == 2*2*(3*16 + 32)
           }"""
    )
    assert [result.problems for result in found] == [[]]
    assert found[0].passed
    assert found[0].conditions == 16


def test_formulas_are_proved() -> None:
    """Without numbers, both sides are compared for all values of the symbols."""
    assert problems('test "open" { Open.params == d*(d + 1)   Open.activations.saved == 4*B*S*d }') == [
        ("test-failed", "`Open.activations.saved` == 4*d*B*S does not hold: it is 0")
    ]
    assert problems('test "open" given inputs_grad = true { Open.flops.backward == 2*Open.flops.forward }') == []
    [(kind, message)] = problems('test "open" { Open.params > 10 }')
    assert kind == "test-open"
    assert message.startswith("`Open.params` has no number")
    assert "`d`" in message


def test_policy() -> None:
    """A policy's names stand bare, hyphens and all."""
    assert problems('test "p" given precision = bf16 { M.memory.weights == 2*M.params }') == []
    assert (
        problems('test "p" given precision = mixed-bf16, backend = cpu, mode = eval { M.memory.weights == 4*M.params }')
        == []
    )
    assert problems('test "p" given frozen = "h.*" { M.params.frozen == 60 }') == []
    found = problems('test "p" given precision = fp7 { M.params == 1 }')
    assert found[0][0] == "unknown-value"


def test_values() -> None:
    """Flags, lists for stars of a layer, and layers as arguments."""
    assert problems('test "v" given bias = false { M.params == 3*16 + 40 }') == []
    assert (
        problems('test "v" given d = 6, rows = [2, 5] { LayerNorm.params == 12  LayerNorm.shape == [2, 5, 6] }') == []
    )


def test_failures_show_both_sides() -> None:
    """What was asked, and what was found; the place is the condition."""
    result = results('test "f" given B = 2 { M.params == 1_000\n  M.shape == [4, 2] }')[0]
    assert not result.passed
    assert [one.message for one in result.problems] == [
        "`M.params` == 1_000 does not hold: it is 100",
        "`M.shape` == [4, 2] does not hold: it is [2, 4]",
    ]
    assert str(result.problems[1].place) == "main.arch:11:3"


def test_errors_stop_nothing() -> None:
    """A wrong name, quantity, value or size is a problem of its test; the next condition and test run."""
    tests = """test "a" { Nope.params == 1   M.parms == 1   M.nothing.params == 1   M.params == 100   M.params == nope }
               test "b" given heads = 3, d = 4 { Open.params == 20 }
               test "c" given x = 3 { M.params == 100 }
               test "d" { M.params == 100 }"""
    found = results(tests)
    assert [[one.id for one in result.problems] for result in found] == [
        ["unknown-model", "unknown-quantity", "unknown-path", "unknown-name"],
        ["require-failed"],
        ["unknown-given"],
        [],
    ]
    assert all(one.place is not None for result in found for one in result.problems)


def test_used_files() -> None:
    """Models of files that are used, by themselves or under a name."""
    other = "model Other(d = 2) { x[B, d] -> y[B, d]  y = x -> Linear(d) }"
    diagnostics = Diagnostics()
    text = 'use "other.arch" as other\ntest "t" { other.Other.params == 6 }'
    scope = load_text(text, diagnostics, files={"other.arch": other})
    assert [result.passed for result in run_tests(scope)] == [True]

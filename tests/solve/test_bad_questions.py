"""Bad questions get an answer in words, and the right exit status."""

from __future__ import annotations

import pytest

import archspec as package
from archspec.solving.budget import parse_bytes

GPT2 = ("solve", "gpt2")
CASES = {
    "nothing-fits": (
        (*GPT2, "--for", "B", "--budget", "100MiB", "--set", "S=64"),
        1,
        # 4*(69457*B*S + 124439808) bytes: the README.
        "no `B` fits: with B = 1, `memory.inference` is 491.7 MiB (515,540,224 B) already, and the budget is "
        "100.0 MiB (104,857,600 B)",
    ),
    "any-fits": (
        (*GPT2, "--for", "heads", "--budget", "8GiB", "--set", "B=1", "--set", "S=64"),
        1,
        "every `heads` fits: `memory.inference` of `gpt2` does not grow with it",
    ),
    "any-fits, params": (
        (*GPT2, "--for", "B", "--budget", "8_000_000_000", "--quantity", "params"),
        1,
        "every `B` fits: `params` of `gpt2` does not grow with it",
    ),
    "unknown-symbol": (
        (*GPT2, "--for", "layer", "--budget", "8GiB", "--set", "B=1", "--set", "S=64"),
        2,
        "`gpt2` has no parameter or axis `layer`",
    ),
    "not-a-number": (
        ("solve", "gpt2", "--for", "dropout", "--budget", "8GiB", "--set", "B=1", "--set", "S=64"),
        2,
        "`dropout` of `gpt2` is not an integer: it cannot be solved for",
    ),
    "not-a-number, a list": (
        ("solve", "resnet50", "--for", "depths", "--budget", "8GiB"),
        2,
        "help: did you mean `depths[0]`?",
    ),
    "needs-values": (
        (*GPT2, "--for", "B", "--budget", "8GiB"),
        2,
        "`S` without a value: `memory.inference` is not a number yet",
    ),
    "needs-values to fit": (("fit", "gpt2", "--set", "S=64"), 2, "help: give it, as in --set B=8"),
    "asked-and-given": (
        (*GPT2, "--for", "S", "--budget", "8GiB", "--set", "B=1", "--set", "S=64"),
        2,
        "`S` is what is asked for, and it was given a value too",
    ),
    "not-bytes": ((*GPT2, "--for", "S", "--budget", "80G", "--set", "B=1"), 2, "`80G` is not a number of bytes"),
    "needs-budget": ((*GPT2, "--for", "S", "--set", "B=1"), 2, "nothing says what it should fit in"),
    "unknown-value, a device": (
        (*GPT2, "--for", "S", "--set", "B=1", "--device", "RTX-4900"),
        2,
        "help: did you mean `RTX-4090`?",
    ),
    "unknown-value, a device to fit": (("fit", "gpt2", "--device", "H10"), 2, "`device` cannot be `H10`"),
    "require-failed, a plan that does not divide": (
        (*GPT2, "--for", "B", "--set", "S=64", "--device", "H100", "--train", "sgd", "--shard", "pipeline = 5"),
        1,
        "what several devices share must divide evenly among them (`layers % pp == 0` with layers = 12, pp = 5",
    ),
    "unknown-quantity": (
        (*GPT2, "--for", "B", "--budget", "1GiB", "--set", "S=64", "--quantity", "memory.wieghts"),
        2,
        "help: did you mean `memory.weights`?",
    ),
    "needs-optimizer": (
        (*GPT2, "--for", "B", "--budget", "1GiB", "--set", "S=64", "--quantity", "memory.training"),
        2,
        "`memory.training` is known only for a model that is trained",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_in_words(case, archspec):
    arguments, status, words = CASES[case]
    done = archspec(*arguments)
    assert done.exit_code == status, done.output
    assert f"error[{case.partition(',')[0].partition(' ')[0]}]" in done.stderr
    assert words in done.stderr
    assert done.stdout == ""


def test_what_is_not_only_growing():
    # What is rounded down is left over: now less, now more.
    text = """
    model Parts(parts = 2, d = 1000) {
      x[B, d] -> y[B, d]
      y = x -> Linear(parts * (d // parts)) -> Linear(d)
    }
    """
    model = package.load_text(text)
    with pytest.raises(package.SpecError, match="does not only grow with `parts`") as error:
        package.solve(model, "parts", budget=model.size(B=1, parts=31)["memory.inference"] + 1, B=1)
    assert [one.id for one in error.value.diagnostics] == ["does-not-grow"]


def test_nothing_is_said_to_fit_that_may():
    text = """
    model Parts(parts = 40, d = 1000) {
      x[B, d] -> y[B, d]
      require parts >= 7
      y = x -> Linear(parts * (d // parts)) -> Linear(d)
    }
    """
    model = package.load_text(text)
    budget = model.size(B=1, parts=31)["memory.inference"] + 1
    assert model.size(B=1, parts=7)["memory.inference"] > budget
    with pytest.raises(package.SpecError) as error:
        package.solve(model, "parts", budget=budget, B=1)
    assert [one.id for one in error.value.diagnostics] == ["does-not-grow"]


def test_formats_that_fit_some_widths_only():
    # Rows that 256 does not divide are kept in a larger type: there are smaller widths that need more.
    model = package.load("llama3_8b")
    choices = {"B": 1, "S": 512, "precision": "bf16", "weights": "q4_k_m"}
    odd, even = (model.size(**choices, d=d)["memory.inference"] for d in (5696, 5888))
    assert odd > even
    with pytest.raises(package.SpecError) as error:
        package.solve(model, "d", budget=odd - 1, **choices)
    assert [one.id for one in error.value.diagnostics] == ["does-not-grow"]


def test_no_value_at_all():
    text = """
    model Odd(n = 4) {
      x[B, n] -> y[B, n]
      require n * n % 4 == 3
      y = x -> Linear(n)
    }
    """
    with pytest.raises(package.SpecError) as error:
        package.solve(package.load_text(text), "n", budget="1GiB", B=1)
    assert str(error.value) == (
        "error[no-value]: no `n` of `Odd` was found that meets its requirements: `n**2 % 4 == 3`, `n >= 1`"
    )


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("80GiB", 80 * 2**30),
        ("80 GB", 80 * 10**9),
        ("1.5TB", 15 * 10**11),
        ("85_899_345_920", 85899345920),
        (7, 7),
        ("0.5KiB", 512),
    ],
)
def test_budgets(said, size):
    assert parse_bytes(said) == size


@pytest.mark.parametrize("said", ["", "GiB", "80G", "80gib", "-3", "0", 0, -1, True, "1.5B", "1e3", "8 0", "1/2"])
def test_no_budgets(said):
    with pytest.raises(package.SpecError, match="is not a number of bytes"):
        parse_bytes(said)

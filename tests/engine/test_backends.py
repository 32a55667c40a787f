"""The table of what differs between backends, and the lines of the library that say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import archspec
from archspec import backends
from archspec.backends import BITS, RULES, Rule
from archspec.library import standard
from archspec.policy import CHOICES, Policy

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"(?:external )?(?:layer|model) (\w+)")
_CLASS = re.compile(r": (mask|stat)\b")


def lines() -> Iterator[tuple[str, str]]:
    """The lines of the library that say something of a backend, each with its block. Excuses are no rules."""
    for text in standard().texts.values():
        block = ""
        for line in text.splitlines():
            block = found[1] if (found := _BLOCK.match(line)) else block
            code = line.partition("#")[0].strip()
            if ("policy.backend" in code or _CLASS.search(code)) and not code.startswith(
                ("unverified", "test", "given")
            ):
                yield block, code


def covering(block: str, code: str) -> list[Rule]:
    """The rules that such a line may be a part of."""
    rules = [rule for rule in RULES if block in rule.layers]
    found = _CLASS.search(code)
    if code.startswith("autocast"):
        return [rule for rule in rules if rule.name == "autocast-lists"]
    return [rule for rule in rules if rule.name != "autocast-lists" and (found is None or rule.dtype == found[1])]


LINES = list(lines())


def test_the_library_asks_for_the_backend() -> None:
    assert len(LINES) > 40
    assert {"Dropout", "FlashAttention", "RMSNorm", "BatchNorm2d", "LogSigmoid"} <= {block for block, _ in LINES}


@pytest.mark.parametrize(("block", "code"), LINES)
def test_each_line_is_covered_by_a_rule(block: str, code: str) -> None:
    assert covering(block, code), f"no rule of archspec/backends.py covers `{code}` of {block}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_is_about_layers_that_say_so(rule: Rule) -> None:
    known = {block: [code for other, code in LINES if other == block] for block in rule.layers}
    for block, said in known.items():
        assert any(rule in covering(block, code) for code in said), f"{block} says nothing of {rule.name}"
    texts = "\n".join(standard().texts.values())
    assert all(re.search(rf"^layer {kernel}\b", texts, re.MULTILINE) for kernel in rule.kernels)


def test_names_and_backends() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(set(sizes) == set(CHOICES["backend"]) for sizes in BITS.values())
    assert {rule.dtype for rule in RULES} - {""} == BITS.keys()


def test_the_page_shows_the_table() -> None:
    assert backends.table() in (ROOT / "docs" / "quantities.md").read_text(encoding="utf-8")


def names(model: str, **choices: object) -> list[str]:
    """The rules that the numbers of a model hang on."""
    policy = Policy().with_(**choices)
    return [rule.name for rule in backends.unconfirmed(archspec.load(model).derive(policy).program, policy)]


@pytest.mark.parametrize(
    ("model", "choices", "expected"),
    [
        ("mlp", {}, []),
        ("mlp", {"precision": "bf16"}, []),
        ("resnet50", {}, []),
        ("resnet50", {"precision": "bf16"}, ["norm-statistics"]),
        ("resnet50", {"mode": "eval"}, ["norm-statistics-in-eval"]),
        ("gpt2", {}, ["dropout-mask", "fused-attention"]),
        ("gpt2", {"mode": "eval", "attention": "eager"}, []),
        ("gpt2", {"backend": "cpu"}, []),
        ("llama3_8b", {"precision": "bf16"}, ["fused-attention"]),
        ("llama3_8b", {"precision": "mixed-bf16"}, ["fused-attention", "autocast-lists"]),
        ("lstm_lm_small", {}, ["recurrent-kernels"]),
        ("RMSNorm", {}, ["fused-rms-norm"]),
        ("LogSigmoid", {}, ["log-sigmoid-buffer"]),
        ("Conv2d", {"precision": "mixed-bf16"}, []),
    ],
)
def test_which_rules_numbers_hang_on(model: str, choices: dict[str, object], expected: list[str]) -> None:
    assert names(model, **choices) == expected


def test_padding_that_is_no_plain_one() -> None:
    call = 'Conv2d(6, 3, padding = 1, padding_mode = "reflect")'
    text = f"model A {{\n  x[B, 4, H, W] -> y[B, _, _, _]\n  y = x -> {call}\n}}"
    policy = Policy(precision="mixed-bf16")
    found = backends.unconfirmed(archspec.load_text(text).derive(policy).program, policy)
    assert [rule.name for rule in found] == ["padded-convolution"]


def test_a_rule_that_was_seen_on_a_card_is_named_no_more() -> None:
    policy = Policy()
    program = archspec.load("gpt2").derive(policy).program
    seen = [rule._replace(confirmed="a card") if rule.name == "dropout-mask" else rule for rule in RULES]
    assert [rule.name for rule in backends.unconfirmed(program, policy, seen)] == ["fused-attention"]
    assert backends.derived(program, policy, [rule._replace(confirmed="a card") for rule in RULES]) == ""


LINE = "activations.saved for cuda, not yet confirmed on a card (dropout masks, fused attention)"


def test_reports_say_what_is_derived() -> None:
    report = archspec.load("gpt2").size(B=2, S=8)
    assert report.derived == LINE
    assert f"\nderived  {LINE}" in str(report)
    assert f"derived: {LINE}" in report.to_dict()["assumptions"]
    assert f"- derived: {LINE}\n" in report._repr_markdown_()
    assert f"derived: {LINE}" in report._repr_html_()
    plain = archspec.load("mlp").size(B=2)
    assert "derived" not in str(plain) + plain._repr_markdown_() + str(plain.to_dict()["assumptions"])

"""Specs with something wrong: a valid text with a few tokens or lines changed, at random but repeatably."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

from archspec.errors.diagnostic import Diagnostics
from archspec.resources import spec_texts
from archspec.syntax.parser import parse
from archspec.syntax.source import Source

_TOKEN = re.compile(r'"""[\s\S]*?"""|"[^"\n]*"|#[^\n]*|[A-Za-z_]\w*|\d[\d_.]*|\*\*|//|->|==|!=|<=|>=|\s+|.')
_NAME = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"\d[\d_.]*")

NUMBERS = (
    "0",
    "1",
    "2",
    "-1",
    "-7",
    "3",
    "8",
    "0.5",
    "1e300",
    "10**30",
    "2**64",
    "2**2**2**2",
    "2**2**2**2**2",
    "9" * 90,
)
VALUES = (
    "true",
    '"text"',
    "[1, 2]",
    "[]",
    "[[1, 2], [3, 4]]",
    "policy",
    "policy.mode",
    "float32",
    "range(10000)",
    "range(3)",
    "len",
    "len([1])",
    "log2(d)",
    "log2(6)",
    "d**70",
    "d**i",
    "prod([])",
    "max([])",
    "min(d, 0)",
    "(1, 2)",
    "(x, x)",
    "x",
    "y",
    "d",
    "B",
    "S",
    "x -> ReLU",
    "(x -> Linear(3))",
    "Linear(4)",
    "Linear",
    "ReLU",
    "1 / 0",
    "d / 2",
    "d // 0",
    "d % 0",
    "-d",
    "d - 1000",
    "(d + 1)**60",
    "ceil_div(d, 0)",
    "round_up(d, -3)",
    "size(x)",
    "sum(range(10000))",
    "axis([1], 3)",
    "(1 if d == 8 else 2)",
    "i",
    "h",
    "gpt2",
)
LINES = (
    "x = x -> Linear(0)",
    "repeat 10**30 { x = x -> Dropout }",
    "repeat 10**30 as r at i { x = x -> Linear(i + 1) }",
    "each q in range(10000) { x = x -> ReLU }",
    "each i in range(10000) { each j in range(10000) { where k = i } }",
    "x = x -> Split(2)",
    "x = (x, x) -> Concat(dim = 7)",
    "x, y = x -> Split(10**9)",
    "x = x -> Reshape([1, -1])",
    "require d == 0",
    "require B < 0",
    "where n = 2**2**2**2**2",
    "where big = (d + B + 1)**64",
    "x = x -> Flatten -> Flatten",
    "param w[d, d]",
    "param w[*]",
    "save x for w",
    "view x",
    "inplace x",
    "flops -5",
    "backward size(x)",
    "cache x",
    "tie a.b = c.d",
    "if B > 3 { x = x -> ReLU }",
    "if d { x = 3 }",
    "x = x -> Conv2d(3, 3)",
    "x = x -> LSTM(4)",
    "repeat d at i { x = x -> Linear(2**i) }",
    "x = -x ** 0.5",
    "repeat d { x = (x, x) -> Concat }",
    "repeat 3 { x = x -> MaxPool2d(2) }",
    "repeat d at i { each j in range(i) { x = x -> ReLU } }",
    "x = x -> Bank(3, 2, Linear(4))",
    "x = x -> Cast(float16)",
    "x = x -> Cast(3)",
    "x = x * x + x / x - x",
    "x = x -> Transpose(9, 9)",
    "torch nn.Linear(d)",
    "autocast half",
    'unverified activations.saved when d > 3, "why"',
    "x = x -> Sequential([Linear(4), ReLU])",
    "x = x -> Pad(10**20)",
)
STARS = ("*", "*s", "*rest", "_", "*broadcast(s, t)", "*t", "d + 1", "0", "d - 9", "B")


@cache
def texts() -> tuple[str, ...]:
    """Valid specs to begin with: the library, the zoo, and those of the messages' tests."""
    found = list(spec_texts().values())
    for path in sorted((Path(__file__).parents[1] / "errors").glob("*.md")):
        found += re.findall(r"^```arch[^\n]*\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return tuple(found)


def case(seed: int) -> str:
    """A mutated spec, of which most can be read."""
    random = Random(seed)
    text = ""
    for _ in range(5):
        text = _mutated(random)
        diagnostics = Diagnostics()
        parse(Source("spec.arch", text), diagnostics)
        if not diagnostics:
            break
    return text


def _mutated(random: Random) -> str:
    text = random.choice(texts())
    if len(text) > 3000:
        text = _some_items(random, text)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5))):
        text = random.choice(_MUTATIONS)(random, text)
    return text


def _some_items(random: Random, text: str) -> str:
    """A few items of a long file, so that many cases are small ones."""
    items = re.split(r"^(?=(?:external |)(?:layer|model|test) )", text, flags=re.MULTILINE)
    kept = random.randint(1, 8)
    start = random.randrange(len(items))
    return "".join(items[start : start + kept])


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _pick(random: Random, tokens: list[str], pattern: re.Pattern[str]) -> int | None:
    places = [place for place, token in enumerate(tokens) if pattern.fullmatch(token)]
    return random.choice(places) if places else None


def _swap(random: Random, text: str) -> str:
    tokens = _tokens(text)
    places = [place for place, token in enumerate(tokens) if not token.isspace()]
    if len(places) > 1:
        a, b = random.choice(places), random.choice(places)
        tokens[a], tokens[b] = tokens[b], tokens[a]
    return "".join(tokens)


def _rename(random: Random, text: str) -> str:
    tokens = _tokens(text)
    place, other = _pick(random, tokens, _NAME), _pick(random, tokens, _NAME)
    if place is not None and other is not None:
        tokens[place] = random.choice((tokens[other], tokens[other], "x", "y", "Linear", "nothing", "_", "policy"))
    return "".join(tokens)


def _number(random: Random, text: str) -> str:
    tokens = _tokens(text)
    place = _pick(random, tokens, _NUMBER)
    if place is not None:
        tokens[place] = random.choice(NUMBERS)
    return "".join(tokens)


def _value(random: Random, text: str) -> str:
    tokens = _tokens(text)
    place = _pick(random, tokens, random.choice((_NAME, _NUMBER)))
    if place is not None:
        tokens[place] = random.choice(VALUES)
    return "".join(tokens)


def _delete_line(random: Random, text: str) -> str:
    lines = text.split("\n")
    del lines[random.randrange(len(lines))]
    return "\n".join(lines)


def _repeat_line(random: Random, text: str) -> str:
    lines = text.split("\n")
    line = random.choice(lines)
    lines.insert(random.randrange(len(lines)), line)
    return "\n".join(lines)


def _insert_line(random: Random, text: str) -> str:
    lines = text.split("\n")
    inside = [place for place, line in enumerate(lines) if line.startswith("  ")] or [0]
    lines.insert(random.choice(inside), "  " + random.choice(LINES))
    return "\n".join(lines)


def _axis(random: Random, text: str) -> str:
    spots = [found.start() for found in re.finditer(r"(?<=\[)|(?<=, )", text)]
    if not spots:
        return text
    at = random.choice(spots)
    return text[:at] + random.choice(STARS) + ", " + text[at:]


def _callee(random: Random, text: str) -> str:
    """Another layer behind an arrow, perhaps the one that it stands in."""
    spots = list(re.finditer(r"-> (\w+)", text))
    names = re.findall(r"(?:layer|model) (\w+)", text) or ["ReLU"]
    if not spots:
        return text
    spot = random.choice(spots)
    return (
        text[: spot.start(1)]
        + random.choice((*names, "Linear", "Add", "Split", "Concat", "Attention"))
        + text[spot.end(1) :]
    )


def _many(random: Random, text: str) -> str:
    """A long list, or a long chain."""
    tokens = _tokens(text)
    place = _pick(random, tokens, _NUMBER)
    if place is not None:
        long = "[" + ", ".join(["2"] * random.choice((100, 10_001))) + "]"
        tokens[place] = random.choice((long, "+".join(["d"] * 150), "(" * 50 + "1" + ")" * 50))
    return "".join(tokens)


_MUTATIONS: tuple[Callable[[Random, str], str], ...] = (
    _swap,
    _rename,
    _rename,
    _number,
    _number,
    _value,
    _value,
    _delete_line,
    _repeat_line,
    _insert_line,
    _insert_line,
    _axis,
    _callee,
    _many,
)

"""All formats by name, with their options. `find` reads what a user writes: `nf4`, `gptq:bits=8,group=64`, `q4_k_m`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, NoReturn

from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.errors.suggest import did_you_mean
from archspec.formats import packed
from archspec.formats.packed import Matrix, Option, Options
from archspec.formats.recipes import RECIPES, Recipe
from archspec.formats.scope import Scope
from archspec.formats.tensors import Piece

Store = Callable[[Matrix, Options], list[Piece]]


@dataclass(frozen=True)
class Format:
    """A way to store weights.

    store: the tensors of one matrix. recipe: of a GGUF file, instead. options: what can be set, with its value.
    only, keep: paths (patterns) that take the place of `scope`, and paths that stay as they are.
    """

    name: str
    meaning: str
    store: Store | None = None
    recipe: Recipe | None = None
    scope: Scope = field(default_factory=Scope)
    options: Mapping[str, Option] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As a user would write it: `gptq:bits=8`, without the options that are as they come."""
        usual = FORMATS[self.name].options
        changed = [f"{name}={_shown(value)}" for name, value in self.options.items() if usual[name] != value]
        return f"{self.name}:{','.join(changed)}" if changed else self.name


FORMATS: dict[str, Format] = {}


def _format(name: str, meaning: str, store: Store, scope: Scope | None = None, **options: Option) -> None:
    FORMATS[name] = Format(name, meaning, store, None, scope or Scope(), options)


_format("gptq", "GPTQ as AutoGPTQ packs it", packed.gptq, bits=4, group=128)
_format("awq", "AWQ as AutoAWQ packs it (GEMM)", packed.awq, group=128)
_format("nf4", "bitsandbytes NF4; `double=1` quantises its scales too", packed.nf4, block=64, double=0)
_format("nf4-double", "bitsandbytes NF4 with double quantisation (QLoRA)", packed.nf4, block=64, double=1)
_format("fp4", "bitsandbytes FP4, stored as NF4 is", packed.nf4, block=64, double=0)
_format("bnb-int8", "bitsandbytes LLM.int8: a scale for each row", packed.int8)
_format("int8", "plain integers with a scale for each group of a row", packed.integers, bits=8, group=0, zeros=0)
_format("int4", "plain integers with scales and zero points", packed.integers, bits=4, group=128, zeros=1)
_format("fp8", "float8 with one scale for a matrix", packed.fp8, channel=0, block=0)
_format("fp8-channel", "float8 with a scale for each row", packed.fp8, channel=1, block=0)
_format("fp8-block", "float8 with a scale for each square of 128 (DeepSeek-V3)", packed.fp8, channel=0, block=128)
_format("mxfp4", "OCP MXFP4: 32 numbers share an exponent", packed.mxfp4)
_format("mxfp4-experts", "MXFP4 for the experts alone (gpt-oss)", packed.mxfp4, Scope(only_experts=True))
_format("nvfp4", "NVFP4: 16 numbers share a float8 scale", packed.nvfp4)
_format("pruned", "pruned to `density`, zeros stored", packed.dense, density=Fraction(1, 2))
_format("bitmask", "pruned to `density`, with a bit for each place", packed.bitmask, density=Fraction(1, 2))
_format("csr", "pruned to `density`, compressed sparse rows", packed.csr, density=Fraction(1, 2), index=64)
_format("2:4", "two of four pruned, as sparse tensor cores read it", packed.two_of_four)

for _recipe in RECIPES.values():
    FORMATS[_recipe.name.lower()] = Format(
        _recipe.name.lower(),
        f"GGUF {_recipe.name} as llama-quantize mixes it" if _recipe.quantises else f"GGUF {_recipe.name}",
        None,
        _recipe,
        options={"pure": 0} if _recipe.quantises else {},
    )


def find(text: str, only: tuple[str, ...] = (), keep: tuple[str, ...] = ()) -> Format:
    """The format that a text names. Raises `SpecError` with the nearest name."""
    name, options = _split(text.strip().lower())
    if name not in FORMATS:
        _fail("format-unknown", name=name, fix=did_you_mean(name, FORMATS))
    found = FORMATS[name]
    given: dict[str, Option] = dict(found.options)
    for part in filter(None, options.split(",")):
        key, _, value = part.partition("=")
        key = key.strip()
        if key not in found.options:
            choices = ", ".join(found.options) or "none"
            _fail("format-option", format=name, name=key, choices=choices, fix=did_you_mean(key, found.options))
        given[key] = _number(name, key, value.strip(), found.options[key])
    return replace(found, options=given, only=only, keep=keep)


def _split(text: str) -> tuple[str, str]:
    """Name and options: `2:4` has a colon of its own."""
    for name in sorted(FORMATS, key=len, reverse=True):
        if ":" in name and (text == name or text.startswith(name + ":")):
            return name, text[len(name) + 1 :]
    name, _, options = text.partition(":")
    return name, options


_CHOICES: dict[tuple[str, str], tuple[int, ...]] = {
    ("gptq", "bits"): (2, 3, 4, 8),
    ("csr", "index"): (32, 64),
}


def _number(name: str, key: str, text: str, usual: Option) -> Option:
    """The value of an option: a number of the kind that it usually is."""
    choices = _CHOICES.get((name, key))
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        _wrong(name, key, text, usual, choices)
    if isinstance(usual, Fraction):
        if not 0 <= value <= 1:
            _wrong(name, key, text, usual, choices)
        return value
    least = 1 if key in ("block", "bits", "index") and usual else 0
    flag = key in ("double", "zeros", "channel", "pure")
    fits = value.denominator == 1 and least <= value <= (1 if flag else 1 << 30)
    if not fits or (choices is not None and value not in choices):
        _wrong(name, key, text, usual, choices)
    return int(value)


def _wrong(name: str, key: str, text: str, usual: Option, choices: tuple[int, ...] | None) -> NoReturn:
    if choices is not None:
        wanted = "one of " + ", ".join(map(str, choices))
    elif isinstance(usual, Fraction):
        wanted = "a number from 0 to 1"
    else:
        wanted = "0 or 1" if key in ("double", "zeros", "channel", "pure") else "a number"
    _fail("format-value", format=name, name=key, value=text, wanted=wanted)


def _fail(kind: str, *, fix: str | None = None, **fields: Any) -> NoReturn:
    diagnostics = Diagnostics()
    diagnostics.error(kind, None, fix=fix, **fields)
    raise SpecError(list(diagnostics))


def _shown(value: Option) -> str:
    if isinstance(value, int):
        return str(value)
    return str(float(value)) if Fraction(str(float(value))) == value else str(value)

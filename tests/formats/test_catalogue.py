"""Names and options of formats, and what is said about wrong ones."""

from __future__ import annotations

import pytest

from archspec.errors.diagnostic import SpecError
from archspec.formats import FORMATS, find


@pytest.mark.parametrize("name", FORMATS)
def test_every_name_is_found(name: str) -> None:
    assert find(name).text == name
    assert find(name.upper()).name == name


@pytest.mark.parametrize(
    ("text", "kind", "message", "fix"),
    [
        ("q8_1", "format-unknown", "there is no weight format `q8_1`", "did you mean `q8_0`?"),
        ("gptq:bit=4", "format-option", "`gptq` has no option `bit`; it has bits, group", "did you mean `bits`?"),
        ("f16:pure=1", "format-option", "`f16` has no option `pure`; it has none", None),
        ("gptq:bits=5", "format-value", "`bits` of `gptq` cannot be `5`: it must be one of 2, 3, 4, 8", None),
        ("nf4:block=0", "format-value", "`block` of `nf4` cannot be `0`: it must be a number", None),
        ("nf4:double=2", "format-value", "`double` of `nf4` cannot be `2`: it must be 0 or 1", None),
        ("csr:density=2", "format-value", "`density` of `csr` cannot be `2`: it must be a number from 0 to 1", None),
        ("csr:density=x", "format-value", "`density` of `csr` cannot be `x`: it must be a number from 0 to 1", None),
        ("2:4:index=1", "format-option", "`2:4` has no option `index`; it has none", None),
    ],
)
def test_wrong_ones(text: str, kind: str, message: str, fix: str | None) -> None:
    with pytest.raises(SpecError) as raised:
        find(text)
    (one,) = raised.value.diagnostics
    assert (one.id, one.message, one.fix) == (kind, message, fix)


def test_two_of_four_has_a_colon_of_its_own() -> None:
    assert find("2:4").name == "2:4"

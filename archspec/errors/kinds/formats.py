"""Weight formats and their options."""

from __future__ import annotations

from archspec.errors.kinds.kind import Kind

KINDS = (
    Kind("format-unknown", "there is no weight format `{name}`", "See docs/formats.md for the names."),
    Kind(
        "format-option",
        "`{format}` has no option `{name}`; it has {choices}",
        "Options are written behind the name: `gptq:bits=8,group=64`.",
    ),
    Kind(
        "format-value",
        "`{name}` of `{format}` cannot be `{value}`: it must be {wanted}",
        "The value of an option of a weight format is a number.",
    ),
    Kind(
        "format-does-not-fit",
        "`{format}` cannot hold `{path}`: {size} is not a multiple of {divisor}",
        "The format packs so many weights together, or they share a scale. Some layers can be left as they are.",
    ),
)

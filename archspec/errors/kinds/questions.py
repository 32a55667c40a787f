"""Questions about a budget or a picture that have no answer."""

from __future__ import annotations

from archspec.errors.kinds.kind import Kind

KINDS = (
    Kind(
        "not-bytes",
        "`{value}` is not a number of bytes",
        "A budget is a number with a unit, `80GiB` or `1.5TB`, or a number of bytes. The units are B, KiB, MiB, GiB, TiB "
        "(powers of 1024) and kB, MB, GB, TB (powers of 1000).",
    ),
    Kind(
        "needs-budget",
        "nothing says what it should fit in",
        "Say `--budget 80GiB` or `--device H100`, or name a plan with a device.",
    ),
    Kind(
        "asked-and-given",
        "`{name}` is what is asked for, and it was given a value too",
        "The unknown of a question is the one symbol that has no value.",
    ),
    Kind(
        "not-a-number",
        "`{name}` of `{model}` is not an integer: it cannot be solved for",
        "Questions are about integers: axes, integer parameters, and the entries of lists of integers, such as `depths[0]`.",
    ),
    Kind(
        "needs-values",
        "{names} without a value: `{quantity}` is not a number yet",
        "A question has one unknown. Every other symbol that the quantity hangs on needs a number.",
    ),
    Kind(
        "no-value",
        "no `{name}` of `{model}` was found that meets its requirements: {rules}",
        "None of the first hundred thousand values does. A value given to another symbol may be in the way.",
    ),
    Kind(
        "nothing-to-plot",
        "`{model}` can have no `{name}` from {low} to {high}: {rules}",
        "A picture shows the values of a range that meet the requirements of the model.",
    ),
    Kind(
        "no-moments",
        "a training step of a pipeline has no time points: only what its first stage holds at most is known",
        "Show it over a symbol instead: `--over B=1..64`.",
    ),
    Kind(
        "needs-matplotlib",
        "pictures need matplotlib, which is not there: `pip install 'archspec-lang[plot]'`",
        "matplotlib is an extra, for most uses of archspec need none.",
    ),
    Kind(
        "wrong-range",
        "`{text}` is no range of a symbol, such as `S=512..131072`",
        "A range has a name, a first and a last value, which are positive whole numbers in this order.",
    ),
    Kind(
        "nothing-fits",
        "no `{name}` fits: with {name} = {value}, `{quantity}` is {needs} already, and the budget is {budget}",
        "The smallest value that the model can have is too large. A smaller precision, checkpointing, adapters or more "
        "devices may help.",
    ),
    Kind(
        "any-fits",
        "every `{name}` fits: `{quantity}` of `{model}` does not grow with it",
        "The quantity does not hang on the unknown, so that the budget sets no bound.",
    ),
    Kind(
        "does-not-grow",
        "`{quantity}` does not only grow with `{name}`: {low} needs {less}, {high} needs {more}",
        "A larger value can need less, so that there is no largest one up to which everything fits. "
        "`archspec size` with `--set` answers for single values.",
    ),
)

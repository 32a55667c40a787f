"""Names that mean nothing here, calls that do not fit, and values of the wrong kind."""

from __future__ import annotations

from archspec.errors.kinds.kind import Kind

KINDS = (
    Kind(
        "unknown-name",
        "nothing is named `{name}` here",
        "A name must be a parameter, an axis of the signature, a `where`, a parameter tensor, or assigned before it is used.",
    ),
    Kind(
        "unknown-layer",
        "there is no layer `{name}`",
        "A layer must stand in this file, in a file it uses, or in the library.",
    ),
    Kind(
        "unknown-argument", "`{layer}` has no parameter `{name}`", "Arguments by name must be parameters of the layer."
    ),
    Kind(
        "too-many-arguments", "`{layer}` takes at most {most} arguments", "More arguments by position than parameters."
    ),
    Kind(
        "argument-twice", "`{name}` of `{layer}` is given twice", "Once by position and once by name, or by name twice."
    ),
    Kind("missing-argument", "`{layer}` needs a value for `{name}`", "A parameter without default must be given."),
    Kind(
        "missing-value",
        "`{name}` of `{layer}` has no default: it needs a value ({kind})",
        "A model is sized with its integers as symbols; a flag, text, list or layer without default must be given.",
    ),
    Kind(
        "wrong-kind",
        "`{name}` of `{layer}` must be {kind}, not {found}",
        "The argument is not of the parameter's kind.",
    ),
    Kind("not-a-layer", "`{name}` is {found}, not a layer", "Behind `->` stands a layer, or an instance of one."),
    Kind("not-a-tensor", "a tensor is needed here, this is {found}", "Only tensors pass through layers."),
    Kind(
        "cache-without-positions",
        "{shape} has no axis of positions: only the last ones of a sequence can be cached",
        "`cache k, v last n` counts along the last axis but one, as in keys `[B, heads, S, width]`.",
    ),
    Kind("not-an-integer", "an integer is needed here, this is {found}", "Sizes, counts and indices are integers."),
    Kind("not-a-list", "a list is needed here, this is {found}", "`each`, `len`, `[i]` and `[a:b]` need a list."),
    Kind(
        "not-a-condition",
        "a condition is needed here, this is {found}",
        "Conditions are comparisons, flags, and `and`, `or`, `not` of them.",
    ),
    Kind(
        "cannot-compare",
        "{left} and {right} cannot be compared with `{op}`",
        "Compare numbers with numbers, texts with texts.",
    ),
    Kind("no-arithmetic", "`{op}` cannot be applied to {found}", "Arithmetic is for integers, reals and tensors."),
    Kind(
        "real-with-symbol",
        "`{op}` of a real number and a symbol is not an integer formula",
        "Formulas are exact integers: no real number may enter them.",
    ),
    Kind(
        "arithmetic",
        "this cannot be computed: {reason}",
        "An arithmetic rule is broken, such as the logarithm of a number that is not a power of two.",
    ),
    Kind("division-by-zero", "division by zero", "The divisor is 0."),
    Kind(
        "not-divisible",
        "`{left} / {right}` is not known to be an integer",
        "`/` on integers needs a proof that nothing is left over; `//` rounds down.",
    ),
    Kind(
        "no-integer",
        "`{text}` is {left} / {right}, which is no integer",
        "`/` on integers gives an integer; `//` rounds down.",
    ),
    Kind("bad-function-call", "`{name}` is called as `{usage}`", "A builtin function got the wrong arguments."),
    Kind("empty-list", "this list is empty", "`min` and `max` need at least one number."),
    Kind(
        "unknown-policy",
        "the policy has no `{name}`",
        "`policy.mode`, `policy.backend`, `policy.attention`, `policy.precision` and `policy.regime` can be asked.",
    ),
    Kind("no-attribute", "{found} has no part `{name}`", "`.name` is for `policy` and for files used under an alias."),
    Kind(
        "symbolic-index",
        "an index must be a number, `{index}` is a symbol",
        "Lists have a fixed length; what picks from them must be known.",
    ),
    Kind(
        "index-out-of-range",
        "there is no entry {index} in a list of {length}",
        "Entries are counted from 0; negative ones from the end.",
    ),
    Kind(
        "rebound-name",
        "`{name}` is {what} and cannot be assigned",
        "Tensors may be rebound; parameters, axes and indices may not.",
    ),
    Kind("unknown-dtype", "there is no precision `{name}`", "See the list of precisions in docs/language.md."),
    Kind(
        "instance-has-name",
        "`{name}` is a layer that was made already: it takes no arguments and no other name",
        "An instance is used again as it is.",
    ),
    Kind(
        "duplicate-instance", "there are two layers named `{name}` in this block", "Paths of parameters must be unique."
    ),
    Kind(
        "maps-parameters",
        "`{layer}` has parameters: it cannot be applied to {count} tensors at once",
        "A tuple maps over a layer with one input only if the layer has no parameters, as sharing them would be a surprise.",
    ),
    Kind(
        "unknown-symbol",
        "`{model}` has no parameter or axis `{name}`",
        "Values are given for the parameters and free axes of a model.",
    ),
    Kind(
        "wrong-axis-value",
        "the axis `{name}` must be a positive integer, not {value}",
        "Axes have at least one element.",
    ),
)

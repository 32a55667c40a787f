"""What is found without sizing a model: in declarations, spellings and tests of specs."""

from __future__ import annotations

from archspec.errors.kinds.kind import Kind

KINDS = (
    Kind(
        "declared-twice",
        "`{name}` is {what} already",
        "Parameters, inputs and outputs of a layer have names of their own.",
    ),
    Kind(
        "unknown-kind",
        "there is no kind `{name}`",
        "A parameter is of kind `dim` (a positive integer), `nat` (0 allowed), `int`, `real`, `flag`, `text`, `list`, `layer`, or "
        "`dims` (an integer or a list of them).",
    ),
    Kind(
        "two-stars",
        "`{name}` has two stars: which axes belong to which cannot be told",
        "A tensor has at most one `*`.",
    ),
    Kind(
        "function-of-input",
        "`*{name}(…)` computes axes, and those of an input are given",
        "A shape function stands in outputs and declarations. In an input `*rest` names the axes.",
    ),
    Kind(
        "unknown-external",
        "there is no external layer `{name}`",
        "External layers are built into archspec and declared in its library.",
    ),
    Kind(
        "view-of-no-input",
        "`{layer}` has no input `{name}`",
        "`view`, `strided` and `inplace` say of which input an output shares the memory.",
    ),
    Kind(
        "flops-without-backward",
        "`{layer}` has `flops`, but nothing says what its backward pass costs",
        "The backward pass costs one product as large as the forward one for each `u` of a `save … for u`. Without any, write `backward`.",
    ),
    Kind(
        "not-a-binding",
        "this is no call of {framework}: write {usage}",
        "How a framework spells a layer is a call of one of its modules or functions, or `none` and a reason.",
    ),
    Kind(
        "not-in-binding",
        "{found} has no place in a call of a framework",
        "Its arguments are literals, names of the layer, and arithmetic of them.",
    ),
    Kind(
        "unknown-namespace",
        "`{name}` is no namespace of this framework: it has {spaces}",
        "Spellings may call modules and functions of a few known namespaces only.",
    ),
    Kind(
        "unused-parameter",
        "`{layer}` never uses its parameter `{name}`",
        "A warning: what it is given changes nothing.",
    ),
    Kind("unused-where", "`{name}` is named, but never used", "A warning: a `where` that nothing asks for."),
    Kind(
        "too-many-errors",
        "there are more than {limit} errors; the rest is left out",
        "Mend some of them, and check again.",
    ),
    Kind(
        "unknown-given",
        "no model of this test has a parameter or axis `{name}`",
        "`given` sets parameters and axes of models, and the policy.",
    ),
    Kind("no-quantity", "`{name}` is a model, not a number", "Name a quantity of it, such as `.params`."),
    Kind(
        "unknown-path",
        "`{model}` has no layer at `{path}`",
        "Between a model and a quantity stands the path of a layer, as `archspec size MODEL --format csv` lists them.",
    ),
    Kind(
        "value-too-small",
        "`{name}` must be at least {least}, not {value}",
        "Axes and most parameters are positive integers; a parameter of kind `nat` may be 0.",
    ),
)

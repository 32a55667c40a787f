"""Shapes of tensors that do not fit, and outputs, parameters and bounds that are none."""

from __future__ import annotations

from archspec.errors.kinds.kind import Kind

KINDS = (
    Kind(
        "shape-mismatch",
        "`{layer}` wants `{axis}` = {wanted} in `{input}`, its input {shape} has {found}",
        "An axis that is bound already must have that size.",
    ),
    Kind(
        "wrong-rank",
        "`{input}` of `{layer}` has {wanted} axes, this tensor has {found}: {shape}",
        "The number of axes does not fit the signature.",
    ),
    Kind(
        "wrong-input-count",
        "`{layer}` takes {wanted} tensors, it got {found}",
        "Feed several tensors as a tuple: `(q, k, v) -> Attention`.",
    ),
    Kind(
        "wrong-target-count",
        "{wanted} names are assigned, there is {found} on the right",
        "The number of names must fit the number of values.",
    ),
    Kind(
        "output-not-assigned",
        "`{layer}` never assigns its output `{name}`",
        "Every output of a composite must be assigned on every path.",
    ),
    Kind(
        "output-mismatch",
        "`{name}` of `{layer}` is declared {wanted}, the body computes {found}",
        "The signature promises another shape than the body gives.",
    ),
    Kind(
        "open-axis",
        "an axis of `{name}` is `_`: its size is not known",
        "`_` matches an input; an output needs a size.",
    ),
    Kind("unbound-star", "`{name}` is not bound by any input", "A star in an output must stand in an input too."),
    Kind(
        "unknown-shape-function", "there is no shape function `{name}`", "The one shape function is `*broadcast(s, t)`."
    ),
    Kind(
        "cannot-broadcast",
        "{one} and {other} do not fit together, element by element: {axis} differ",
        "Axes are aligned at the right; they must be equal or 1.",
    ),
    Kind("cannot-concat", "{one} and {other} cannot be joined along axis {axis}", "All other axes must be equal."),
    Kind(
        "split-sizes",
        "the parts add up to {total}, the axis has {whole}",
        "The sizes of a split must add up to the axis.",
    ),
    Kind(
        "split-parts",
        "an axis of {whole} cannot be cut into {parts} equal parts",
        "`Split(n)` needs an axis that is a multiple of n.",
    ),
    Kind("no-parts", "nothing can be cut into {parts} parts", "`Split(n)` needs at least one part."),
    Kind("no-such-axis", "there is no axis {dim} in {shape}", "Axes are counted from 0, or from -1 at the end."),
    Kind("no-signature", "`{name}` has no signature", "A layer begins with its signature: `x[B, d] -> y[B, d]`."),
    Kind(
        "external-alone",
        "`{name}` is external: it cannot be sized by itself",
        "An external layer's rule needs tensors from a layer that calls it.",
    ),
    Kind(
        "parameter-depends-on-input",
        "`{parameter}` of `{layer}` would depend on `{axis}`, an {meaning}",
        "Parameters are made before any input is seen.",
    ),
    Kind(
        "not-a-bound",
        "`{name}` is not known to have at most the size {shape}",
        "`at_most(n)` stands for a number that is n or less. What is taken away from something, or divides it, makes it "
        "larger the smaller it is: then nothing is known of its size.",
    ),
    Kind(
        "bounded-shape",
        "the shape of `{name}`, which `{layer}` gives, is only known to be at most something",
        "`at_most(n)` is for what a layer holds: axes of parameters and buffers, and counts of layers. Tensors that pass "
        "from layer to layer have one size.",
    ),
    Kind(
        "shared-shape",
        "`{path}` was made with shape {before}, here it would be {now}",
        "A layer that is used twice shares its parameters.",
    ),
    Kind(
        "tie-shapes",
        "`{left}` is {left_shape} and `{right}` is {right_shape}: they cannot share their storage",
        "Tied parameters have equal shapes.",
    ),
    Kind(
        "no-such-parameter",
        "there is no parameter `{path}` here",
        "`tie` names parameters by their path from the block it stands in.",
    ),
)

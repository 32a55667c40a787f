"""Conditions, loops, statements in the wrong kind of layer, limits of the engine; and what is asked of a model."""

from __future__ import annotations

from archspec.errors.kinds.kind import Kind

KINDS = (
    Kind("require-failed", "{message} ({condition} does not hold)", "A `require` of the layer or model is violated."),
    Kind(
        "undecidable-condition",
        "`{condition}` cannot be decided: {names} can be anything",
        "A condition that decides the wiring must be provable, or hang on symbols that have a value.",
    ),
    Kind("negative-count", "a layer cannot be repeated {count} times", "The count of `repeat` is 0 or more."),
    Kind(
        "loop-shape",
        "`{name}` has no closed form over the turns: {shapes}",
        "Shapes in a `repeat` may stay, grow by a constant step or factor, or be divided by one.",
    ),
    Kind(
        "carried-not-tensor",
        "`{name}` is a tensor before the loop and something else after a turn",
        "What passes from turn to turn must stay a tensor.",
    ),
    Kind(
        "carried-tuple",
        "`{name}` is several tensors, which do not pass from turn to turn under one name",
        "Give each of them a name of its own before the loop: `q, k = pair`.",
    ),
    Kind(
        "overwrites-kept",
        "`{layer}` overwrites a tensor that is kept for the backward pass",
        "An in-place layer may not overwrite what an earlier layer needs for its gradient.",
    ),
    Kind(
        "unknown-save-target",
        "`{layer}` has no input or parameter `{name}` whose gradient could need this",
        "`save t for u`: u is an input or a parameter.",
    ),
    Kind(
        "not-in-primitive",
        "this statement has no place in `{layer}`, which wires nothing",
        "A layer that assigns none of its outputs only declares.",
    ),
    Kind(
        "not-in-composite",
        "this statement has no place in `{layer}`, which is wired from other layers",
        "`save`, `view` and `flops` belong to primitives.",
    ),
    Kind("number-too-large", "this number is too large (more than {limit} bits)", "Integers are exact, and limited."),
    Kind(
        "exponent-too-large",
        "a formula can be raised to the power {limit} at most",
        "A limit that keeps formulas small enough to write down.",
    ),
    Kind(
        "formula-too-large",
        "this formula would have more than {limit} terms or factors",
        "A limit that keeps the engine from running for ever.",
    ),
    Kind(
        "list-too-long",
        "lists have at most {limit} entries here",
        "A limit that keeps the engine from running for ever.",
    ),
    Kind(
        "too-deep-calls",
        "layers call layers more than {limit} deep",
        "Recursion on a list must end; this one is too deep.",
    ),
    Kind(
        "too-deep-loops",
        "loops stand in loops more than {limit} deep",
        "Those of the layers that are called in them count, too.",
    ),
    Kind(
        "too-many-calls",
        "this takes more than {limit} calls of layers and turns of loops",
        "`each` unrolls its loop, `repeat` does not. Layers that call themselves twice grow without end, too.",
    ),
    Kind("unknown-quantity", "there is no quantity `{name}`", "See docs/quantities.md for the names."),
    Kind(
        "unknown-model",
        "there is no model `{name}`",
        "A SPEC is a file, `FILE:NAME`, or a name of the zoo: `archspec list` shows them.",
    ),
    Kind(
        "which-model",
        "`{file}` has several models, of which one must be named: {names}",
        "Name one of them: `FILE:NAME`.",
    ),
    Kind("no-model", "`{file}` has no model", "A file to be sized has a `model` in it."),
    Kind("test-failed", "{left} {op} {right} does not hold: it is {found}", "A condition of a `test` block is false."),
    Kind("test-open", "{left} has no number: there is no value for {names}", "Give the values with `given`."),
    Kind(
        "unknown-value", "`{name}` cannot be `{value}`; it is one of {choices}", "A policy has a fixed set of choices."
    ),
)

"""Plans: sharding, optimizers, freezing and adapters; files of weights that need numbers or a recipe."""

from __future__ import annotations

from archspec.errors.kinds.kind import Kind

KINDS = (
    Kind(
        "unknown-shard",
        "there is no way of sharding called `{kind}`: it is one of {known}",
        "`shard columns` cuts a matrix so that each device makes some of the outputs, `shard rows` so that each takes some "
        "of the inputs, `shard vocabulary` cuts a table of vectors.",
    ),
    Kind(
        "no-such-layer",
        "there is no layer `{name}` here",
        "A `shard` statement names layers of the same block, made before it.",
    ),
    Kind(
        "shard-axis-of-layer",
        "`{name}` is a layer, which says itself that `{axis}` or another axis is cut",
        "Axes stand in the `shard` lines of primitives: `shard columns weight[out], bias[out]`. A composite names layers.",
    ),
    Kind(
        "cannot-shard",
        "`{name}`, a `{layer}`, does not say how it is cut by {kind}",
        "A layer whose weights several devices can share says so in its own block: `shard columns weight[out], bias[out]`.",
    ),
    Kind(
        "shard-mismatch",
        "`{name}` is cut over the devices where it enters a loop or an addition, and whole where it comes round",
        "After `shard columns` there must be a `shard rows`, which brings the parts together, before the result is added "
        "to something whole or leaves the model's loop.",
    ),
    Kind(
        "file-needs-numbers",
        "the size of a file is counted name by name: there is no value for {names}",
        "Give the missing sizes with `--set`. The bytes of the tensors alone have a formula: `memory.weights`.",
    ),
    Kind(
        "not-a-recipe",
        "a GGUF file has weights in one of llama.cpp's recipes, and `{name}` is none",
        "Choose one: `--weights q4_k_m`. `docs/formats.md` lists them.",
    ),
    Kind(
        "no-axis-to-cut",
        "`{name}` is cut along one of its axes, which must be named: it has {axes}",
        "A primitive says which axis of a parameter several devices share: `shard columns weight[out], bias[out]`.",
    ),
    Kind(
        "wrong-plan-value",
        "`{name}` cannot be {value}: it must be {wanted}",
        "Numbers in plans are counts of devices, of layers, of ranks; a rate is at least 0 and below 1.",
    ),
    Kind(
        "no-such-plan",
        "{file} has no plan `{name}`",
        "A `plan` stands in a file of specs; `archspec size FILE --plan NAME` sizes the file's model, or the model that the "
        "plan is for, as it says.",
    ),
    Kind(
        "needs-optimizer",
        "`{name}` is known only for a model that is trained",
        'Say which optimizer trains it: `--train adamw`, `optimizer adamw` in a plan, `train="adamw"` in Python.',
    ),
    Kind(
        "nothing-of-that-name",
        "no layer or parameter of `{model}` is called `{name}`",
        "A plan freezes, checkpoints or adapts layers by their kind (`Block`), their name (`q_proj`) or their path "
        "(`h.*`), patterns as a shell has them.",
    ),
    Kind(
        "not-adaptable",
        "`{path}`, a `{layer}`, cannot have a low-rank adapter",
        "An adapter stands beside a layer with one input and a weight of two axes, such as `Linear`.",
    ),
)

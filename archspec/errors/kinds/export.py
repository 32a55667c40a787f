"""What cannot be written as the source of a framework, and values from outside that do not fit."""

from __future__ import annotations

from archspec.errors.kinds.kind import Kind

KINDS = (
    Kind(
        "export-unspelled",
        "`{layer}` has no {framework} spelling, and no body to write out",
        "An exported model is made from the spellings in the layer library. Add a line `torch …` to the layer, or give it a body.",
    ),
    Kind(
        "export-none",
        "`{layer}` has no equal in {framework}: {reason}",
        "The layer's block says so, with `none` and the reason.",
    ),
    Kind(
        "export-not-allowed",
        "the spelling of `{layer}` calls `{name}`, which is not among what spellings may call",
        "Spellings may call the layers and tensor functions of a framework, nothing that reads files or runs code.",
    ),
    Kind(
        "export-runtime",
        "`{name}` is known only when `{layer}` runs, and its layers are made before that",
        "Give the size to the model as a parameter.",
    ),
    Kind(
        "export-size",
        "a size that `{layer}` is made with cannot be told from `{layer}` alone",
        "Sizes of layers must follow from the parameters of the layer around them and from the axes that its signature names.",
    ),
    Kind(
        "export-expression",
        "`{shown}` cannot be written in Python",
        "Only numbers, names and functions of them can be exported.",
    ),
    Kind(
        "export-member",
        "this cannot be called `{name}` in PyTorch: it is a word of Python, or an attribute of every module",
        "Choose another name with `as`.",
    ),
    Kind(
        "export-template",
        "`{layer}` gets a layer from a list or a choice, or one made before, which is not exported",
        "A layer that takes a layer is exported where that is named in the call, as in `Ensemble(5, Linear(d))`. Write the "
        "others out in place.",
    ),
    Kind(
        "export-estimator",
        "`{layer}` has no `sklearn` line of its own",
        "scikit-learn has whole estimators, not layers that could be joined. A model says which one it is, as in "
        "`sklearn tree.DecisionTreeClassifier(max_depth = depth)`.",
    ),
    Kind("export-layer", "`{name}` has no signature", "A layer without one cannot be exported."),
    Kind(
        "export-statement",
        "this statement of `{layer}` cannot be exported: {reason}",
        "What it needs is known only in the whole model.",
    ),
    Kind(
        "export-loop",
        "this loop in `{layer}` cannot be exported: its tensors change in a way that has no plain form",
        "Unroll it.",
    ),
    Kind(
        "wrong-value",
        "`{name}` of `{model}` must be {wanted}, not {found}",
        "A value from the command line or from Python is not of the kind that the parameter wants.",
    ),
    Kind(
        "empty-size",
        "`{layer}` would make a tensor without elements: its size {size} would be {value}",
        "The given sizes are too small for the model: a convolution or pooling has nothing left to read.",
    ),
)

"""How files and their definitions fit together: `use`, names that are taken, circles."""

from __future__ import annotations

from archspec.errors.kinds.kind import Kind

KINDS = (
    Kind(
        "use-outside",
        "`{path}` lies outside the folder of the main file",
        "A file may use files in the folder of the main file and below it, and those of the library. Links are followed "
        "before this is judged.",
    ),
    Kind(
        "use-circle",
        "files use each other in a circle: {circle}",
        "Move what both files need into a third one.",
    ),
    Kind(
        "duplicate-definition",
        "`{name}` is defined twice",
        "In one file a name is given once, to a layer, a model, a variant, or a file used `as` it.",
    ),
    Kind(
        "ambiguous-use",
        "`{name}` comes from both `{first}` and `{second}`",
        "Two files that are used define the same name. Use one of them `as` a name, and write `name.{name}`.",
    ),
    Kind(
        "hides-primitive",
        "this `{name}` hides the library's primitive in this file",
        "A file's own layer wins over one of the library. Where the library's is a primitive, much is known of it that a "
        "layer of the same name does not have; another name avoids confusion.",
    ),
    Kind("variant-circle", "`{name}` is a variant of itself", "Variants must end at a model."),
)

"""A model as a PyTorch file."""

from __future__ import annotations

import re

from archspec.export import names
from archspec.export.observe import observe
from archspec.export.project import Project
from archspec.export.templates import Templates
from archspec.model import Model
from archspec.policy import Policy
from archspec.syntax import tree


def to_torch(model: Model, policy: Policy) -> str:
    """The source of a model: a class for each of its layers, which only PyTorch is needed to run.

    Raises `SpecError` for a layer that PyTorch cannot express or that the spec gives no spelling for.
    """
    templates = Templates("torch")
    model = templates.settled(model)
    project = Project(observe(model, policy), policy, titles=templates.titles)
    reserve(project, model)
    built = project.composite(model.definition)
    texts = [*project.helper_texts, *project.texts]
    made = variant(project, model, built.name)
    body = "\n\n\n".join([*texts, *([made] if made else [])])
    return f"{_head(model, policy, body)}\n\n\n{body}\n"


def reserve(project: Project, model: Model) -> None:
    """Names that the spec uses inside its layers are not given to functions of the file, which they would hide."""
    definitions = [use.definition for use in project.observed.uses.values()]
    for definition in [*definitions, model.definition]:
        waiting: list[object] = [definition.layer]
        while waiting:
            node = waiting.pop()
            if isinstance(node, tree.Name | tree.Formal | tree.TensorDecl | tree.Where):
                project.reserve(definition, node.name)
            if isinstance(node, tree.Node):
                waiting.extend(vars(node).values())
            elif isinstance(node, tuple):
                waiting.extend(node)


def variant(project: Project, model: Model, class_name: str) -> str | None:
    """The function that makes a variant: the class with the variant's arguments."""
    if model.name == model.definition.layer.name:
        return None
    name = project.class_name(names.identifier(model.name))
    given = {key: _literal(value) for key, value in model.defaults.items()}
    inner = ", ".join(f"{names.text(key)}: {value}" for key, value in given.items())
    shown = ", ".join(f"{key} = {value}" for key, value in given.items())
    said = f"`{class_name}` with {shown}; `changes` come before these." if given else f"`{class_name}` as published."
    lines = [f"def {name}(**changes: Any) -> {class_name}:", *names.docstring(said, "    ")]
    if given:
        lines.append(f"    settings: dict[str, Any] = {{{inner}, **changes}}")
        lines.append(f"    return {class_name}(**settings)")
    else:
        lines.append(f"    return {class_name}(**changes)")
    return "\n".join(lines)


def _literal(value: object) -> str:
    from fractions import Fraction

    if isinstance(value, tuple):
        inner = ", ".join(_literal(one) for one in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, str):
        return names.text(value)
    if isinstance(value, bool | int | Fraction):
        return names.number(value)
    return "None"


def _head(model: Model, policy: Policy, body: str) -> str:
    title = names.comment(model.doc or model.definition.layer.doc or "")
    about = f"`{names.checked(model.name)}`, written by archspec from `{_file(model)}`."
    notes = (
        f"Attention is `{policy.attention}`. Weights are new: matrices are drawn with a deviation of 0.02 or as "
        "PyTorch does, scales are 1 and biases 0. State dicts have the paths of the spec."
    )
    doc = names.docstring("\n\n".join(part for part in (title, about, notes) if part), "")
    imports = ["from __future__ import annotations", ""]
    standard = []
    if re.search(r"\bmath\.", body):
        standard.append("import math")
    if "Sequence[" in body:
        standard.append("from collections.abc import Sequence")
    if re.search(r"\bAny\b", body):
        standard.append("from typing import Any")
    if standard:
        imports.extend([*standard, ""])
    imports.append("import torch" if re.search(r"\btorch\.", body) else "")
    tensor = "Tensor, nn" if re.search(r"\bTensor\b", body) else "nn"
    imports.append(f"from torch import {tensor}")
    if re.search(r"\bF\.", body):
        imports.append("from torch.nn import functional as F")
    lines = [line for index, line in enumerate(imports) if line or index != len(imports) - 2]
    return "\n".join([*doc, "", *lines])


def _file(model: Model) -> str:
    name = model.source.name.replace("\\", "/").rpartition("/")[2]
    return names.comment(name)

"""A model as a Keras file. Images have their channels last there."""

from __future__ import annotations

import re

from archspec.export import names
from archspec.export.dialect import KERAS
from archspec.export.observe import observe
from archspec.export.project import Project
from archspec.export.pytorch import reserve, variant
from archspec.export.templates import Templates
from archspec.model import Model
from archspec.policy import Policy


def to_keras(model: Model, policy: Policy) -> str:
    """The source of a model: classes which only Keras is needed to run.

    Raises `SpecError` for a layer that Keras has no equal of, with the reason that the library gives.
    """
    templates = Templates("keras")
    model = templates.settled(model)
    project = Project(observe(model, policy), policy, KERAS, titles=templates.titles)
    reserve(project, model)
    built = project.composite(model.definition)
    made = variant(project, model, built.name)
    body = "\n\n\n".join([*project.helper_texts, *project.texts, *([made] if made else [])])
    return f"{_head(model, body)}\n\n\n{body}\n"


def _head(model: Model, body: str) -> str:
    title = names.comment(model.doc or model.definition.layer.doc or "")
    source = names.comment(model.source.name.replace("\\", "/").rpartition("/")[2])
    about = f"`{names.checked(model.name)}`, written by archspec from `{source}`."
    notes = "Images have their channels last. Layers make their weights when they are first called."
    doc = names.docstring("\n\n".join(part for part in (title, about, notes) if part), "")
    imports = ["from __future__ import annotations", ""]
    standard = ["import math"] if re.search(r"\bmath\.", body) else []
    if "Sequence[" in body:
        standard.append("from collections.abc import Sequence")
    if re.search(r"\bAny\b", body):
        standard.append("from typing import Any")
    return "\n".join([*doc, "", *imports, *standard, *([""] if standard else []), "import keras"])

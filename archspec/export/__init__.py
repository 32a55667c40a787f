"""Models as source of a framework, or as JSON: generated from the spellings in the layer library."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archspec.model import Model
    from archspec.policy import Policy

TARGETS = ("torch", "keras", "json", "sklearn")


def export(model: Model, to: str, policy: Policy | None = None) -> str:
    """A model as source of `torch`, `keras` or `sklearn` (one estimator), or its elaborated form as `json`.

    Raises `SpecError` where the framework has no equal of a layer, and `ValueError` for another target.
    """
    from archspec.policy import Policy

    policy = policy or Policy()
    if to == "torch":
        from archspec.export.pytorch import to_torch

        return to_torch(model, policy)
    if to == "keras":
        from archspec.export.keras import to_keras

        return to_keras(model, policy)
    if to == "sklearn":
        from archspec.export.estimator import to_sklearn

        return to_sklearn(model, policy)
    if to == "json":
        from archspec.export.elaborated import to_json

        return to_json(model, policy)
    raise ValueError(f"`to` is one of {', '.join(TARGETS)}, not {to!r}")

"""Estimators of scikit-learn, made from the source that archspec exports and fitted on random rows."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np

import archspec
from archspec.export import export
from archspec.model import Model


def load(model: str | Model) -> Model:
    """A model of the zoo, or one that is loaded already."""
    return model if isinstance(model, Model) else archspec.load(model)


def maker(model: str | Model) -> Callable[..., Any]:
    """The function that a model exports."""
    namespace: dict[str, Any] = {}
    exec(export(load(model), "sklearn"), namespace)
    functions = [value for value in namespace.values() if callable(value) and not isinstance(value, type)]
    assert len(functions) == 1
    return functions[0]


def make(model: str | Model, **settings: Any) -> Any:
    """The estimator that a model exports, unfitted; `settings` are for the function that makes it."""
    return maker(model)(**settings)


def rows(count: int, features: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of noise, and classes that have nothing to do with them: a tree must go on to its limit."""
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(classes), random.integers(0, classes, count - classes)])
    return random.random((count, features), dtype=np.float32), labels


def arrays(tree: Any) -> int:
    """Bytes of the two arrays that a fitted tree is."""
    state = tree.tree_.__getstate__()
    assert state["nodes"].shape == (tree.tree_.node_count,)
    return int(state["nodes"].nbytes + state["values"].nbytes)


def files(estimator: Any) -> tuple[int, int]:
    """Bytes of the two files that people keep an estimator in: pickle's and joblib's."""
    kept = io.BytesIO()
    joblib.dump(estimator, kept)
    return len(pickle.dumps(estimator)), len(kept.getvalue())

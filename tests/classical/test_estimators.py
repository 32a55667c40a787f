"""Regressions and models that keep rows: their arrays and files, against fitted estimators."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

import archspec  # noqa: E402  # after scikit-learn is known to be there
from archspec.check.bindings import NAMESPACES  # noqa: E402
from archspec.errors.diagnostic import SpecError  # noqa: E402
from archspec.export import export  # noqa: E402
from archspec.export.allowed import SKLEARN  # noqa: E402
from archspec.library import standard  # noqa: E402
from archspec.loading import load_text  # noqa: E402
from archspec.syntax import tree  # noqa: E402
from tests.classical import fitted  # noqa: E402

ROWS, FEATURES = 150, 6


def of_layer(call: str, inputs: str = "x[B, features]") -> Any:
    """A model of one layer of the library; the parameters of `call` are given as numbers."""
    return load_text(f"model M(features = {FEATURES}) {{ {inputs} -> y[*]\n y = x -> {call} }}")


@pytest.mark.parametrize("targets", [1, 3])
def test_linear_regression(targets: int) -> None:
    x, _ = fitted.rows(ROWS, FEATURES, 2)
    model = fitted.make("LinearRegression").fit(x, x[:, :targets])
    report = archspec.load("LinearRegression").size(features=FEATURES, targets=targets)
    assert report["params"] == model.coef_.size + np.size(model.intercept_)
    # Of float32 rows, float32 coefficients: the policy's `fp32`.
    assert report["memory.weights"] == model.coef_.nbytes + np.asarray(model.intercept_).nbytes


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_logistic_regression(classes: int) -> None:
    model = fitted.make("LogisticRegression").fit(*fitted.rows(ROWS, FEATURES, classes))
    report = archspec.load("LogisticRegression").size(features=FEATURES, classes=classes)
    assert report["params"] == model.coef_.size + model.intercept_.size


@pytest.mark.parametrize("model", ["SelectedLinearRegression", "SelectedLogisticRegression"])
def test_on_selected_features(model: str) -> None:
    x, y = fitted.rows(ROWS, 13, 3)
    columns = np.array([0, 2, 3, 8, 12])
    estimator = fitted.make(model).fit(x[:, columns], y)
    report = archspec.load(model).size(columns=13, features=5)
    assert report["params"] == estimator.coef_.size + np.size(estimator.intercept_)
    assert report["buffers"] == columns.size
    assert report["flops.forward"] is None
    flops = archspec.load(model).size(columns=13, features=5, B=7)["flops.forward"]
    assert flops == 2 * 7 * estimator.coef_.size


def test_more_features_than_columns() -> None:
    with pytest.raises(SpecError, match="fewer features than should be selected"):
        archspec.load("SelectedLinearRegression").size(columns=3, features=4)


LAYERS = [
    ("NearestNeighbors({rows}, {classes})", "neighbors.KNeighborsClassifier", {"algorithm": "brute"}, ["_fit_X", "_y"]),
    ("Centers(4, {rows})", "cluster.KMeans", {"n_clusters": 4, "n_init": 1}, ["cluster_centers_", "labels_"]),
    (
        "PrincipalComponents(4)",
        "decomposition.PCA",
        {"n_components": 4},
        ["mean_", "components_", "explained_variance_", "explained_variance_ratio_", "singular_values_"],
    ),
    ("GaussianBayes({classes})", "naive_bayes.GaussianNB", {}, ["theta_", "var_", "class_count_", "class_prior_"]),
]


@pytest.mark.parametrize(("call", "name", "settings", "kept"), LAYERS, ids=[case[1] for case in LAYERS])
@pytest.mark.parametrize("classes", [2, 5])
def test_arrays_of_layers(call: str, name: str, settings: dict[str, Any], kept: list[str], classes: int) -> None:
    x, y = fitted.rows(ROWS, FEATURES, classes)
    estimator = _class(name)(**settings).fit(x, y)
    weights = of_layer(call.format(rows=ROWS, classes=classes)).size()["memory.weights"]
    assert weights == sum(getattr(estimator, attribute).nbytes for attribute in kept)
    assert all(weights < size < weights + 2048 for size in fitted.files(estimator))


@pytest.mark.parametrize("classes", [2, 4])
def test_support_vectors(classes: int) -> None:
    x, y = fitted.rows(ROWS, FEATURES, classes)
    machine = _class("svm.SVC")().fit(x, y)
    count = len(machine.support_)
    arrays = [machine.support_, machine.support_vectors_, machine.dual_coef_, machine.intercept_]
    arrays += [machine._dual_coef_] if classes == 2 else []
    known = of_layer(f"SupportVectors({classes}, {count})").size()
    assert known["memory.weights"] == sum(array.nbytes for array in arrays)
    assert known.is_exact("memory.weights")
    before = of_layer(f"SupportVectors({classes}, at_most({ROWS}))").size(B=1)
    assert before["memory.weights"] >= known["memory.weights"]
    assert not before.is_exact("memory.weights")
    assert not before.is_exact("flops.forward")


def test_what_may_be_spelled_exists() -> None:
    assert set(NAMESPACES["sklearn"]) == set(SKLEARN)
    for space, names in SKLEARN.items():
        for name in names.split():
            assert inspect.isclass(_class(f"{space}.{name}"))


def test_every_estimator_of_the_library_can_be_made() -> None:
    made = set()
    library = standard()
    for name in [*library.names("layer"), *library.names("model")]:
        found = library.find(name)
        assert found is not None
        layer = found[0]
        spelled = isinstance(layer, tree.Layer) and any(
            isinstance(one, tree.Binding) and one.framework == "sklearn" and one.call is not None for one in layer.body
        )
        if not spelled:
            continue
        function = fitted.maker(name)
        open_ones = [one.name for one in inspect.signature(function).parameters.values() if one.default is one.empty]
        made.add(type(function(**dict.fromkeys(open_ones, 3))).__name__)
    assert {"DecisionTreeClassifier", "RandomForestClassifier", "LinearRegression", "KMeans", "SVC"} <= made


def test_what_is_no_estimator_says_so() -> None:
    with pytest.raises(SpecError, match="`MLP` has no `sklearn` line of its own"):
        export(archspec.load("mlp"), "sklearn")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("sklearn tree.export_graphviz(n)", "not among what spellings may call"),
        ("sklearn os.system(n)", "os"),
        ("sklearn tree.DecisionTreeClassifier(n)[0]", "an estimator is one call"),
        ("sklearn tree.DecisionTreeClassifier(max_depth = B)", "`B` cannot be written"),
        ('sklearn none "there is none"', "there is none"),
    ],
)
def test_hostile_spellings_are_refused(line: str, error: str) -> None:
    model = load_text(f"model M(n = 4) {{ x[B, n] -> y[B, n]\n y = x -> ReLU\n {line} }}")
    with pytest.raises(SpecError, match=error):
        export(model, "sklearn")


def _class(name: str) -> Any:
    import importlib

    space, _, attribute = name.partition(".")
    return getattr(importlib.import_module(f"sklearn.{space}"), attribute)

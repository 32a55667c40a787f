"""Trees and forests that scikit-learn grew: their nodes and bytes, exact by leaves, bounded by depth and rows."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn")

import archspec  # after scikit-learn is known to be there
from archspec.loading import load_text
from tests.classical import fitted

ESTIMATOR = 2048
"""Bytes of a file that are not arrays: names, settings and classes of an estimator …"""
TREE = 1024
"""… and the same for each tree in it."""

REGRESSION = load_text(
    """
    model Regression(features = 4, targets = 1, leaves = 16) {
      x[B, features] -> y[B, targets]
      y = x -> TreeRegressor(leaves, targets) as tree
      sklearn tree.DecisionTreeRegressor(max_leaf_nodes = leaves)
    }
    """
)
FULL = load_text(
    """
    model Full(features = 1, depth = 5) {
      x[B, features] -> y[B, 1]
      y = x -> TreeRegressor(at_most(2**depth)) as tree
      sklearn tree.DecisionTreeRegressor(max_depth = depth)
    }
    """
)
FOREST = load_text(
    """
    model Forest(features = 4, targets = 1, trees = 3, leaves = 16) {
      x[B, features] -> y[B, targets]
      y = x -> ForestRegressor(trees, leaves, targets) as forest
      sklearn ensemble.RandomForestRegressor(n_estimators = trees, max_leaf_nodes = leaves)
    }
    """
)


@pytest.mark.parametrize(("leaves", "features", "classes"), [(2, 3, 2), (7, 5, 3), (16, 4, 3), (50, 8, 10)])
def test_a_classifier_by_leaves(leaves: int, features: int, classes: int) -> None:
    report = archspec.load("DecisionTree").size(features=features, classes=classes, leaves=leaves, B=10)
    tree = fitted.make("DecisionTree", leaves=leaves).fit(*fitted.rows(400, features, classes))
    assert tree.get_n_leaves() == leaves
    assert tree.tree_.node_count == 2 * leaves - 1
    assert tree.tree_.__getstate__()["nodes"].itemsize == 64
    assert report["memory.weights"] == fitted.arrays(tree)
    assert report["params"] == report["flops.forward"] == 0
    assert report.is_exact("memory.weights")
    assert report["activations.outputs"] == tree.predict_proba(np.zeros((10, features), np.float32)).nbytes


@pytest.mark.parametrize(("leaves", "targets"), [(2, 1), (9, 1), (16, 3)])
def test_a_regression_tree_by_leaves(leaves: int, targets: int) -> None:
    x, _ = fitted.rows(300, 4, 2)
    tree = fitted.make(REGRESSION, leaves=leaves).fit(x, np.random.default_rng(1).random((300, targets)))
    report = REGRESSION.size(leaves=leaves, targets=targets)
    assert tree.tree_.node_count == 2 * leaves - 1
    assert report["memory.weights"] == fitted.arrays(tree)


@pytest.mark.parametrize("depth", [1, 3, 6])
def test_a_full_tree_reaches_the_bound_of_its_depth(depth: int) -> None:
    # Equal steps: the variance is cut most in the middle, at every level, so the tree is full.
    x = np.arange(2**depth, dtype=np.float32)[:, None]
    tree = fitted.make(FULL, depth=depth).fit(x, x[:, 0])
    assert tree.tree_.node_count == 2 ** (depth + 1) - 1
    report = FULL.size(depth=depth)
    assert report["memory.weights"] == fitted.arrays(tree)
    assert not report.is_exact("memory.weights")


@pytest.mark.parametrize("depth", [2, 5, 9])
def test_other_trees_stay_below_it(depth: int) -> None:
    tree = fitted.make("DecisionTreeOfDepth", depth=depth).fit(*fitted.rows(200, 4, 3))
    bound = archspec.load("DecisionTreeOfDepth").size(depth=depth)
    assert tree.get_depth() == depth
    assert fitted.arrays(tree) <= bound["memory.weights"]
    assert not bound.is_exact("memory.weights")
    assert not bound.is_exact("buffers")
    assert bound.is_exact("params")
    assert bound.is_exact("activations.outputs")


def test_by_rows() -> None:
    bound = archspec.load("DecisionTreeOfRows").size(rows=64, features=1, classes=2)
    x = np.arange(64, dtype=np.float32)[:, None]
    alternating = fitted.make("DecisionTreeOfRows").fit(x, np.arange(64) % 2)  # every row is a leaf
    assert fitted.arrays(alternating) == bound["memory.weights"]
    halves = fitted.make("DecisionTreeOfRows").fit(x, np.arange(64) // 32)
    assert halves.tree_.node_count == 3
    assert not bound.is_exact("memory.weights")


@pytest.mark.parametrize(("trees", "leaves", "classes"), [(1, 4, 2), (5, 16, 3)])
def test_a_forest_by_leaves(trees: int, leaves: int, classes: int) -> None:
    forest = fitted.make("RandomForest", trees=trees, leaves=leaves).fit(*fitted.rows(300, 4, classes))
    report = archspec.load("RandomForest").size(trees=trees, leaves=leaves, classes=classes)
    assert [one.tree_.node_count for one in forest.estimators_] == [2 * leaves - 1] * trees
    assert report["memory.weights"] == sum(map(fitted.arrays, forest.estimators_))
    assert report.is_exact("memory.weights")


def test_a_forest_of_regression_trees() -> None:
    x, _ = fitted.rows(300, 4, 2)
    forest = fitted.make(FOREST, trees=4, leaves=8).fit(x, x[:, :2] + x[:, 2:])
    assert FOREST.size(trees=4, leaves=8, targets=2)["memory.weights"] == sum(map(fitted.arrays, forest.estimators_))


@pytest.mark.parametrize("model", ["RandomForestOfDepth", "RandomForestOfRows"])
def test_forests_below_a_bound(model: str) -> None:
    given = {"trees": 5} | ({"depth": 4} if model == "RandomForestOfDepth" else {})
    forest = fitted.make(model, **given).fit(*fitted.rows(100, 4, 3))
    given |= {"rows": 100} if model == "RandomForestOfRows" else {}
    report = archspec.load(model).size(**given)
    assert sum(map(fitted.arrays, forest.estimators_)) <= report["memory.weights"]
    assert not report.is_exact("memory.weights")


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_boosting_grows_a_tree_for_each_class(classes: int) -> None:
    x, y = fitted.rows(200, 4, classes)
    # Of noise, every stump finds something to part; deeper trees may have nothing left.
    for depth, is_full in ((1, True), (3, False)):
        trees = fitted.make("GradientBoosting", rounds=4, depth=depth).fit(x, y).estimators_.ravel()
        report = archspec.load("GradientBoosting").size(classes=classes, rounds=4, depth=depth)
        assert len(trees) == 4 * (1 if classes == 2 else classes)
        found, bound = sum(map(fitted.arrays, trees)), report["memory.weights"]
        assert bound is not None
        assert found == bound if is_full else found < bound
        assert not report.is_exact("memory.weights")


@pytest.mark.parametrize(("model", "trees"), [("DecisionTree", 1), ("RandomForest", 20)])
def test_files_are_the_arrays_and_a_little_more(model: str, trees: int) -> None:
    given = {"leaves": 60} | ({"trees": trees} if model == "RandomForest" else {})
    estimator = fitted.make(model, **given).fit(*fitted.rows(1000, 6, 3))
    weights = archspec.load(model).size(features=6, **given)["memory.weights"]
    assert weights is not None
    for size in fitted.files(estimator):
        assert weights < size < weights + ESTIMATOR + TREE * trees

"""Selected features against PyTorch: the columns are a buffer, and only what is selected is kept."""

from __future__ import annotations

from typing import Any

import pytest

from archspec.loading import load_text
from archspec.testing import assert_matches

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402  # after torch is known to be there


class Select(nn.Module):
    def __init__(self, columns: list[int]) -> None:
        super().__init__()
        self.register_buffer("columns", torch.tensor(columns))

    def forward(self, x: Any) -> Any:
        return torch.index_select(x, -1, self.columns)


class Regression(nn.Module):
    def __init__(self, columns: list[int], targets: int) -> None:
        super().__init__()
        self.select, self.linear = Select(columns), nn.Linear(len(columns), targets)

    def forward(self, x: Any) -> Any:
        return self.linear(self.select(x))


def test_regression_on_selected_features() -> None:
    module = Regression([0, 4, 7], 2)
    assert_matches("SelectedLinearRegression", module, torch.zeros(6, 9), columns=9, features=3, targets=2, B=6)


def test_of_a_hidden_layer() -> None:
    """The input of the selection needs a gradient. The numbers of the columns are a buffer, so nothing is kept."""
    spec = """
    model Hidden(columns = 9, hidden = 7, features = 3) {
      x[B, columns] -> y[B, 2]
      y = x -> Linear(hidden) as hidden -> SelectFeatures(features) as select -> Linear(2) as linear
    }
    """

    class Hidden(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(9, 7)
            self.select, self.linear = Select([1, 2, 6]), nn.Linear(3, 2)

        def forward(self, x: Any) -> Any:
            return self.linear(self.select(self.hidden(x)))

    assert_matches(load_text(spec), Hidden(), torch.zeros(6, 9), B=6)

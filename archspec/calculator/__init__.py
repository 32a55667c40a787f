"""The calculator: a model's formulas as data, and a page that works them out in the browser.

`calculator_html(model)` is a fragment for a page, `calculator_page(models)` a page of its own, `calculator_data(model)`
the data in both. Neither asks any server for anything.
"""

from archspec.calculator.data import calculator_data
from archspec.calculator.page import calculator_assets, calculator_html, calculator_page

__all__ = ["calculator_assets", "calculator_data", "calculator_html", "calculator_page"]

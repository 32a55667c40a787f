"""For people's own test suites: a spec against a model, in one line.

`assert_matches("block.arch", Block(64, heads=4), torch.zeros(2, 16, 64), d=64, heads=4, B=2, S=16)`
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archspec.model import Model
    from archspec.verify.outcome import Comparison

DEFAULT = ("params", "buffers", "outputs", "layer outputs", "flops.forward", "flops.backward", "activations.saved")
"""What is compared where nothing else is asked for."""
PORTABLE = ("params", "buffers", "outputs", "layer outputs")
"""What is compared with a Keras model: its other numbers are not those of torch."""


def assert_matches(
    spec: str | os.PathLike[str] | Model,
    model: Any,
    inputs: Any = None,
    *,
    quantities: Sequence[str] | None = None,
    precisions: Sequence[str] = ("fp32",),
    attention: str = "sdpa",
    tensors: str = "auto",
    **symbols: Any,
) -> None:
    """Assert that a model has the sizes that its spec derives.

    spec: a file, `FILE:NAME`, the name of a model of the zoo, or a loaded model. model: a `torch.nn.Module` or a
    `keras.Model`; it is copied and not changed. inputs: a tensor, a tuple of them, or a dictionary by name; without,
    they are made as the spec says. quantities: what to compare, of `params`, `buffers`, `outputs`, `layer outputs`,
    `flops.forward`, `flops.backward`, `activations.saved`. precisions: in which `activations.saved` is compared, of
    `fp32` and `bf16`. tensors: run on `real` tensors, on `fake` ones that need no memory, or `auto`: by size.
    symbols: a number for each parameter without default and each axis of the spec.

    Raises `AssertionError` with a table and the places where they differ, `SpecError` if the spec is wrong, and
    `archspec.verify.errors.CannotVerify` if the two cannot be compared.
    """
    __tracebackhide__ = True
    comparison = compared(
        spec, model, inputs, quantities=quantities, precisions=precisions, attention=attention, tensors=tensors,
        symbols=symbols,
    )  # fmt: skip
    if not comparison.passed:
        raise AssertionError(explained(comparison))


def explained(comparison: Comparison) -> str:
    """A comparison as text, for a failing test."""
    from archspec.report.style import Style
    from archspec.verify.show import text

    return f"the model does not match its spec\n{text(comparison, 100, Style(False))}"


def compared(
    spec: str | os.PathLike[str] | Model,
    model: Any,
    inputs: Any,
    *,
    quantities: Sequence[str] | None,
    precisions: Sequence[str],
    attention: str,
    tensors: str,
    symbols: Mapping[str, Any],
) -> Comparison:
    """The comparison that `assert_matches` looks at."""
    from archspec.loading import load
    from archspec.model import Model
    from archspec.policy import Policy
    from archspec.verify.errors import CannotVerify

    loaded = spec if isinstance(spec, Model) else load(os.fspath(spec))
    policy = Policy(backend="cpu", attention=attention)
    keras = _is_keras(model)
    wanted = tuple(quantities or (PORTABLE if keras else DEFAULT))
    unknown = [one for one in wanted if one not in DEFAULT]
    if unknown:
        raise CannotVerify(f"`{unknown[0]}` cannot be compared: it is one of {', '.join(DEFAULT)}")
    if keras:
        from archspec.verify.derived import derive
        from archspec.verify.keras import compare_keras

        return compare_keras(derive(loaded, policy, symbols, ()), lambda: model, _name(model), wanted)
    from archspec.verify.against import against_model

    return against_model(
        loaded, model, inputs, policy, symbols, quantities=wanted, precisions=tuple(precisions), tensors=tensors
    )


def _is_keras(model: Any) -> bool:
    return any(one.__module__.partition(".")[0] == "keras" for one in type(model).__mro__)


def _name(model: Any) -> str:
    return type(model).__name__


__all__ = ["assert_matches"]

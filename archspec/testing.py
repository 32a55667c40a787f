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
    from archspec.errors.diagnostic import SpecError
    from archspec.errors.render import render_text
    from archspec.verify.errors import CannotVerify

    try:
        comparison = compared(
            spec, model, inputs, quantities=quantities, precisions=precisions, attention=attention, tensors=tensors,
            symbols=symbols,
        )  # fmt: skip
    except SpecError as error:
        # The place in the spec is what matters, not that in archspec.
        error.add_note("\n\n".join(render_text(one) for one in error.diagnostics))
        raise error.with_traceback(None) from None
    except CannotVerify as error:
        raise error.with_traceback(None) from None
    if not comparison.passed:
        raise AssertionError(explained(comparison))


def explained(comparison: Comparison) -> str:
    """A comparison as text, for a failing test. Its first line is all that the summary of pytest shows."""
    from archspec.report.style import Style
    from archspec.verify.show import text

    first = next((one for one in comparison.differences if one.layer), None)
    where = f"{first.layer} ({first.operation})" if first is not None and first.operation else "the model"
    which = ", ".join(dict.fromkeys(one.quantity for one in comparison.differences))
    return f"{where} is not as in the spec: {which}\n{text(comparison, 100, Style(False))}"


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
    return f"{type(model).__module__}.{type(model).__qualname__}"


__all__ = ["assert_matches"]

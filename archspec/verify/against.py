"""A spec against a model that somebody else wrote."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archspec.elaborate.entry import Given
from archspec.model import Model
from archspec.policy import Policy
from archspec.verify.compare import compare
from archspec.verify.derived import SAVED, Derived, derive, derive_held
from archspec.verify.errors import CannotVerify, need
from archspec.verify.outcome import Comparison
from archspec.verify.targets import Target, find_callable, parse_inputs

if TYPE_CHECKING:
    import torch
    from torch import nn

    from archspec.verify.traced.measure import Feed
    from archspec.verify.traced.modules import Inputs, Maker
    from archspec.verify.traced.records import Record

ALL = ("params", "buffers", "outputs", "layer outputs", "flops.forward", "flops.backward", SAVED)
"""What can be compared."""
PRECISIONS = ("fp32", "bf16")


def against(
    model: Model,
    target: Target,
    policy: Policy,
    given: Given,
    *,
    keywords: Mapping[str, Any] | None = None,
    inputs: Sequence[str] = (),
    quantities: Sequence[str] = ALL,
    precisions: Sequence[str] = PRECISIONS,
    tensors: str = "auto",
) -> Comparison:
    """Compare a spec at given numbers with what a target names. Raises `CannotVerify` and `SpecError`."""
    if target.kind == "safetensors":
        return _checkpoint(model, target, policy, given)
    derived = derive(model, policy, given, tuple(precisions) if SAVED in quantities else ())
    build = find_callable(target)
    if target.kind == "keras":
        from archspec.verify.keras import compare_keras

        return compare_keras(derived, lambda: build(**(keywords or {})), target.text, quantities)
    require_torch()
    given_inputs: list[Any] = []
    maker = model_maker(lambda: build(**(keywords or {})), given_inputs)
    feed = _feed(derived, inputs, given_inputs)
    record = traced(maker, feed, policy, quantities, precisions, tensors, derived.excused)
    return compare(derived, record, target.text, only=quantities)


def against_model(
    model: Model,
    module: Any,
    inputs: Any,
    policy: Policy,
    given: Given,
    *,
    quantities: Sequence[str] = ALL,
    precisions: Sequence[str] = PRECISIONS,
    tensors: str = "auto",
) -> Comparison:
    """Compare a spec with a model that is there already, of which copies are measured."""
    require_torch()
    from torch import nn

    from archspec.verify.traced.modules import Maker

    if not isinstance(module, nn.Module):
        raise CannotVerify(f"a {type(module).__name__} is neither a torch.nn.Module nor a keras.Model")
    derived = derive(model, policy, given, tuple(precisions) if SAVED in quantities else ())
    feed = _feed(derived, (), [] if inputs is None else [inputs])
    record = traced(Maker.of_model(module), feed, policy, quantities, precisions, tensors, derived.excused)
    name = f"{type(module).__module__}.{type(module).__qualname__}"
    return compare(derived, record, name, only=quantities)


def traced(
    maker: Maker,
    feed: Feed,
    policy: Policy,
    quantities: Sequence[str],
    precisions: Sequence[str],
    tensors: str,
    may_fail: Sequence[str] = (),
) -> Record:
    """Measure what is asked for. Errors of the model are raised as `CannotVerify`, with what it said.

    may_fail: precisions that the model need not run in.
    """
    from archspec.verify.traced.measure import measure

    runs = bool({"outputs", "layer outputs", "flops.forward", "flops.backward"} & set(quantities))
    try:
        return measure(
            maker,
            feed,
            precisions=tuple(precisions) if SAVED in quantities else (),
            flops=runs,
            tensors=tensors,
            train=policy.mode == "train",
            may_fail=may_fail,
        )
    except CannotVerify:
        raise
    except Exception as error:  # it is the user's code: anything may happen
        text = f"{type(error).__name__}: {error}"[:1000]
        raise CannotVerify(f"the model does not run: {text}{place_of(error)}") from error


def place_of(error: Exception) -> str:
    """The line of the user's own code where an error came up: the innermost one that is neither torch's nor ours."""
    import torch

    import archspec

    others = tuple(str(Path(str(package.__file__)).parent) + os.sep for package in (torch, archspec))
    place = ""
    frame = error.__traceback__
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename
        if os.path.isabs(name) and not name.startswith(others):
            place = f" ({os.path.relpath(name)}:{frame.tb_lineno})"
        frame = frame.tb_next
    return place


def require_torch() -> None:
    """Raise `CannotVerify` where torch is missing."""
    try:
        import torch  # noqa: F401
    except ImportError:
        raise need("PyTorch", "torch") from None


def model_maker(build: Callable[[], Any], given_inputs: list[Any]) -> Maker:
    """A maker from a callable that returns a model, or a model and its inputs."""
    from torch import nn

    from archspec.verify.traced.modules import Maker

    def made() -> nn.Module:
        result = build()
        if isinstance(result, tuple) and len(result) == 2:
            result, given_inputs[:] = result[0], [result[1]]
        if not isinstance(result, nn.Module):
            raise CannotVerify(f"the callable returned a {type(result).__name__}, not a torch.nn.Module")
        return result

    return Maker.of_build(made)


def _feed(derived: Derived, texts: Sequence[str], given_inputs: list[Any]) -> Feed:
    """Inputs as asked for, else those that the callable gave, else those of the spec's signature."""
    from archspec.verify.traced.modules import Wanted, make_inputs, move

    wanted = parse_inputs(texts, derived.report.values)
    own = [Wanted(name, _dtype(dtype), shape) for name, dtype, shape in derived.inputs]

    def feed(model: nn.Module, floating: torch.dtype, device: str) -> Inputs:
        if not wanted and given_inputs:
            return move(as_inputs(given_inputs[0]), floating, device)
        return make_inputs(wanted or own, model, floating, device)

    return feed


def as_inputs(value: Any) -> Inputs:
    """A dictionary as keywords, a tuple or list as positions, anything else as the only input."""
    from archspec.verify.traced.modules import Inputs

    if isinstance(value, Mapping):
        return Inputs((), dict(value))
    return Inputs(tuple(value) if isinstance(value, tuple | list) else (value,), {})


def _dtype(dtype: str) -> str:
    return "float" if dtype in ("act", "float32") else dtype


def _checkpoint(model: Model, target: Target, policy: Policy, given: Given) -> Comparison:
    """The tensors of a checkpoint against the parameters of a spec; buffers that are not in it are no difference."""
    from archspec.verify.traced import safetensors

    derived = derive_held(model, policy, given)
    try:
        record = safetensors.read(target.path)
    except (OSError, safetensors.BadFile) as error:
        raise CannotVerify(str(error)) from None
    from archspec.verify.checkpoint import settle

    return compare(derived, settle(derived.record, record), target.text, only=("params",))


__all__ = ["ALL", "PRECISIONS", "against", "as_inputs", "model_maker", "place_of", "require_torch", "traced"]

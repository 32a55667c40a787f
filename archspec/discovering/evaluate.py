"""A quantity of a person's model at some sizes. Runs in a process of its own, and in tests of this project."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from archspec.discovering.axis import placed
from archspec.discovering.line import Refused
from archspec.verify.against import as_inputs, model_maker, place_of, require_torch
from archspec.verify.errors import CannotVerify
from archspec.verify.targets import find_callable, parse_inputs, parse_keywords, parse_target

if TYPE_CHECKING:
    import torch
    from torch import nn

    from archspec.verify.traced.modules import Inputs


class Evaluator:
    """Makes the models that a target names, and measures them. Raises `CannotVerify`."""

    def __init__(self, target: str, keywords: str = "", inputs: Sequence[str] = ()) -> None:
        parsed = parse_target(target)
        require_torch()
        self._build = find_callable(parsed)
        self._fixed = parse_keywords(keywords)
        self._texts = list(inputs)
        self._sizes = {word for text in inputs for word in _sizes(text)}
        self._light = True
        self._small: bool | None = None
        self._own: list[Any] = []

    def value(self, quantity: str, values: Mapping[str, int]) -> int:
        """The quantity at sizes. Raises `Refused` where the person's code raises anything."""
        arguments = placed(self._fixed, self._accepted(values))
        try:
            if quantity == "params":
                return self._params(arguments)
            if quantity == "flops.forward":
                return self._flops(arguments, values)
            return self._kept(arguments, values)
        except (CannotVerify, Refused):
            raise
        except Exception as error:  # it is the user's code: anything may happen
            said = " ".join(f"{type(error).__name__}: {error}".split())[:1000]
            raise Refused(f"the model does not run: {said}{place_of(error)}") from error

    def _accepted(self, values: Mapping[str, int]) -> dict[str, int]:
        """The values that the callable takes; the others are sizes of inputs."""
        try:
            known = inspect.signature(self._build).parameters
        except (TypeError, ValueError):  # a callable written in C
            return dict(values)
        anything = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in known.values())
        taken = {}
        for name, value in values.items():
            if name.partition("[")[0] in known or (anything and name not in self._sizes):
                taken[name] = value
            elif name not in self._sizes:
                takes = ", ".join(known) or "no arguments"
                raise CannotVerify(f"the callable takes no `{name}`, and no --inputs has a size of that name "
                                   f"(it takes {takes})"[:1000])  # fmt: skip
        return taken

    def _maker(self, arguments: Mapping[str, Any]) -> Callable[[], nn.Module]:
        self._own = []
        return model_maker(lambda: self._build(**arguments), self._own).real

    def _params(self, arguments: Mapping[str, Any]) -> int:
        return sum(one.numel() for one in self._lightly(self._maker(arguments)).parameters())

    def _lightly(self, make: Callable[[], nn.Module]) -> nn.Module:
        """A model without weights where it can be made so, else with some."""
        from archspec.verify.traced.modules import on_meta

        if self._light:
            try:
                return on_meta(make)
            except CannotVerify:
                raise
            except Exception:  # it asks for values, or is wrong: then it raises again below
                model = _real(make)
                self._light = False
                return model
        return _real(make)

    def _flops(self, arguments: Mapping[str, Any], values: Mapping[str, int]) -> int:
        """On small tensors where that gives what `meta` gives, which is slower; large models on `meta`."""
        make = self._maker(arguments)
        if self._small is None:
            light = self._on_meta(make, values)
            real = self._counted(_real(make), values, "cpu")
            self._small = light is None or light == real
            self._light = light is not None
            return real if light is None else light
        if self._small:
            try:
                return self._counted(_real(make, _SMALL_BYTES if self._light else _MOST_BYTES), values, "cpu")
            except Refused:
                if not self._light:
                    raise
        light = self._on_meta(make, values)
        return self._counted(_real(make), values, "cpu") if light is None else light

    def _on_meta(self, make: Callable[[], nn.Module], values: Mapping[str, int]) -> int | None:
        """None where the model asks for values, or cannot be run anywhere: then it raises again on real tensors."""
        from archspec.verify.traced.modules import on_meta

        try:
            return self._counted(on_meta(make), values, "meta")
        except CannotVerify:
            raise
        except Exception:
            return None

    def _counted(self, model: nn.Module, values: Mapping[str, int], device: str) -> int:
        import torch

        from archspec.verify.traced.flops import Counter

        torch.manual_seed(0)
        model.train()
        counter = Counter(lambda: "")
        inputs = self._inputs(model, values, torch.float32, device)
        with counter:
            model(*inputs.positional, **inputs.named)
        return sum(one.flops for one in counter.forward)

    def _kept(self, arguments: Mapping[str, Any], values: Mapping[str, int]) -> int:
        import torch

        torch.manual_seed(0)
        model = _real(self._maker(arguments)).train()
        inputs = self._inputs(model, values, torch.float32, "cpu")
        own = [_Held(one) for one in [*model.parameters(), *model.buffers(), *inputs.tensors()]]
        addresses = {one.address for one in own}
        held: WeakSet[_Held] = WeakSet()

        def pack(tensor: torch.Tensor) -> _Held:
            one = _Held(tensor)
            if one.address not in addresses:
                held.add(one)
            return one

        with torch.autograd.graph.saved_tensors_hooks(pack, _never):
            result = model(*inputs.positional, **inputs.named)
        # What only a branch without a result needed has been let go of by now.
        total = sum({one.address: one.storage.nbytes() for one in held}.values())
        del result
        return int(total)

    def _inputs(self, model: nn.Module, values: Mapping[str, int], floating: torch.dtype, device: str) -> Inputs:
        from archspec.verify.traced.modules import make_inputs, move

        wanted = parse_inputs(self._texts, values)
        if not wanted and not self._own:
            raise CannotVerify("--inputs is missing, such as --inputs 'tokens=int64[B,S]'")
        return make_inputs(wanted, model, floating, device) if wanted else move(
            as_inputs(self._own[0]), floating, device
        )  # fmt: skip


class _Held:
    """A storage that is kept for the backward pass, for as long as it is. (A tensor would hold its own graph.)"""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.storage = tensor.untyped_storage()
        self.address = self.storage._cdata


def _never(_: object) -> torch.Tensor:
    raise AssertionError("nothing goes backward")


def _sizes(text: str) -> list[str]:
    """`B` and `S` of `tokens=int64[B,S]`."""
    return [size.strip() for part in re.findall(r"\[([^\]]*)\]", text) for size in part.split(",")]


def _real(make: Callable[[], nn.Module], most: int | None = None) -> nn.Module:
    with _without_drawing(most or _MOST_BYTES):
        return make()


@contextmanager
def _without_drawing(most: int) -> Iterator[None]:
    """Weights are all the same: drawing them is most of the time that a small model takes. Too many are refused."""
    import torch
    from torch.overrides import TorchFunctionMode

    drawn = {torch.Tensor.normal_, torch.Tensor.uniform_}
    made = {torch.empty, torch.zeros, torch.ones, torch.full, torch.rand, torch.randn}

    class Filling(TorchFunctionMode):
        """Fills with a small number instead, and counts."""

        total = 0

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if func in drawn:
                return args[0].fill_(_WEIGHT)
            result = func(*args, **(kwargs or {}))
            if func in made and result.device.type != "meta":
                self.total += result.nbytes
                if self.total > most:
                    raise Refused(f"its weights take more than {most / 2**30:g} GiB")
            return result

    with Filling():
        yield


_WEIGHT = 0.01
_SMALL_BYTES = 2**26
_MOST_BYTES = 2**30
"""Of weights of a model that is run; a process that evaluates never needs many times as much."""

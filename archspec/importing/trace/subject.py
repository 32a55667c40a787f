"""The model that is imported, and what is asked of it: made from a function or class, or from a configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from archspec.importing.errors import CannotImport
from archspec.importing.factories import Build, called, flat, sizes
from archspec.importing.trace.inputs import Guess, guess_inputs
from archspec.importing.trace.quick import hasten
from archspec.importing.trace.runs import Runs, light
from archspec.importing.trace.settings import watch_constructors
from archspec.verify.traced.measure import LARGEST_REAL
from archspec.verify.traced.modules import Inputs, Wanted, as_fake, make_inputs, on_meta


def opened(question: dict[str, Any]) -> Subject:
    """The subject that a first question names. Raises `CannotImport`."""
    watch_constructors()
    hasten()
    defaults: dict[str, int] = {}
    if question["source"] == "config":
        from archspec.importing.trace.transformers import configured, published

        build, numbers, title = configured(question["path"], question["given"])
        defaults = published(question["path"])
    else:
        build, numbers, title = called("torch", question["module"], question["attribute"], question["given"])
    return Subject(build, numbers, title, question["inputs"], question["leaves"], defaults)


class Subject:
    """A model that can be made at any values of its numbers, traced and measured."""

    def __init__(
        self, build: Build, numbers: dict[str, Any], title: str, inputs: Sequence[str], leaves: Sequence[str],
        defaults: Mapping[str, int],
    ) -> None:  # fmt: skip
        self._build = build
        self._numbers = numbers  # the very dictionary that `build` looks at
        self._title = title
        self._leaves = frozenset(leaves)
        self._given: list[Any] = []
        self._defaults = {name: one for name, one in defaults.items() if name in numbers}
        self._texts = list(inputs)
        self._real = False
        self._guess: Guess | None = None

    def describe(self) -> dict[str, Any]:
        """What it is: the class of the model, numbers that may be chosen, inputs with the axes that may be."""
        model = self._light({})
        self._add_numbers(model)
        self._real = self._wants_real(model)
        guess = guess_inputs(model, self._texts, self._numbers, self._given, self._try)
        self._guess = guess
        self._runs = Runs(self._model, self._inputs, self._leaves, guess.axes, real=self._real)
        return {
            "class": type(model).__qualname__,
            "title": self._title,
            "module": type(model).__module__,
            "numbers": flat(self._numbers),
            "axes": guess.axes,
            "inputs": [[name, dtype, list(shape)] for name, dtype, shape in guess.inputs],
            "guessed": guess.guessed,
            "light": not self._real,
            **self._published(),
        }

    def _published(self) -> dict[str, Any]:
        """The sizes of the configuration as it stands in its file, and how many parameters they make."""
        if not self._defaults:
            return {}
        model = self._light(self._defaults)
        count = sum(one.numel() for one in model.parameters())
        return {"defaults": self._defaults, "published": count}

    @property
    def copies(self) -> bool:
        """Whether a copy of the process works as well: not after something was computed, which has begun threads."""
        return not self._real

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """What is asked at some values: see `Runs`."""
        values, light = question["values"], question.get("light", False)
        match question["do"]:
            case "trace":
                return self._runs.trace(values, light=light)
            case "measure":
                return self._runs.measure(values, light=light)
            case "show":
                return self._runs.show(values)
            case _:
                return self._runs.kept(values)

    def _model(self, values: Mapping[str, Any]) -> nn.Module:
        made = self._build(values)
        if isinstance(made, tuple) and len(made) == 2:
            made, self._given[:] = made[0], [made[1]]
        if not isinstance(made, nn.Module):
            raise CannotImport(f"it gives a {type(made).__name__}, not a torch.nn.Module")
        return made.train()

    def _light(self, values: Mapping[str, Any]) -> nn.Module:
        return light(self._model, values)

    def _inputs(
        self, values: Mapping[str, Any], model: nn.Module, floating: torch.dtype, device: str = "cpu"
    ) -> Inputs:
        if self._guess is None:
            raise CannotImport("the inputs are not known yet")
        if not self._guess.inputs:
            from archspec.verify.against import as_inputs
            from archspec.verify.traced.modules import move

            return move(as_inputs(self._given[0]), floating, device)
        return _inputs(self._guess, values, self._numbers, model, floating, device)

    def _try(self, guess: Guess) -> None:
        """Run the model once on guessed inputs. Raises whatever it raises."""
        with torch.no_grad():
            if self._real:
                self._call(self._model({}), guess, "cpu")
                return
            try:  # the quickest way, but a model may ask for values
                self._call(on_meta(lambda: self._model({})), guess, "meta")
            except Exception:
                mode = FakeTensorMode(allow_non_fake_inputs=True)
                model = as_fake(self._light({}), mode, torch.float32)
                with mode:
                    self._call(model, guess, "cpu")

    def _call(self, model: nn.Module, guess: Guess, device: str) -> None:
        inputs = _inputs(guess, {}, self._numbers, model, torch.float32, device)
        model(*inputs.positional, **inputs.named)

    def _wants_real(self, model: nn.Module) -> bool:
        """Transformers notices fake tensors, and then runs another program."""
        from_there = any(type(one).__module__.startswith(("transformers.", "diffusers.")) for one in model.modules())
        small = sum(one.numel() for one in model.parameters()) <= LARGEST_REAL
        return from_there and small

    def _add_numbers(self, model: nn.Module) -> None:
        """A function that passes arguments on: those of the model's class that change nothing else may be chosen."""
        for name, value in sizes(type(model).__init__).items():
            if name in self._numbers:
                continue
            self._numbers[name] = value
            try:
                self._light(flat({name: value}))
            except Exception:  # the function knows no such argument, or gives it already
                del self._numbers[name]


def _inputs(
    guess: Guess, values: Mapping[str, Any], numbers: Mapping[str, Any], model: nn.Module, floating: torch.dtype,
    device: str,
) -> Inputs:  # fmt: skip
    known = {**guess.axes, **flat(numbers), **values}
    wanted = [
        Wanted(name, dtype, tuple(int(known[size]) if isinstance(size, str) else int(size) for size in shape))
        for name, dtype, shape in guess.inputs
    ]
    return make_inputs(wanted, model, floating, device)

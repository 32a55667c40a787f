"""A model of Keras, in the process that runs it: made without weights, called on symbols, written down.

Variables are never initialised: they have shapes and no memory, whatever sizes a file asks for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from archspec.importing.errors import CannotImport
from archspec.importing.factories import called, flat
from archspec.importing.graphs.keras_file import model_of
from archspec.importing.graphs.keras_graph import Walk
from archspec.importing.graphs.keras_inputs import Entry, entries, shapes_of
from archspec.verify.errors import need

_TURNED = "Pictures have their channels first here, and last in Keras."
_KEPT = 8
"""Models that are kept: without weights they are small, and take longer to make than to call."""
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow logs a dozen lines when it is imported


def opened(question: dict[str, Any]) -> KerasSubject:
    """The subject that a first question names. Raises `CannotImport` and `CannotVerify`."""
    try:
        import keras  # noqa: F401
    except ImportError:
        raise need("Keras", "keras tensorflow-cpu") from None
    if question["source"] == "keras":
        build, numbers, title = called("keras", question["module"], question["attribute"], question["given"])
        return KerasSubject(build, numbers, title, question["inputs"])
    path = question["path"]
    return KerasSubject(lambda _: model_of(path), {}, os.path.basename(path), question["inputs"])


class KerasSubject:
    """A model that can be made at any values of its numbers, and called at any values of its axes."""

    copies = False  # of TensorFlow's threads a copy has none

    def __init__(
        self, build: Callable[[Mapping[str, Any]], Any], numbers: dict[str, Any], title: str, inputs: list[str]
    ) -> None:
        self._build = build
        self._numbers = numbers
        self._title = title
        self._texts = inputs
        self._entries: list[Entry] = []
        self._models: dict[str, Any] = {}

    def describe(self) -> dict[str, Any]:
        """What it is: the class of the model, numbers that may be chosen, inputs with the axes that may be."""
        model = self._model({})
        with _symbolic():
            self._entries, axes = entries(model, self._texts, self._driven(model))
            self._settle(model, axes)
        kind = type(model)
        own = kind.__module__.partition(".")[0] != "keras"
        return {
            "class": kind.__qualname__ if own else _word(self._title) or kind.__qualname__,
            "title": self._title,
            "module": kind.__module__ if own else "keras",
            "numbers": flat(self._numbers),
            "axes": axes,
            "inputs": [[one.name, one.dtype, list(one.in_text())] for one in self._entries],
            "note": _TURNED if any(one.turned for one in self._entries) else "",
            "guessed": False,
        }

    def _driven(self, model: Any) -> dict[tuple[int, int], str]:
        """The axes of inputs that change with a number of the model."""
        found: dict[tuple[int, int], str] = {}
        base = shapes_of(model)
        for name, value in flat(self._numbers).items():
            places = [
                (which, axis) for which, shape in enumerate(base) for axis, size in enumerate(shape) if size == value
            ]
            if not places:
                continue
            try:
                changed = shapes_of(self._model({name: 2 * value}))
            except Exception:  # whatever the function says to another number
                continue
            if [len(one) for one in changed] == [len(one) for one in base]:
                found |= {one: name for one in places if changed[one[0]][one[1]] == 2 * value}
        return found

    def _settle(self, model: Any, axes: dict[str, int]) -> None:
        """Sizes that the model states are free only if it runs at twice as many of each: a layer may have a parameter
        for each position, even if some other sizes round to as many.
        """
        stated = {name for one in self._entries for name in one.stated}
        if not stated:
            return
        try:
            doubled = {name: size * 2 if name in stated else size for name, size in axes.items()}
            self._walked(model, doubled)
        except Exception:  # whatever a layer says to another size
            for one in self._entries:
                one.fix(stated)
            for name in stated:
                del axes[name]

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """What is asked at some values: `trace` or `measure`."""
        return self.trace(question["values"]) if question["do"] == "trace" else self.measure(question["values"])

    def trace(self, values: dict[str, Any]) -> dict[str, Any]:
        """The graph at these values."""
        model = self._model(values)
        with _symbolic():
            return self._walked(model, values).written()

    def measure(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the model holds, and the shapes of what layers with parameters give."""
        from archspec.verify.traced.keras import measure
        from archspec.verify.traced.records import Made

        model = self._model(values)
        with _symbolic():
            walk = self._walked(model, values)
            functional = bool(getattr(model, "outputs", None))
            known = {**self._defaults(), **values}
            record = measure(model, [(one.dtype, one.shape(known)) for one in self._entries], 1)
            record.outputs = [tuple(shape) for shape in walk.output_shapes()]
            if functional:
                record.made = [Made(path, kind, (shape,)) for path, kind, shape in walk.made()]
        return {
            "params": record.elements("param"),
            "buffers": record.elements("buffer"),
            "kept": [],
            "record": {
                "held": [asdict(one) for one in record.held],
                "made": [asdict(one) for one in record.made or ()],
                "outputs": record.outputs,
                "loose": walk.loose(),
            },
        }

    def _defaults(self) -> dict[str, int]:
        free = {name: size for one in self._entries for name, size in one.sizes.items()}
        return {**flat(self._numbers), **free}

    def _walked(self, model: Any, values: Mapping[str, Any]) -> Walk:
        import keras

        known = {**self._defaults(), **values}
        inputs = [keras.Input(batch_shape=one.shape(known), dtype=one.dtype, name=one.name) for one in self._entries]
        walk = Walk(model, self._title, [one.name for one in self._entries if one.turned])
        walk.run([one.name for one in self._entries], inputs)
        return walk

    def _model(self, values: Mapping[str, Any]) -> Any:
        import keras

        own = {name: one for name, one in values.items() if name.partition("[")[0] in self._numbers}
        numbers = repr(sorted({**flat(self._numbers), **own}.items()))
        if numbers in self._models:
            return self._models[numbers]  # it can be called on other symbols as often as one likes
        with _symbolic(anew=True):
            made = self._build(values)
        if not isinstance(made, keras.Model):
            raise CannotImport(f"it gives a {type(made).__name__}, not a keras.Model")
        self._models[numbers] = made
        if len(self._models) > _KEPT:
            del self._models[next(iter(self._models))]
        return made


@contextmanager
def _symbolic(*, anew: bool = False) -> Iterator[None]:
    """Variables made inside have a shape, and no values. anew: names of layers begin anew, the same for every look."""
    import keras
    from keras.src.backend.common.stateless_scope import StatelessScope

    if anew:
        keras.backend.clear_session()
    with StatelessScope(initialize_variables=False):
        yield


def _word(name: str) -> str:
    """A name of a model made of what it was imported from: `ResNet50`, `my_model.keras`."""
    word = re.sub(r"\W+", "_", name.rpartition(".")[2] if not name.endswith(".keras") else name[:-6], flags=re.ASCII)
    word = word.strip("_")[:60]
    return word if word.isidentifier() else ""

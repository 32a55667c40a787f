"""A file of ONNX, in a process of its own: read, its axes given numbers, its constants worked out, written down."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from archspec.importing.errors import CannotImport
from archspec.importing.graphs.onnx_file import constant, read, require, without_values
from archspec.importing.graphs.onnx_graph import Reading
from archspec.importing.graphs.onnx_restore import restored
from archspec.importing.graphs.onnx_roles import by_use
from archspec.importing.graphs.onnx_sequences import without_sequences

_BATCH = 2
_REST = (16, 24, 40, 56, 72)
_OTHERS = (8, 16, 32, 64, 128, 256, 512, 224, 10, 5, 4, 1)


def opened(question: dict[str, Any]) -> OnnxSubject:
    """The subject that a first question names. Raises `CannotImport`."""
    require()
    return OnnxSubject(question["path"])


class OnnxSubject:
    """A graph that can be looked at at any sizes of the axes that it leaves open."""

    copies = False  # a file is looked at once

    def __init__(self, path: str) -> None:
        self._title = os.path.basename(path)
        self._model = read(path)
        without_sequences(self._model)
        self._meant = restored(self._model) or by_use(self._model)
        without_values(self._model.graph)
        self._names, self._sizes = self._axes()
        self._sizes = self._that_run()

    def describe(self) -> dict[str, Any]:
        """What it is, and the axes of its inputs that have names."""
        inputs = self._inputs()
        if not inputs:
            raise CannotImport("it has no inputs")
        stem = re.sub(r"\W+", "_", self._title.removesuffix(".onnx"), flags=re.ASCII).strip("_")[:60]
        return {
            "class": _class(stem),
            "title": self._title,
            "module": "ONNX",
            "numbers": {},
            "axes": self._sizes,
            "inputs": [[one.name, "", self._spelled(one)] for one in inputs],
            "guessed": False,
            "note": "\n".join(one[:1].upper() + one[1:] + "." for one in self._meant.notes),
        }

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """What is asked at some values: `trace` or `measure`."""
        return self.trace(question["values"]) if question["do"] == "trace" else self.measure(question["values"])

    def trace(self, values: dict[str, Any]) -> dict[str, Any]:
        """The graph at these sizes."""
        return self._reading(values).written(self._title)

    def measure(self, values: dict[str, Any]) -> dict[str, Any]:
        """Its floating initialisers, and the shapes of what weights give."""
        record = self._reading(values).record()
        return {
            "params": sum(_elements(one["shape"]) for one in record["held"] if one["role"] == "param"),
            "buffers": sum(_elements(one["shape"]) for one in record["held"] if one["role"] == "buffer"),
            "kept": [],
            "record": record,
        }

    def _reading(self, values: dict[str, Any]) -> Reading:
        sizes = {spelled: int(values.get(name, self._sizes[name])) for spelled, name in self._names.items()}
        return Reading(self._model, self._meant, self._inputs(), sizes)

    def _inputs(self) -> list[Any]:
        initial = {one.name for one in self._model.graph.initializer}
        found = [one for one in self._model.graph.input if one.name not in initial]
        for one in found:
            if not one.type.HasField("tensor_type") or not one.type.tensor_type.HasField("shape"):
                raise CannotImport(f"the input `{one.name[:100]}` has no shape")
        return found

    def _axes(self) -> tuple[dict[str, str], dict[str, int]]:
        """Names of the notation for the axes that the file names, and their sizes at the base."""
        names: dict[str, str] = {}
        sizes: dict[str, int] = {}
        for one in self._inputs():
            for place, dim in enumerate(one.type.tensor_type.shape.dim):
                if dim.HasField("dim_value"):
                    if not 0 < dim.dim_value < 2**40:
                        raise CannotImport(f"the input `{one.name[:100]}` has an axis of {dim.dim_value}")
                    continue
                if not dim.dim_param:
                    dim.dim_param = f"{one.name}_{place}"
                if dim.dim_param in names:
                    continue
                word = re.sub(r"\W+", "_", dim.dim_param, flags=re.ASCII).strip("_")[:40]
                name = word if word.isidentifier() else f"n{len(names)}"
                while name in sizes:
                    name += "_"
                names[dim.dim_param] = name
                batch = place == 0 and not any(size == _BATCH for size in sizes.values())
                sizes[name] = _BATCH if batch else _REST[min(len(sizes), len(_REST) - 1)]
        return names, sizes

    def _that_run(self) -> dict[str, int]:
        """Sizes of the axes at which the graph can be looked at: exporters call axes open that are not quite. Raises
        `CannotImport` with what is wrong at the first.
        """
        wrong: CannotImport | None = None
        for sizes in self._bases():
            try:
                self._reading(sizes)
            except CannotImport as error:
                wrong = wrong or error
                continue
            return sizes
        assert wrong is not None, "there are sizes"
        raise wrong

    def _bases(self) -> Iterator[dict[str, int]]:
        """Likely sizes: those of long texts, of pictures, and those that constants of the graph hold."""
        base = self._sizes
        if not base:
            yield {}
            return
        batch = next(iter(base))
        for factor in (1, 4, 14):
            yield {name: size * factor if size != _BATCH else size for name, size in base.items()}
        for first in (_BATCH, 1):
            for size in dict.fromkeys((*self._held_sizes(), *_OTHERS)):
                yield {name: first if name == batch else size for name in base}

    def _held_sizes(self) -> list[int]:
        """Whole numbers that small constants hold, the most frequent first."""
        found: Counter[int] = Counter()
        given = [one.t for node in self._model.graph.node if node.op_type == "Constant" for one in node.attribute]
        for tensor in [*self._model.graph.initializer, *given]:
            if tensor.data_type == 7 and self._meant.roles.get(tensor.name, "constant") == "constant":
                values = constant(tensor) if _elements(list(tensor.dims)) <= 8 else None
                found.update(int(one) for one in (() if values is None else values.ravel()) if 1 < one < 4096)
        return [size for size, _ in found.most_common(12)]

    def _spelled(self, one: Any) -> list[int | str]:
        return [
            int(dim.dim_value) if dim.HasField("dim_value") else self._names[dim.dim_param]
            for dim in one.type.tensor_type.shape.dim
        ]


def _class(stem: str) -> str:
    """A name for the model; none that a layer of the library has."""
    from archspec.library import standard

    if not stem.isidentifier():
        return "Graph"
    return stem if standard().find(stem) is None else f"{stem}Model"


def _elements(shape: list[int]) -> int:
    found = 1
    for one in shape:
        found *= one
    return found

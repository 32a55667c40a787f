"""What is imported, opened by the kind of its source. Each kind brings its framework, and no other."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Protocol

from archspec.importing.errors import CannotImport


class Opened(Protocol):
    """A model that can be looked at at several sizes; answers are plain data."""

    @property
    def copies(self) -> bool:
        """Whether a copy of the process answers as well."""

    def describe(self) -> dict[str, Any]:
        """What it is: its class, numbers and axes that may be chosen, inputs."""

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """What it runs at some values (`trace`), what it holds there and what else its framework knows (`measure`)."""


def opened(question: dict[str, Any]) -> Opened:
    """The subject that a first question names. Raises `CannotImport`."""
    if question["source"] in ("keras", "keras file"):
        from archspec.importing.graphs.keras_subject import opened as opened_keras

        return opened_keras(question)
    if question["source"] == "onnx":
        from archspec.importing.graphs.onnx_subject import opened as opened_onnx

        return opened_onnx(question)
    if find_spec("torch") is None:
        raise CannotImport("this needs PyTorch, which is not installed: pip install torch")
    from archspec.importing.trace.subject import opened as opened_torch

    return opened_torch(question)

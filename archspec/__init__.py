"""archspec: how big a neural network is, as formulas, before it is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archspec.comparing.difference import diff
    from archspec.errors.diagnostic import Diagnostic, SpecError
    from archspec.loading import load, load_text
    from archspec.model import Model
    from archspec.solving.answer import solve
    from archspec.solving.fitting import fit

__version__ = "0.1.0"

__all__ = ["Diagnostic", "Model", "SpecError", "__version__", "diff", "fit", "load", "load_text", "solve"]

_HOMES = {
    "load": "archspec.loading",
    "load_text": "archspec.loading",
    "Model": "archspec.model",
    "SpecError": "archspec.errors.diagnostic",
    "Diagnostic": "archspec.errors.diagnostic",
    "diff": "archspec.comparing.difference",
    "solve": "archspec.solving.answer",
    "fit": "archspec.solving.fitting",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: `archspec check` must start fast."""
    if name not in _HOMES:
        raise AttributeError(f"module 'archspec' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)

"""Every model of the zoo written as PyTorch, imported from there, and compared with itself, as polynomials.

`python -m tests.importing.round_trip [NAMES]` says for each model what differs.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from archspec import load
from archspec.algebra import Dim
from archspec.errors.diagnostic import SpecError
from archspec.export import export
from archspec.importing.errors import CannotImport
from archspec.importing.model import Imported, Source
from archspec.importing.process import Refused
from archspec.library import standard
from archspec.loading import load_text
from archspec.model import Model
from archspec.policy import Policy
from tests.export.exported import measured, plain
from tests.importing.sweep import import_here

QUANTITIES = ("params", "buffers", "activations.saved", "flops.forward", "flops.backward")
POLICY = Policy(backend="cpu")


def signature_of(model: Model) -> list[str]:
    """The inputs of a model as `--inputs` has them."""
    signature = model.definition.layer.signature
    assert signature is not None
    found = []
    for one in signature.inputs:
        sizes = ",".join(_axis(model, axis) for axis in one.axes)
        found.append(f"{one.name}={one.dtype or 'float32'}[{sizes}]")
    return found


def _axis(model: Model, axis: object) -> str:
    text = model.source.text[getattr(axis, "start") : getattr(axis, "end")]  # noqa: B009
    return text.strip()


def import_exported(name: str, folder: Path) -> tuple[Model, Imported]:
    """A model of the zoo, and what is imported from its export."""
    model = load(name)
    module = f"exported_{re.sub(r'[^a-z0-9]', '_', name.lower())}"
    (folder / f"{module}.py").write_text(export(model, "torch", Policy()), encoding="utf-8")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    said = f"torch:{module}:{model.name}"
    source = Source("torch", said, module, model.name, given=small(name), inputs=signature_of(model))
    return model, import_here(source)


def small(name: str) -> dict[str, Any]:
    """Settings of a model that are small, and no two of which are equal by chance: those of a measurement, if any."""
    drawn = [one.settings for one in measured() if load(one.model).definition.layer.name == name and one.settings]
    return {key: plain(value) for key, value in max(drawn, key=len).items()} if drawn else {}


def differences(model: Model, text: str) -> list[str]:
    """The quantities whose polynomials differ, with both."""
    other = load_text(text)
    found = []
    for quantity in QUANTITIES:
        (one, _), (two, _) = (side.dim(quantity, POLICY, None) for side in (model, other))
        if _difference(one, two) != 0:
            found.append(f"{quantity}: {one} in the zoo, {two} imported")
    return found


def _difference(one: Dim, two: Dim) -> Dim:
    return one - two


def main(names: Sequence[str]) -> None:
    """Compare the models named, or all."""
    names = names or standard().names("model")
    good = 0
    with tempfile.TemporaryDirectory() as place:
        for name in names:
            start = perf_counter()
            try:
                model, found = import_exported(name, Path(place))
                said = differences(model, found.text)
            except (CannotImport, Refused, SpecError) as error:
                said = [f"{type(error).__name__}: {str(error)[:300]}"]
            good += not said
            print(
                f"{'✗' if said else '✓'} {name} {perf_counter() - start:.1f} s",
                *(one[:400] for one in said),
                sep="\n   ",
            )
            if len(names) == 1:
                print(found.text)
    print(f"{good} of {len(names)}")


if __name__ == "__main__":
    main(sys.argv[1:])

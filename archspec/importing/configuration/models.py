"""A model of the zoo with the numbers of a configuration file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from archspec.errors.suggest import did_you_mean
from archspec.importing.configuration.filling import Filling
from archspec.importing.configuration.known import known_types
from archspec.importing.configuration.reading import read_configuration, shown
from archspec.importing.errors import CannotImport
from archspec.model import Model
from archspec.policy import PRECISION_ALIASES

if TYPE_CHECKING:
    from archspec.importing.configuration.known import Known


class Configured(NamedTuple):
    """A model with the numbers of a file.

    notes: what the file says that the model cannot, in sentences. stored: the precision of the weights that belong to
    the file (`bfloat16`); None where it says nothing, or none that weights are computed in.
    """

    model: Model
    notes: list[str]
    stored: str | None


def configured(path: str | os.PathLike[str], spec: str | None = None, plan: str | None = None) -> Configured:
    """A model whose defaults are what a `config.json` says.

    spec: a model or variant of the zoo, in any case of letters, or a file with a model of that name; without it, the
    file's `model_type` says which. Values that are given when the model is sized go before the file's. Raises
    `CannotImport` for a file that is wrong or means another model, and `SpecError` for a wrong spec.
    """
    path = os.fspath(path)
    table = read_configuration(path)
    known = _entry(path, table)
    filling = Filling(path, table, known)
    model = _load(spec or known.model, plan)
    own = model.definition.layer
    if own.name != known.model:
        raise CannotImport(
            f"{path}: its `model_type` is {shown(known.type)}, which is {known.model} and not {model.name}"
        )
    filling.check()
    values = filling.values()
    unknown = sorted(values.keys() - {formal.name for formal in own.formals})
    if unknown:
        raise CannotImport(f"{path}: {model.name} has no parameter `{unknown[0]}`")
    model.defaults = {**model.defaults, **values}
    stored = table.get("dtype", table.get("torch_dtype"))
    notes = [f"{path}: {note}" for note in filling.notes()]
    return Configured(model, notes, PRECISION_ALIASES.get(stored) if isinstance(stored, str) else None)


def _entry(path: str, table: dict[str, Any]) -> Known:
    """What is known of a file's type."""
    kind = table.get("model_type")
    known = known_types()
    if not isinstance(kind, str):
        raise CannotImport(f"{path}: no `model_type`: it is one of {', '.join(known)}")
    if kind not in known:
        fix = did_you_mean(kind, known) if len(kind) < 100 else None
        hint = f": {fix}" if fix else f"; known are {', '.join(known)}"
        raise CannotImport(f"{path}: the zoo has no model for `model_type` {shown(kind)}{hint}")
    return known[kind]


def _load(spec: str, plan: str | None) -> Model:
    """The model of a name; where there is none, of the same name in other letters: `llama` for `Llama`."""
    from archspec.library import standard
    from archspec.loading import load

    library = standard()
    if library.find(spec) is None:
        names = {name.lower(): name for name in library.names("model")}
        spec = names.get(spec.lower(), spec)
    return load(spec, plan)

"""A `.keras` file: an archive with the configuration of a model, from which it is made. Its weights are not read."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from typing import Any

from archspec.importing.errors import CannotImport

_LARGEST = 64 * 2**20
"""Bytes of a configuration."""
_ENTRIES = 10_000
_DEEPEST = 100
_LAYERS = 20_000
_REFUSED = frozenset({"Lambda", "TorchModuleWrapper", "TFSMLayer", "FlaxLayer", "JaxLayer"})
"""Layers that hold code."""
_SPACES = frozenset(
    {"layers", "models", "initializers", "regularizers", "constraints", "activations", "ops", "dtype_policies",
     "optimizers", "losses", "metrics", "src", ""}
)  # fmt: skip
"""The parts of Keras that a configuration may name: none that opens files or fetches them."""


def configuration(path: str) -> dict[str, Any]:
    """The configuration in a file, looked through. Raises `CannotImport`."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            if len(infos) > _ENTRIES:
                raise CannotImport(f"an archive of {len(infos):,} files is no model of Keras")
            known = [one for one in infos if one.filename == "config.json"]
            if len(known) != 1:
                raise CannotImport("there is no config.json in it: it is no file of Keras 3")
            with archive.open(known[0]) as file:
                text = file.read(_LARGEST + 1)  # sizes in the archive's table may be wrong
    except CannotImport:
        raise
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise CannotImport(f"it is no archive of Keras: {error}") from None
    except Exception as error:  # what a broken archive raises depends on how it is packed: zlib, bz2, lzma
        raise CannotImport(f"its config.json cannot be unpacked: {error}") from None
    if len(text) > _LARGEST:
        raise CannotImport(f"its config.json has more than {_LARGEST:,} bytes")
    try:
        found = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise CannotImport(f"its config.json is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise CannotImport("its config.json describes no model")
    _look_through(found)
    return found


def model_of(path: str) -> Any:
    """The model of a file, without its weights. Raises `CannotImport`."""
    import keras

    found = configuration(path)
    found.pop("compile_config", None)
    try:
        model = keras.saving.deserialize_keras_object(found, safe_mode=True)
    except CannotImport:
        raise
    except Exception as error:  # configurations of others: anything may be wrong with them
        said = " ".join(str(error).split())
        raise CannotImport(f"Keras cannot make its layers: {type(error).__name__}: {said[:400]}") from None
    return model


def _look_through(config: dict[str, Any]) -> None:
    """Raise `CannotImport` for what holds code, names a module that is not Keras's, or is too large."""
    layers = 0
    for depth, one in _dictionaries(config):
        if depth > _DEEPEST:
            raise CannotImport(f"its configuration is nested more than {_DEEPEST} deep")
        kind, module = one.get("class_name"), one.get("module")
        if kind in _REFUSED or kind == "__lambda__":
            raise CannotImport(f"it has a layer `{kind}`, which holds code: nothing of it is run")
        if isinstance(module, str) and not _allowed(module, kind):
            raise CannotImport(f"it has a `{str(kind)[:80]}` of `{module[:80]}`, which is no part of Keras")
        if isinstance(kind, str):
            layers += 1
        if layers > 20 * _LAYERS:
            raise CannotImport(f"it has more than {_LAYERS:,} layers")


def _allowed(module: str, kind: Any) -> bool:
    parts = [one for one in module.split(".") if one != "src"]
    if parts[0] == "builtins":
        return bool(kind == "function")
    return parts[0] == "keras" and (parts[1] if len(parts) > 1 else "") in _SPACES


def _dictionaries(value: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    queue = [(0, value)]
    while queue:
        depth, one = queue.pop()
        if depth > _DEEPEST + 1:
            continue
        if isinstance(one, dict):
            yield depth, one
            queue += [(depth + 1, inner) for inner in one.values()]
        elif isinstance(one, list):
            queue += [(depth + 1, inner) for inner in one]

"""A `.keras` file: an archive with the configuration of a model, from which it is made. Its weights are not read."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from archspec.importing.errors import CannotImport

_LARGEST = 64 * 2**20
"""Bytes of a configuration."""
_ENTRIES = 10_000
_DEEPEST = 100
_OBJECTS = 400_000
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
        # Keras repeats the whole configuration before it says what is wrong.
        said = " ".join(str(error).rpartition("Exception encountered:")[2].split())
        raise CannotImport(f"Keras cannot make its layers: {said[:300] or type(error).__name__}") from None
    return model


def _look_through(config: dict[str, Any]) -> None:
    """Raise `CannotImport` for what holds code, names a module that is not Keras's, or is too large."""
    layers = 0
    for depth, one in _dictionaries(config):
        if depth > _DEEPEST:
            raise CannotImport(f"its configuration is nested more than {_DEEPEST} deep")
        kind, module = one.get("class_name"), one.get("module")
        if isinstance(kind, str) and (kind in _REFUSED or kind == "__lambda__"):
            raise CannotImport(f"it has a layer `{kind}`, which holds code: nothing of it is run")
        if isinstance(module, str) and not _allowed(module, kind):
            raise CannotImport(
                f"it has a `{str(kind)[:80]}` of `{module[:80]}`, which is no part of Keras; a function that makes "
                "the model can be imported, keras:package.module:function"
            )
        if isinstance(kind, str):
            layers += 1
        if kind == "Functional":
            _in_order(one.get("config"))
        if layers > _OBJECTS:
            raise CannotImport(f"it has more than {_OBJECTS:,} objects")


def _in_order(config: Any) -> None:
    """Raise `CannotImport` where layers wait for each other: Keras would try for ever."""
    layers = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(layers, list):
        return
    waits: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for layer in layers:
        if not isinstance(layer, dict):
            continue
        nodes = layer.get("inbound_nodes")
        for place, node in enumerate(nodes if isinstance(nodes, list) else []):
            found = (one.get("config") for _, one in _dictionaries(node) if one.get("class_name") == "__keras_tensor__")
            histories = [one.get("keras_history") for one in found if isinstance(one, dict)]
            waits[str(layer.get("name")), place] = {
                (str(one[0]), one[1]) for one in histories
                if isinstance(one, list) and len(one) == 3 and isinstance(one[1], int)
            }  # fmt: skip
    sources = {(str(layer.get("name")), 0) for layer in layers if isinstance(layer, dict)}
    if any(not before <= waits.keys() | sources for before in waits.values()):
        raise CannotImport("a layer takes what no layer gives")
    try:
        TopologicalSorter(waits).prepare()
    except CycleError:
        raise CannotImport("its layers go in a circle") from None


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

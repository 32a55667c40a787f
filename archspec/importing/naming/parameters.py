"""The parameters of a layer: which numbers it needs from outside, what they are called, in which order, with which
defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archspec.importing.naming.fit import constant, fit, plain, simple
from archspec.importing.naming.layers import RESERVED, Layer, identifier
from archspec.importing.naming.samples import Samples, Vector
from archspec.importing.program import Block

_LARGEST_DEFAULT = 3
"""Strides, groups and kernels have a usual value; widths have none."""


def known_numbers(sites: Sequence[Block], samples: Samples) -> dict[str, Vector]:
    """The numbers that the modules were made with, by name, over all sites."""
    tables = [samples.known.get(id(site), {}) for site in sites]
    names = [name for name in tables[0] if all(name in table for table in tables) and "[" not in name]
    return {name: tuple(one for table in tables for one in table[name]) for name in names}


def parameter_for(
    vector: Vector, word: str, layer: Layer, known: Mapping[str, Vector], told: Mapping[str, Vector]
) -> str:
    """An expression for a number that the axes do not give: in parameters that the layer has, else in a new one.

    word: what the number is called where it stands. known: what the constructor calls its numbers. told: the model's
    hyperparameters and free axes.
    """
    own = {**layer.axes, **layer.parameters}
    text = plain(vector, own)
    if text is not None:
        return text
    if word == "padding":
        half = next((name for name, one in own.items() if tuple(size // 2 for size in one) == vector), None)
        if half is not None:
            return f"{half} // 2"
    named = {name: one for name, one in known.items() if one == vector}
    if named:
        return _new(word if word in named else next(iter(named)), vector, layer)
    from_model = next((name for name, one in told.items() if one == vector), None)
    if from_model is not None:
        return _new(from_model, vector, layer)
    multiple = simple(vector, {name: one for name, one in known.items() if not constant(one)})
    if multiple is not None:
        factor, _, name = multiple.rpartition("*")
        new = _new(name, known[name], layer)
        return f"{factor}*{new}" if factor else new
    if _varies(vector, len(layer.sites)):
        text = fit(vector, own)
        if text is not None:
            return text
    return _new(word, vector, layer)


def _varies(vector: Vector, sites: int) -> bool:
    """Whether a number varies with the configuration. Of one that differs from place to place alone, a sum or quotient
    is right by chance.
    """
    size = len(vector) // sites
    return any(not constant(vector[place * size : (place + 1) * size]) for place in range(sites))


def _new(name: str, vector: Vector, layer: Layer) -> str:
    taken = {*layer.axes, *layer.parameters, *layer.variables}
    text = name if name.isidentifier() and name not in taken | RESERVED else identifier(name, taken)
    layer.parameters[text] = vector
    return text


def in_order(layer: Layer, known: Mapping[str, Vector]) -> None:
    """Sort a layer's parameters as the constructor does; those that it does not know come last."""
    place = {name: number for number, name in enumerate(known)}
    order = sorted(layer.parameters, key=lambda one: place.get(one, len(place)))
    layer.parameters = {name: layer.parameters[name] for name in order}


def defaults(layer: Layer, texts: Mapping[tuple[int, object], str]) -> dict[str, str]:
    """The values that parameters have where nothing else is said: small numbers that most calls agree on."""
    found: dict[str, str] = {}
    for place, (name, vector) in enumerate(layer.parameters.items()):
        said = [texts[id(site), place] for site in layer.sites if (id(site), place) in texts]
        if len(said) < 3:
            continue
        usual = max(dict.fromkeys(said), key=said.count)
        small = usual.isdecimal() and int(usual) <= _LARGEST_DEFAULT
        if small and 2 * said.count(usual) >= len(said) and (usual == "0" or min(vector) > 0):
            found[name] = usual
    return found

"""What a model is called with: as asked for, or guessed from its first layer, and said so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from archspec.importing.errors import CannotImport

Shape = tuple[str | int, ...]
_INPUT = re.compile(r"(?:(\w+)\s*=\s*)?(\w+)\[([\w\s,]*)\]", re.ASCII)
_DTYPES = frozenset({"float", "float32", "int64", "int32", "bool"})
_SIZES = {"B": 2, "S": 16, "T": 12, "H": 224, "W": 224, "D": 16, "L": 128, "N": 16}
"""At which sizes axes are tried first."""
_IMAGES = (224, 256, 299, 384, 128, 64, 32, 240, 192, 160)
_IMAGE_SIZE = ("image_size", "img_size", "input_size", "resolution")


@dataclass
class Guess:
    """Inputs: name, dtype, and for each axis a size or the name of an axis or number. axes: free ones, with sizes."""

    inputs: list[tuple[str, str, Shape]] = field(default_factory=list)
    axes: dict[str, int] = field(default_factory=dict)
    guessed: bool = False


def guess_inputs(
    model: nn.Module, texts: Sequence[str], numbers: Mapping[str, Any], given: Sequence[Any],
    attempt: Callable[[Guess], None],
) -> Guess:  # fmt: skip
    """The inputs that were asked for or came with the model, else those that its first layer takes, tried out.

    Raises `CannotImport` where none works.
    """
    if texts:
        asked = _parsed(texts, numbers)
        attempt(asked)
        return asked
    if given:
        return Guess()
    errors: list[str] = []
    for guess in _guesses(model, numbers):
        try:
            attempt(guess)
            return guess
        except Exception as error:  # it takes something else
            errors.append(f"{type(error).__name__}: {error}".partition("\n")[0][:160])
    last = f" (the last try: {errors[-1]})" if errors else ""
    raise CannotImport(f"what the model is called with cannot be guessed: say --inputs 'tokens=int64[B,S]'{last}")


def _parsed(texts: Sequence[str], numbers: Mapping[str, Any]) -> Guess:
    guess = Guess()
    for text in texts:
        rest = text.strip()
        while rest:
            match = _INPUT.match(rest)
            if match is None or match[2] not in _DTYPES:
                raise CannotImport(f"--inputs `{rest[:80]}` is not NAME=DTYPE[SIZES], such as tokens=int64[B,S]")
            shape: list[str | int] = []
            for size in (one.strip() for one in match[3].split(",")):
                if size.isdecimal():
                    shape.append(int(size))
                elif size:
                    shape.append(size)
                    if size not in numbers:
                        guess.axes.setdefault(size, _SIZES.get(size, 16))
            dtype = "float" if match[2] == "float32" else match[2]
            guess.inputs.append((match[1] or f"input_{len(guess.inputs)}", dtype, tuple(shape)))
            rest = rest[match.end() :].lstrip(" ;,")
    return guess


def _guesses(model: nn.Module, numbers: Mapping[str, Any]) -> list[Guess]:
    """By the first layer with parameters; pictures in several sizes."""
    found: list[Guess] = []
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            size = next((name for name in _IMAGE_SIZE if isinstance(numbers.get(name), int)), None)
            if size is not None:
                found.append(_image(module.in_channels, size, size, {}))
            for pixels in _IMAGES:
                found.append(_image(module.in_channels, "H", "W", {"H": pixels, "W": pixels}))
            break
        if isinstance(module, nn.Embedding):
            if getattr(getattr(model, "config", None), "is_encoder_decoder", False):
                pair: list[tuple[str, str, Shape]] = [
                    ("input_ids", "int64", ("B", "S")), ("decoder_input_ids", "int64", ("B", "T"))
                ]  # fmt: skip
                found.append(Guess(pair, {"B": 2, "S": 16, "T": 12}, True))
            found.append(Guess([("tokens", "int64", ("B", "S"))], {"B": 2, "S": 16}, True))
            break
        if isinstance(module, nn.Linear | nn.Conv1d | nn.Conv3d | nn.RNNBase):
            found += _others(module, numbers)
            break
    return found


def _named(width: int, numbers: Mapping[str, Any]) -> str | int:
    """The one number of the model that a width is, if there is one: then it changes with it."""
    equal = [name for name, one in numbers.items() if one == width and not isinstance(one, list | tuple)]
    return equal[0] if len(equal) == 1 else width


def _image(channels: int, height: str, width: str, sizes: dict[str, int]) -> Guess:
    return Guess([("image", "float", ("B", channels, height, width))], {"B": 2, **sizes}, True)


def _others(module: nn.Module, numbers: Mapping[str, Any]) -> list[Guess]:
    if isinstance(module, nn.Linear):
        width = _named(module.in_features, numbers)
        shapes: list[tuple[Shape, dict[str, int]]] = [
            (("B", width), {"B": 2}), (("B", "S", width), {"B": 2, "S": 16})
        ]  # fmt: skip
    elif isinstance(module, nn.RNNBase):
        width = _named(module.input_size, numbers)
        ordered: Shape = ("B", "S", width) if module.batch_first else ("S", "B", width)
        shapes = [(ordered, {"B": 2, "S": 16})]
    elif isinstance(module, nn.Conv1d):
        shapes = [(("B", module.in_channels, "L"), {"B": 2, "L": size}) for size in (128, 1024, 16)]
    else:
        channels = getattr(module, "in_channels", 1)
        shapes = [(("B", channels, "D", "H", "W"), {"B": 2, "D": 16, "H": size, "W": size}) for size in (112, 224, 32)]
    return [Guess([("x", "float", shape)], axes, True) for shape, axes in shapes]

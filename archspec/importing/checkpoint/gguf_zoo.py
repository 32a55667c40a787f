"""Which model of the zoo a GGUF file is, with which numbers, and which recipe its types are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from archspec.importing.checkpoint.gguf_header import Header
from archspec.importing.checkpoint.gguf_types import FILE_TYPES
from archspec.importing.checkpoint.stored import printable
from archspec.importing.configuration.filling import Filling, Parameter
from archspec.importing.configuration.known import Known, entries
from archspec.importing.errors import CannotImport

if TYPE_CHECKING:
    from archspec.elaborate.program import Program
    from archspec.model import Model


@dataclass
class Match:
    """A model with the numbers of a file.

    arguments: the parameters as text. params: of the model. recipe: the format whose bytes are those of the file, type
    by type; data: these bytes, of all tensors that the model has. rest: bytes of tensors that it has not. notes: what
    the two differ in, in sentences.
    """

    known: Known
    arguments: dict[str, str]
    params: int
    recipe: str = ""
    data: int = 0
    rest: int = 0
    notes: list[str] = field(default_factory=list)


def find_match(path: str, header: Header) -> tuple[Match | None, str]:
    """The model that a file is; else nothing, and the reason in a sentence."""
    architecture = header.keys.get("general.architecture")
    if not isinstance(architecture, str):
        return None, "The file names no architecture."
    why: list[str] = []
    for known in entries("gguf.json"):
        if known.type != architecture:
            continue
        try:
            return _match(path, header, known), ""
        except CannotImport as error:
            why.append(f"no {known.model}: {printable(str(error).removeprefix(f'{path}: '), 200)}")
    if why:
        return None, f"Its architecture is {printable(architecture)}, and it is {'; '.join(why)}."
    return None, f"The zoo has no model for its architecture, {printable(architecture)}."


def _match(path: str, header: Header, known: Known) -> Match:
    """The file as one model. Raises `CannotImport` where it is another one."""
    from archspec.errors.diagnostic import SpecError
    from archspec.loading import load
    from archspec.report.report import Report

    filling = Filling(path, _table(header, known.type), known)
    filling.check()
    values = filling.values()
    model = load(known.model)
    model.defaults = {**model.defaults, **values}
    try:
        report = Report(model, model.base, {})
        params = report.value("params")
        program = report.derivation.program
    except SpecError as error:
        raise CannotImport(str(error)) from None
    assert params is not None, "all sizes of parameters have numbers"
    own = {one.name for one in header.tensors if not _fits(one.name, known.extra)}
    held = sum(_elements(one.shape) for one in header.tensors if one.name in own)
    left_out = _left_out(program, report.values, known)
    if held != params - left_out:
        raise CannotImport(f"its tensors have {held:_} elements, and the model {params - left_out:_}")
    match = Match(known, _arguments(model, values), params)
    match.rest = sum(header.aligned(one.size) for one in header.tensors if one.name not in own)
    if left_out:
        match.notes.append(f"The file leaves out {', '.join(known.without)}: {left_out:_} parameters of the model.")
    if match.rest:
        names = ", ".join(sorted(one.name for one in header.tensors if one.name not in own))
        match.notes.append(f"Besides, it has {printable(names)}: {match.rest:_} bytes, which the model has not.")
    if not left_out:
        wanted = _sizes(header, own)
        match.recipe = _recipe(header, program, report.values, wanted)
        match.data = sum(wanted.values())
    return match


# --- the file as a table --------------------------------------------------------------------------------------------


def _table(header: Header, architecture: str) -> dict[str, Any]:
    """The keys of the architecture, as tables in tables, and those that the list of tensors tells."""
    table: dict[str, Any] = {}
    prefix = f"{architecture}."
    for key, value in header.keys.items():
        if not key.startswith(prefix):
            continue
        *path, leaf = key.removeprefix(prefix).split(".")
        place = table
        for part in path:
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict):
                inner = place[part] = {}
            place = inner
        if not isinstance(place.get(leaf), dict):
            place[leaf] = value
    shapes = {one.name: one.shape for one in header.tensors}
    for key, tensor in (("vocab", "token_embd.weight"), ("types", "token_types.weight")):
        if shapes.get(tensor):
            table[key] = shapes[tensor][0]
    table["tied"] = "output.weight" not in shapes
    table["biased"] = "blk.0.attn_q.bias" in shapes
    return table


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _elements(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total


def _left_out(program: Program, values: Mapping[str, int], known: Known) -> int:
    """Parameters of the model that converters leave out."""
    from archspec.formats.names import tensors

    if not known.without:
        return 0
    held = (one for one in tensors(program, values) if one.parameter.role == "param" and not one.parameter.tied_to)
    return sum(_elements(one.shape) for one in held if _fits(one.name, known.without))


def _arguments(model: Model, values: Mapping[str, Parameter]) -> dict[str, str]:
    """Values as text, without flags that are as the model has them."""
    found: dict[str, str] = {}
    for formal in model.definition.layer.formals:
        if formal.name not in values:
            continue
        value = values[formal.name]
        if isinstance(value, bool):
            text = str(value).lower()
            if formal.default is not None and model.source.text[formal.default.start : formal.default.end] == text:
                continue
        else:
            text = str(value) if isinstance(value, int) else repr(float(value)).replace("e-0", "e-")
        found[formal.name] = text
    return found


# --- recipes --------------------------------------------------------------------------------------------------------


def _sizes(header: Header, own: set[str]) -> dict[str, int]:
    """The bytes of the tensors that the model has, by type, each up to the next one."""
    found: dict[str, int] = {}
    for one in header.tensors:
        if one.name in own:
            found[one.type.name] = found.get(one.type.name, 0) + header.aligned(one.size)
    return found


def _recipe(header: Header, program: Program, values: Mapping[str, int], wanted: Mapping[str, int]) -> str:
    """The recipe that gives each type the bytes that it has in the file; first the one that the file names."""
    from archspec.formats.recipes import RECIPES

    named = header.keys.get("general.file_type")
    first = FILE_TYPES.get(named, "") if type(named) is int else ""
    for name in sorted(RECIPES, key=lambda one: one != first):
        if RECIPES[name].default in wanted and _stored(name.lower(), program, values) == wanted:
            return name.lower()
    return ""


def _stored(name: str, program: Program, values: Mapping[str, int]) -> dict[str, int]:
    """The bytes of each type in a recipe."""
    from archspec.algebra import evaluate
    from archspec.formats import find, weights
    from archspec.policy import Policy

    found: dict[str, int] = {}
    for part in weights(program, Policy(precision="bf16"), find(name), values).parts:
        size = part.file_bytes if isinstance(part.file_bytes, int) else evaluate(part.file_bytes, values)
        if size:
            found[part.type] = found.get(part.type, 0) + size
    return found

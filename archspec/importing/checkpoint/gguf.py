"""`gguf:FILE`: a variant of a model of the zoo where the file's architecture is one, else its tensors alone."""

from __future__ import annotations

import os

from archspec.importing.checkpoint.gguf_header import Header, read_header
from archspec.importing.checkpoint.gguf_types import SPELLED
from archspec.importing.checkpoint.gguf_zoo import Match, find_match
from archspec.importing.checkpoint.skeleton import filled, skeleton
from archspec.importing.checkpoint.stored import Stored, file_name, printable
from archspec.importing.checkpoint.tree import proper
from archspec.importing.errors import CannotImport


def from_gguf(path: str | os.PathLike[str]) -> str:
    """The text of a spec for a GGUF file: its architecture, its sizes, and the bytes of each type of tensor.

    Only the header is read. Raises `CannotImport` with the file's name where it is broken or there is nothing to write.
    """
    path = os.fspath(path)
    header = read_header(path)
    if not header.tensors:
        raise CannotImport(f"{path}: there are no tensors in it")
    title = os.path.basename(path).removesuffix(".gguf")
    match, reason = find_match(path, header)
    if match is not None:
        return _variant(path, title, header, match)
    tensors = [Stored(one.name, one.shape, SPELLED.get(one.type.name, "float16")) for one in header.tensors]
    about = f"the {_counted(len(tensors), 'tensor')} of {file_name(path)}"
    blocks = "What is stored in blocks is sized in the precision of the policy."
    return skeleton(path, tensors, printable(title), about, [reason, *_mix(header), blocks])


def _variant(path: str, title: str, header: Header, match: Match) -> str:
    from archspec.library import standard
    from archspec.printing import format_text

    name = proper("".join(letter if letter.isalnum() else "_" for letter in title.lower())).strip("_") or "checkpoint"
    name = name if not name[:1].isdecimal() else f"_{name}"
    name = f"{name}_gguf" if name in standard().names() else name
    arguments = ", ".join(f"{key} = {value}" for key, value in match.arguments.items())
    sentences = [
        f"A variant of {match.known.model} with the numbers of {file_name(path)}, whose architecture is "
        f"{printable(match.known.type)}.",
        *_mix(header),
        *match.notes,
    ]
    if match.recipe:
        recipe = match.recipe
        same = "gives as many bytes" if not match.rest else "gives as many bytes of all tensors that the model has"
        sentences.append(f"The mix is that of {recipe}: `--weights {recipe} --files` {same}.")
    else:
        sentences.append("No recipe that is known has this mix.")
    tests = [f'test "as many parameters as the file has" {{\n  {name}.params == {match.params:_}\n}}']
    if match.recipe:
        given = f'given weights = "{match.recipe}"'
        tests.append(f'test "as many bytes of tensors" {given} {{\n  {name}.file.gguf == {match.data:_}\n}}')
    doc = f'"""{filled(sentences)}"""'
    variant = f"model {name} = {match.known.model}({arguments})"
    return format_text("\n\n".join([doc, variant, *tests]) + "\n")


def _mix(header: Header) -> list[str]:
    """What the tensors are stored in, in sentences: exact bytes for each type."""
    counts: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for one in header.tensors:
        counts[one.type.name] = counts.get(one.type.name, 0) + 1
        sizes[one.type.name] = sizes.get(one.type.name, 0) + one.size
    total = sum(header.aligned(one.size) for one in header.tensors)
    parts = [f"{name}: {_counted(counts[name], 'tensor')}, {sizes[name]:_} bytes" for name in sorted(counts)]
    return [
        f"Its tensor data are {total:_} bytes, each tensor from one multiple of {header.alignment} to the next.",
        f"Of these are {'; '.join(parts)}.",
    ]


def _counted(number: int, what: str) -> str:
    return f"{number:_} {what}{'' if number == 1 else 's'}"

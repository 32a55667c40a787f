"""`safetensors:FILE`, or the index of shards: names, shapes and dtypes as a parameters-only spec."""

from __future__ import annotations

import os

from archspec.importing.checkpoint.skeleton import skeleton
from archspec.importing.checkpoint.stored import Stored, file_name, printable, spelled
from archspec.importing.errors import CannotImport


def from_safetensors(path: str | os.PathLike[str]) -> str:
    """The text of a spec with the tensors of a safetensors file, or of `model.safetensors.index.json` and its shards.

    Only headers are read. Raises `CannotImport` with the file's name where it is broken or there is nothing to write.
    """
    path = os.fspath(path)
    tensors = read_tensors(path)
    title = os.path.basename(path)
    for ending in (".index.json", ".safetensors"):
        title = title.removesuffix(ending)
    title = "checkpoint" if title in ("model", "pytorch_model", "diffusion_pytorch_model") else title
    plural = "tensor" if len(tensors) == 1 else "tensors"
    return skeleton(path, tensors, printable(title), f"the {len(tensors):_} {plural} of {file_name(path)}")


def read_tensors(path: str) -> list[Stored]:
    """The tensors of a file, or of all files of an index. Raises `CannotImport`."""
    from archspec.verify.traced import safetensors

    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise CannotImport(f"{path}: not a file")
        held = safetensors.read(path).held
    except OSError as error:
        raise CannotImport(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except safetensors.BadFile as error:
        text = str(error).removeprefix(path)
        raise CannotImport(
            f"{path}{printable(text, 300) if text != str(error) else ': ' + printable(text, 300)}"
        ) from None
    found: list[Stored] = []
    for one in held:
        dtype = spelled(one.dtype)
        if dtype is None:
            raise CannotImport(f"{path}: `{printable(one.name)}` is {one.dtype}, of which the language has no equal")
        found.append(Stored(one.name, one.shape, dtype))
    return found

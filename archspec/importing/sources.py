"""What can be imported: sources by their first word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from archspec.importing.errors import CannotImport
from archspec.importing.model import SECONDS, Imported, Source, Step, import_model

_FORMS = (
    "torch:package.module:function, hf:config.json, keras:package.module:function, keras:FILE.keras, onnx:FILE, "
    "safetensors:FILE or gguf:FILE"
)


def imported(
    text: str, *, given: str = "", inputs: Sequence[str] = (), partial: bool = False, seconds: float = SECONDS,
    step: Step = lambda _: None,
) -> Imported:  # fmt: skip
    """The spec of a source as the command line names it. Raises `CannotImport` and `CannotVerify`.

    given: `name=value, …` as literals of Python. inputs: `x=int64[B,S]`. seconds: for all code that is run.
    """
    kind, _, rest = text.partition(":")
    if not rest:
        raise CannotImport(f"`{text[:200]}` is not {_FORMS}")
    if kind in _FILES:
        return Imported(_FILES[kind](_file(rest)))
    if kind == "hf":
        source = Source("config", text, path=str(_file(rest)), given=_keywords(given), inputs=inputs)
    elif kind == "onnx" or (kind == "keras" and rest.endswith(".keras")):
        if given:
            raise CannotImport("a file has no arguments that --set could set")
        source = Source("onnx" if kind == "onnx" else "keras file", text, path=str(_file(rest)), inputs=inputs)
    elif kind in ("torch", "keras"):
        module, _, attribute = rest.partition(":")
        if not all(one.isidentifier() for one in (*module.split("."), *attribute.split("."))):
            raise CannotImport(f"`{text[:200]}` is not {kind}:package.module:function")
        source = Source(kind, text, module, attribute, given=_keywords(given), inputs=inputs)
    else:
        raise CannotImport(f"`{text[:200]}` is not {_FORMS}")
    try:
        return import_model(source, partial=partial, seconds=seconds, step=step)
    except CannotImport as error:
        if kind != "hf" or not _in_zoo(source.path):
            raise
        raise CannotImport(f"{error}\nhelp: the zoo has this model: archspec size --config {rest}") from None


def _in_zoo(path: str) -> bool:
    """Whether a configuration file fills a model of the zoo."""
    from archspec.importing.configuration import configured

    try:
        configured(path)
    except CannotImport:
        return False
    return True


def _keywords(text: str) -> dict[str, object]:
    from archspec.verify.errors import CannotVerify
    from archspec.verify.targets import parse_keywords

    try:
        return parse_keywords(text)
    except CannotVerify as error:
        raise CannotImport(str(error).replace("--kwargs", "--set")) from None


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise CannotImport(f"there is no file `{text[:300]}`")
    return path


def _safetensors(path: Path) -> str:
    from archspec.importing.checkpoint import from_safetensors

    return from_safetensors(path)


def _gguf(path: Path) -> str:
    from archspec.importing.checkpoint import from_gguf

    return from_gguf(path)


_FILES: dict[str, Callable[[Path], str]] = {"safetensors": _safetensors, "gguf": _gguf}
"""Files of which only names, shapes and types are read: nothing is run."""

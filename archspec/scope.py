"""What names mean in a file: its own definitions, then those of the files it uses, then the library's.

Loading a file reports all it finds wrong with names: one defined twice, a `use` of nothing, in a circle, or of a file
outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from archspec.errors.diagnostic import Diagnostics, Note
from archspec.errors.suggest import did_you_mean
from archspec.files import Disk, FileProblem, Files, Located, Memory
from archspec.syntax.source import Place, Source
from archspec.syntax.tree import Assign, Each, File, If, Layer, Repeat, Statement, Test, Use, Variant

if TYPE_CHECKING:
    from archspec.library import Library


class Definition(NamedTuple):
    """A layer, model or variant, the source it stands in, and what the names in it mean."""

    node: Layer | Variant
    source: Source
    scope: FileScope


class FileScope:
    """The names of one file.

    `definitions` are its own; `used` the files it uses without a name, `aliases` those it uses with one. A file that is
    used lends its own definitions, not those that it uses itself. `is_layer_library`: errors in it are shown at its
    callers first.
    """

    def __init__(self, source: Source, *, library: Library | None, file: File | None = None) -> None:
        self.source = source
        self.library = library
        self.definitions: Mapping[str, Definition] = {}
        self.used: list[FileScope] = []
        self.aliases: dict[str, FileScope] = {}
        self.is_layer_library = False
        self._file = file

    @property
    def file(self) -> File:
        """The whole tree of the file."""
        if self._file is None:
            assert self.library is not None, "only a library's file is made without its tree"
            self._file = self.library.file(self.source.name)
        return self._file

    @property
    def tests(self) -> tuple[Test, ...]:
        """The file's tests."""
        return tuple(item for item in self.file.items if isinstance(item, Test))

    def lookup(self, name: str) -> Definition | None:
        """What a name means in this file; None when it means nothing."""
        own = self.definitions.get(name)
        if own is not None:
            return own
        for scope in self.used:
            if name in scope.definitions:
                return scope.definitions[name]
        return None if self.library is None else self.library.find(name)

    def library_lookup(self, name: str) -> Definition | None:
        """What a name means in the library, whatever this file defines: the layers behind operators."""
        if self.library is not None:
            return self.library.find(name)
        return self.lookup(name)

    def names(self) -> list[str]:
        """All names that mean something in this file, its own first: to suggest one."""
        known = [*self.definitions, *(name for scope in self.used for name in scope.definitions)]
        return list(dict.fromkeys(known + ([] if self.library is None else self.library.names())))

    def add_use(self, use: Use, scope: FileScope) -> None:
        """Let this file use another."""
        if use.alias is None:
            self.used.append(scope)
        else:
            self.aliases[use.alias] = scope


def is_primitive(layer: Layer) -> bool:
    """Does a layer assign none of its outputs? Then its declarations are all there is to know of it."""
    outputs = {tensor.name for tensor in layer.signature.outputs} if layer.signature else set[str]()
    waiting: list[Statement] = list(layer.body)
    while waiting:
        match waiting.pop():
            case Assign(targets=targets) if any(target.name in outputs for target in targets):
                return False
            case Repeat(body=body) | Each(body=body):
                waiting.extend(body)
            case If(then=then, other=other):
                waiting.extend((*then, *other))
            case _:
                continue
    return True


def load_file(path: str, diagnostics: Diagnostics, library: Library | None = None) -> FileScope | None:
    """The scope of a file on disk, and of all it uses; None when it cannot be read.

    Without a `library`, the standard one is meant.
    """
    if "\0" in path:
        diagnostics.error("file-not-found", None, path=path.replace("\0", "?"))
        return None
    return _Loader(Disk(path), library or _standard(), diagnostics).main(Located(_real(path), path))


def load_text(
    text: str,
    diagnostics: Diagnostics,
    *,
    name: str = "main.arch",
    files: Mapping[str, str] | None = None,
    library: Library | None = None,
) -> FileScope:
    """The scope of a text, with other files it may use given as texts by path. Needs no file system."""
    memory = Memory({**(files or {}), name: text})
    scope = _Loader(memory, library or _standard(), diagnostics).main(Located(name, name))
    assert scope is not None, "a text in memory can be read"
    return scope


def _real(path: str) -> str:
    from os.path import realpath

    return realpath(path)


def _standard() -> Library:
    from archspec.library import standard

    return standard()


def parsed(source: Source, diagnostics: Diagnostics) -> File:
    """The tree of a source, from the cache when the same text was parsed before without a complaint."""
    from archspec import cache

    kept = cache.load("file", source.text)
    if isinstance(kept, tuple):
        return File(0, len(source.text), source, *kept)
    from archspec.syntax.parser import parse  # here: a text in the cache needs no parser

    before = len(diagnostics.found)
    file = parse(source, diagnostics)
    if len(diagnostics.found) == before:
        cache.save("file", source.text, (file.doc, file.items, file.comments))
    return file


class _Loader:
    """Loads a main file and all that it uses, each once."""

    def __init__(self, files: Files, library: Library, diagnostics: Diagnostics) -> None:
        self.files = files
        self.library = library
        self.diagnostics = diagnostics
        self._loaded: dict[str, FileScope | None] = {}
        self._loading: list[Located] = []

    def main(self, file: Located) -> FileScope | None:
        """Load the main file."""
        return self._load(file, None)

    def _load(self, file: Located, said: Place | None) -> FileScope | None:
        """Load a file; `said` is the `use` that names it."""
        if file.key in self._loaded:
            return self._loaded[file.key]
        try:
            source = Source(file.shown, self.files.read(file))
        except FileProblem as problem:
            problem.report(self.diagnostics, said)
            self._loaded[file.key] = None
            return None
        scope = FileScope(source, library=self.library, file=parsed(source, self.diagnostics))
        # The library's own files can be checked and tested where they lie.
        scope.is_layer_library = self.library.has_layers(source.text)
        scope.definitions = self._definitions(scope)
        self._loading.append(file)
        for item in scope.file.items:
            if isinstance(item, Use):
                self._use(item, scope, file)
        self._loading.pop()
        self._loaded[file.key] = scope
        return scope

    def _definitions(self, scope: FileScope) -> dict[str, Definition]:
        """The file's own definitions; a second one of a name is an error, one that hides a primitive a warning."""
        found: dict[str, Definition] = {}
        for item in scope.file.items:
            if not isinstance(item, Layer | Variant):
                continue
            place = Place(scope.source, item.name_start, item.name_end)
            if item.name in found:
                first = found[item.name].node
                note = Note("first defined here", Place(scope.source, first.name_start, first.name_end))
                self.diagnostics.error("duplicate-definition", place, notes=(note,), name=item.name)
                continue
            if self.library.is_primitive(item.name) and not self.library.holds(scope.source, item.name):
                self.diagnostics.warning("hides-primitive", place, name=item.name)
            found[item.name] = Definition(item, scope.source, scope)
        return found

    def _use(self, use: Use, scope: FileScope, file: Located) -> None:
        """Make the definitions of another file known in this one."""
        place = Place(scope.source, use.start, use.end)
        if use.alias is not None and (use.alias in scope.aliases or use.alias in scope.definitions):
            self.diagnostics.error("duplicate-definition", place, name=use.alias)
            return
        used = self._target(use, place, file)
        if used is None:
            return
        if use.alias is None:
            for other in scope.used:
                both = [
                    name for name in used.definitions if name in other.definitions and name not in scope.definitions
                ]
                for name in both[:1] if other is not used else ():
                    files = (other.source.name, used.source.name)
                    self.diagnostics.error("ambiguous-use", place, name=name, first=files[0], second=files[1])
        scope.add_use(use, used)

    def _target(self, use: Use, place: Place, file: Located) -> FileScope | None:
        """The scope of the file that a `use` means: beside the file that says it, or in the library."""
        in_library = self.library.path_of(use.path)
        try:
            found = self.files.find(use.path, file)
        except FileProblem as problem:
            found = None
            if in_library is None:
                problem.report(self.diagnostics, place)
                return None
        if found is not None:
            return None if self._in_circle(found, place) else self._load(found, place)
        if in_library is not None:
            return self.library.scope(in_library)
        fix = did_you_mean(use.path, [*self.files.names(), *self.library.texts])
        self.diagnostics.error("file-not-found", place, path=use.path, fix=fix)
        return None

    def _in_circle(self, found: Located, place: Place) -> bool:
        """Does a file use itself, directly or through others? Then say so."""
        keys = [file.key for file in self._loading]
        if found.key not in keys:
            return False
        circle = [*self._loading[keys.index(found.key) :], found]
        self.diagnostics.error("use-circle", place, circle=" -> ".join(f"`{file.shown}`" for file in circle))
        return True

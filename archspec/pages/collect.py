"""What is documented: the layers and models of the specs that were named, what they use, and what uses them."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field

from archspec.elaborate.values import Definition
from archspec.errors.diagnostic import Diagnostics, SpecError
from archspec.errors.suggest import did_you_mean
from archspec.library import Library, standard
from archspec.pages.references import used_by
from archspec.scope import Definition as Found
from archspec.scope import FileScope, is_primitive, load_file
from archspec.syntax import tree


@dataclass(eq=False)
class Entry:
    """A layer or model with a page. place: where the page lies, without an ending; file: its file, for people."""

    name: str
    definition: Definition
    file: str
    place: str = ""
    variants: list[str] = field(default_factory=list)
    tests: list[tree.Test] = field(default_factory=list)
    uses: list[Entry] = field(default_factory=list)
    users: list[Entry] = field(default_factory=list)

    @property
    def layer(self) -> tree.Layer:
        """Its block."""
        return self.definition.layer

    @property
    def scope(self) -> FileScope:
        """What names mean in its file."""
        return self.definition.scope

    @property
    def kind(self) -> str:
        """`model`, `primitive`, or `layer` where it is wired from others."""
        if self.layer.keyword == "model":
            return "model"
        return "primitive" if is_primitive(self.layer) else "layer"

    def text(self, node: tree.Node) -> str:
        """What was written, in one line."""
        return " ".join(self.definition.source.text[node.start : node.end].split())


@dataclass(eq=False)
class Book:
    """Everything documented, in the order of the files."""

    entries: list[Entry] = field(default_factory=list)
    _known: dict[tuple[str, str], Entry] = field(default_factory=dict)

    def entry(self, scope: FileScope, name: str) -> Entry | None:
        """The entry that a name means in a file, if it has a page."""
        found = scope.lookup(name)
        return self.of(found) if found is not None else None

    def of(self, found: Found) -> Entry | None:
        """The entry of a definition. The same text is the same file, wherever it was read."""
        return self._known.get((found.source.text, found.node.name))

    def add(self, entry: Entry) -> None:
        """Take in an entry."""
        self._known[entry.definition.source.text, entry.name] = entry
        self.entries.append(entry)


def collect(specs: Iterable[str]) -> Book:
    """The book of files and of names of the library, with the layers that these use.

    Raises `SpecError` with every error of the files.
    """
    book, library, diagnostics = Book(), standard(), Diagnostics()
    own: dict[str, FileScope] = {}
    lent: dict[str, FileScope] = {}
    for spec in specs:
        _find(spec, library, own, lent, diagnostics)
    if diagnostics.errors:
        raise SpecError(list(diagnostics))
    for file, scope in [*_named(own), *lent.items()]:
        for name in scope.definitions:
            found = scope.definitions[name]
            if isinstance(found.node, tree.Layer) and book.of(found) is None:
                book.add(Entry(name, Definition(found.node, found.source, found.scope), file))
    _add_reached(book, library)
    for scope in {id(entry.scope): entry.scope for entry in book.entries}.values():
        _add_variants(book, scope)
        _add_tests(book, scope)
    _place(book)
    for entry in book.entries:
        for one in entry.uses:
            one.users.append(entry)
    return book


def _find(
    spec: str, library: Library, own: dict[str, FileScope], lent: dict[str, FileScope], diagnostics: Diagnostics
) -> None:
    """The scope that a file or a name of the library stands for. A copy of a file of the library is the library's."""
    if spec.endswith(".arch") or os.path.sep in spec or os.path.isfile(spec):
        scope = load_file(spec, diagnostics, library)
        if scope is None:
            return
        known = next((name for name, text in library.texts.items() if text == scope.source.text), None)
        if known is not None:
            lent.setdefault(known, library.scope(known))
        else:
            own.setdefault(spec, scope)
        return
    found = library.find(spec)
    if found is None:
        fix = did_you_mean(spec, [*library.names("model"), *library.names("variant"), *library.names("layer")])
        diagnostics.error("unknown-model", None, name=spec, fix=fix)
        return
    lent.setdefault(found.source.name, found.scope)


def _named(own: dict[str, FileScope]) -> list[tuple[str, FileScope]]:
    """Files with their names on the site: their paths in the folder that holds them all."""
    folders = [os.path.dirname(os.path.abspath(path)) for path in own]
    top = os.path.commonpath(folders) if folders else ""
    return [(os.path.relpath(os.path.abspath(path), top).replace(os.sep, "/"), own[path]) for path in own]


def _add_reached(book: Book, library: Library) -> None:
    """Say what each entry uses; what of it has no page yet gets one."""
    for entry in book.entries:  # which grows on the way
        for found in used_by(entry.layer, entry.scope):
            known = book.of(found)
            if known is None:
                assert isinstance(found.node, tree.Layer)
                name = found.source.name
                file = name if name in library.texts else posixpath.basename(name.replace(os.sep, "/"))
                known = Entry(found.node.name, Definition(found.node, found.source, found.scope), file)
                book.add(known)
            if known is not entry:
                entry.uses.append(known)


def _add_variants(book: Book, scope: FileScope) -> None:
    """Each variant to the model at its end."""
    for name, found in scope.definitions.items():
        base: Found | None = found
        steps = 0
        while base is not None and isinstance(base.node, tree.Variant) and steps < len(scope.definitions) + 1:
            base, steps = _target(base.scope, base.node), steps + 1
        if steps == 0 or base is None:
            continue
        entry = book.of(base)
        if entry is not None and entry.scope is scope:
            entry.variants.append(name)


def _target(scope: FileScope, variant: tree.Variant) -> Found | None:
    function = variant.call.function
    if isinstance(function, tree.Attribute) and isinstance(function.value, tree.Name):
        alias = scope.aliases.get(function.value.name)
        return None if alias is None else alias.lookup(function.name)
    return scope.lookup(function.name) if isinstance(function, tree.Name) else None


def _add_tests(book: Book, scope: FileScope) -> None:
    """Each test to the layers and models that it speaks of."""
    for test in scope.tests:
        named = {condition.path.names[0] for condition in test.conditions}
        for entry in book.entries:
            if entry.scope is scope and (entry.name in named or not named.isdisjoint(entry.variants)):
                entry.tests.append(test)


def _place(book: Book) -> None:
    """Give each page its place. Names that differ only in case would be one file on some disks."""
    taken = {"index"}
    for entry in book.entries:
        folder = entry.file.removesuffix(".arch")
        place, number = f"{folder}/{entry.name}", 2
        while place.casefold() in taken or entry.name.casefold() == "index":
            place, number = f"{folder}/{entry.name}-{number}", number + 1
            if place.casefold() not in taken:
                break
        taken.add(place.casefold())
        entry.place = place

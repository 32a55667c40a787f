"""Layers that take layers as arguments, without these: a layer of its own for each such use.

`x -> Ensemble(5, Network(widths, classes))` becomes `x -> EnsembleOfNetwork(5, widths, classes)`. In the block of
`EnsembleOfNetwork`, `member` is the layer `Network` itself, made from parameters of the block. What is exported
knows of no layers as arguments. Trees are not changed but made anew, those of the files stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.elaborate.calls import kind_of
from archspec.elaborate.values import Definition
from archspec.elaborate.wiring import is_composite
from archspec.export.rebuilding import call, free, names_in, with_block, with_children
from archspec.export.template_uses import Given, Meant, Special, Uses
from archspec.model import Model
from archspec.scope import Definition as Found
from archspec.scope import FileScope
from archspec.syntax import tree


@dataclass
class Templates:
    """The layers of one export. framework: layers that it has a spelling of are not looked into.

    titles: what the classes of layers made for a use are called, by the identity of the layers.
    """

    framework: str
    titles: dict[int, str] = field(default_factory=dict)
    _special: dict[object, Special] = field(default_factory=dict)
    _open: set[int] = field(default_factory=set)
    _found: dict[int, tuple[Meant, Found]] = field(default_factory=dict)

    def settled(self, model: Model) -> Model:
        """The model without layers as arguments: itself, if there are none."""
        if not self._occur(model.definition):
            return model
        found = self.found(model.definition)
        assert isinstance(found.node, tree.Layer)
        made = Model(model.name, Definition(found.node, found.source, found.scope), model.defaults, model.doc)
        made.assumed, made.base, made.find = model.assumed, model.base, model.find
        return made

    def _occur(self, root: Definition) -> bool:
        waiting, seen = [root], {id(root.layer)}
        while waiting:
            uses = Uses(self, waiting.pop(), {})
            uses.block()
            if uses.special:
                return True
            for meant in uses.plain:
                if id(meant.layer) not in seen and not self.is_closed(meant.layer):
                    seen.add(id(meant.layer))
                    waiting.append(meant)
        return False

    def is_closed(self, layer: tree.Layer) -> bool:
        """Whether what a layer wires is not written: the framework has the layer, or it wires nothing."""
        spelled = any(isinstance(one, tree.Binding) and one.framework == self.framework for one in layer.body)
        return spelled or layer.external or not is_composite(layer)

    def default(self, layer: tree.Layer, node: tree.Expression, there: Uses) -> tuple[Meant, Given] | None:
        """The layer that a parameter's default names; None where that is the default of itself."""
        if id(layer) in self._open:
            return None
        self._open.add(id(layer))
        try:
            return there.use(node)
        finally:
            self._open.discard(id(layer))

    def found(self, meant: Meant) -> Found:
        """A layer, all uses of layers in its block replaced."""
        key = id(meant) if isinstance(meant, Special) else id(meant.layer)
        if key not in self._found:
            definition = meant.definition if isinstance(meant, Special) else meant
            layer, scope = definition.layer, Names(self, definition.scope)
            members = meant.members if isinstance(meant, Special) else {}
            if members or not self.is_closed(layer):
                uses = Uses(self, definition, members)
                layer = with_block(layer, layer.formals, uses.block()) if uses.block() is not layer.body else layer
                scope.meant = {**members, **uses.special}
            if isinstance(meant, Special):
                self.titles[id(layer)] = meant.title
            self._found[key] = meant, Found(layer, definition.source, scope)
        return self._found[key][1]

    def special(self, definition: Definition, members: dict[str, tuple[Meant, Given]], inline: set[str]) -> Special:
        """The layer for a use of another. members: the layers that it gets for parameters, and what those are given.

        inline: the parameters that were not given, so that the layers are those of their defaults.
        """
        chosen = tuple((name, _identity(meant), tuple(given)) for name, (meant, given) in members.items())
        key = (id(definition.layer), chosen, frozenset(inline))
        if key not in self._special:
            layer = definition.layer
            shown = "And".join(_title(meant) for meant, _ in members.values())
            title = free(f"{layer.name}Of{shown}", {one.title for one in self._special.values()})
            handed = _handed(layer, members, inline)
            made = _opened(layer, members, handed)
            meanings = {name: meant for name, (meant, _) in members.items()}
            opened = Definition(made, definition.source, definition.scope)
            self._special[key] = Special(title, opened, meanings, handed)
        return self._special[key]


class Names(FileScope):
    """What names mean in a block: its own names of layers, and else what they mean in its file."""

    def __init__(self, templates: Templates, inner: FileScope) -> None:
        super().__init__(inner.source, library=inner.library)
        self.templates, self.inner = templates, inner
        self.meant: dict[str, Meant] = {}
        self.is_layer_library = inner.is_layer_library
        self.aliases = {name: Names(templates, scope) for name, scope in inner.aliases.items()}

    def lookup(self, name: str) -> Found | None:
        """What a name means."""
        if name in self.meant:
            return self.templates.found(self.meant[name])
        return self._settled(self.inner.lookup(name))

    def library_lookup(self, name: str) -> Found | None:
        """What a name means in the library."""
        return self._settled(self.inner.library_lookup(name))

    def names(self) -> list[str]:
        """All names of the file."""
        return self.inner.names()

    def _settled(self, found: Found | None) -> Found | None:
        if found is None or not isinstance(found.node, tree.Layer):
            return found
        return self.templates.found(Definition(found.node, found.source, found.scope))


def _identity(meant: Meant) -> int:
    return id(meant) if isinstance(meant, Special) else id(meant.layer)


def _title(meant: Meant) -> str:
    return meant.title if isinstance(meant, Special) else meant.layer.name


def _handed(layer: tree.Layer, members: dict[str, tuple[Meant, Given]], inline: set[str]) -> dict[str, dict[str, str]]:
    """For each layer that is given, the new parameters that hold what it is given itself, by its own names of them."""
    taken = names_in(layer)
    handed: dict[str, dict[str, str]] = {}
    for name, (_, given) in members.items():
        if name in inline:
            continue
        handed[name] = {}
        for one in given:
            wanted = one if one not in taken else f"{name}_{one}"
            handed[name][one] = free(wanted, taken)
            taken.add(handed[name][one])
    return handed


def _opened(
    layer: tree.Layer, members: dict[str, tuple[Meant, Given]], handed: dict[str, dict[str, str]]
) -> tree.Layer:
    """The layer with the parameters of its layers instead of these, which are made from them where they are named."""
    formals: list[tree.Formal] = []
    for formal in layer.formals:
        if formal.name not in members:
            formals.append(formal)
            continue
        meant = members[formal.name][0]
        kinds = {one.name: kind_of(one, meant.layer) for one in meant.layer.formals}
        for one, name in handed.get(formal.name, {}).items():
            formals.append(tree.Formal(formal.start, formal.end, name, kinds[one], None))

    def anew(node: tree.Node) -> tree.Node:
        function = node.function if isinstance(node, tree.Call) else node
        if isinstance(node, tree.Binding) or not (isinstance(function, tree.Name) and function.name in members):
            made = with_children(node, anew)
            assert isinstance(made, tree.Node)
            return made
        meant, inner = members[function.name]
        names = handed.get(function.name)
        given: Given = dict(inner)
        if names is not None:
            given = {one: tree.Name(node.start, node.end, name) for one, name in names.items()}
        for position, one in enumerate(node.arguments if isinstance(node, tree.Call) else ()):
            key = one.name if one.name is not None else meant.layer.formals[position].name
            given[key] = with_children(one, anew).value
        return call(node, function.name, meant.layer.formals, given) if given else node

    return with_block(layer, tuple(formals), with_children(layer.body, anew))

"""The uses, in the block of a layer, of layers that take layers as arguments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archspec.elaborate.calls import kind_of
from archspec.elaborate.values import Definition
from archspec.export.rebuilding import call, free, local_names, with_children
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.export.templates import Templates

Given = dict[str, tree.Expression]
"""Arguments by the names of parameters."""


@dataclass(eq=False)
class Special:
    """A layer for one use of another: the same, but for its parameters that are layers.

    members: the layers that these stand for. handed: for each of them, under which name the block has what it is given.
    """

    title: str
    definition: Definition
    members: dict[str, Meant]
    handed: dict[str, dict[str, str]]

    @property
    def layer(self) -> tree.Layer:
        """The layer itself."""
        return self.definition.layer


Meant = Definition | Special
"""What a name of a layer means: a layer of a file, or one made for a use."""


@dataclass(eq=False)
class Uses:
    """The block of one layer, made anew. members: what names of layers mean in it besides those of the file.

    special: the names it gives to layers that are made for its uses. plain: the other layers that it names.
    """

    templates: Templates
    definition: Definition
    members: dict[str, Meant]
    special: dict[str, Meant] = field(default_factory=dict)
    plain: list[Definition] = field(default_factory=list)
    _made: dict[int, tuple[tree.Node, tree.Node]] = field(default_factory=dict)
    _used: dict[int, tuple[tree.Node, tuple[Meant, Given] | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.locals = local_names(self.definition.layer)

    def block(self) -> tuple[tree.Statement, ...]:
        """The block without layers as arguments: itself, if there are none."""
        made: tuple[tree.Statement, ...] = with_children(self.definition.layer.body, self.anew)
        return made

    def anew(self, node: tree.Node) -> tree.Node:
        """A node with all uses in it replaced."""
        if isinstance(node, tree.Binding):
            return node
        if id(node) not in self._made:
            used = self.use(node)
            if used is not None and isinstance(used[0], Special):
                made: tree.Node = call(node, self._name(used[0]), used[0].layer.formals, used[1])
            elif used is not None and isinstance(node, tree.Call):
                made = tree.Call(node.start, node.end, node.function, with_children(node.arguments, self.anew))
                made = node if made.arguments is node.arguments else made
            else:
                made = with_children(node, self.anew)
            self._made[id(node)] = node, made
        return self._made[id(node)][1]

    def use(self, node: tree.Node) -> tuple[Meant, Given] | None:
        """The layer that an expression names and what it is given, uses in that replaced; None if it names none."""
        if id(node) not in self._used:
            self._used[id(node)] = node, self._use(node)
        return self._used[id(node)][1]

    def _use(self, node: tree.Node) -> tuple[Meant, Given] | None:
        function, written = (node.function, node.arguments) if isinstance(node, tree.Call) else (node, ())
        meant = self._meaning(function)
        if meant is None:
            return None
        formals = [formal.name for formal in meant.layer.formals]
        given: Given = {}
        for position, one in enumerate(written):
            if one.name is None and position >= len(formals):
                return None
            given[formals[position] if one.name is None else one.name] = one.value
        if isinstance(meant, Definition):
            self.plain.append(meant)
            if not self.templates.is_closed(meant.layer):
                return self._opened(meant, given)
        return meant, self._given(given)

    def _given(self, given: Given) -> Given:
        return {name: self.anew(value) for name, value in given.items()}  # type: ignore[misc]  # expressions stay such

    def _opened(self, meant: Definition, given: Given) -> tuple[Meant, Given]:
        """A use of a layer of a file: the layer that is made for it, if it takes layers."""
        there = Uses(self.templates, meant, {})
        members: dict[str, tuple[Meant, Given]] = {}
        inline: set[str] = set()
        for formal in meant.layer.formals:
            used = self.use(given[formal.name]) if formal.name in given else None
            if formal.name not in given and formal.default is not None:
                used = self.templates.default(meant.layer, formal.default, there)
                inline |= set() if used is None else {formal.name}
            if used is not None:
                members[formal.name] = used
            elif kind_of(formal, meant.layer) == "layer":
                return meant, self._given(given)  # one made before, or one of several: it stays an argument
        if not members:
            return meant, self._given(given)
        special = self.templates.special(meant, members, inline)
        rest = self._given({name: value for name, value in given.items() if name not in members})
        for name, names in special.handed.items():
            rest |= {names[one]: value for one, value in members[name][1].items()}
        return special, rest

    def _meaning(self, function: tree.Node) -> Meant | None:
        scope = self.definition.scope
        if isinstance(function, tree.Attribute) and isinstance(function.value, tree.Name):
            alias = scope.aliases.get(function.value.name)
            found = None if alias is None or function.value.name in self.locals else alias.lookup(function.name)
        elif isinstance(function, tree.Name) and function.name not in self.locals:
            if function.name in self.members:
                return self.members[function.name]
            found = scope.lookup(function.name)
        else:
            return None
        if found is None or not isinstance(found.node, tree.Layer):
            return None
        return Definition(found.node, found.source, found.scope)

    def _name(self, meant: Special) -> str:
        """What the block calls a layer made for a use."""
        for name, other in self.special.items():
            if other is meant:
                return name
        name = meant.title
        taken = self.locals | set(self.members) | set(self.special)
        while name in taken or self.definition.scope.lookup(name) is not None:
            taken.add(name)
            name = free(meant.title, taken)
        self.special[name] = meant
        return name

"""What the names of a spec are in Python: in the constructor of a class, and in its `forward`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archspec.algebra import Dim, free_symbols, symbol
from archspec.elaborate.frame import Frame
from archspec.export import keras_helpers, names
from archspec.export.code import Line
from archspec.export.problems import refuse
from archspec.export.scalars import Py, Scalars
from archspec.export.sizes import dim
from archspec.export.study import OPAQUE, Study
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.export.project import Project
    from archspec.export.writer import Writer


@dataclass(eq=False)
class Naming:
    """The names of one class.

    parent: the class around, for the class of one turn of a loop. kinds: what each name of the spec is: `formal` (a
    constructor argument), `runtime` (an argument of `forward`), `where`, `axis`, `item` (an entry or index of a loop),
    `size` (a size that changes from turn to turn), `local` (an index of a loop in `forward`), `param`, `tensor`.
    stored: parameters that are kept as attributes. header: lines at the beginning of `forward`. arguments: numbers that
    the class around hands to `forward`. inline: variables of a loop in `forward`.
    """

    project: Project
    study: Study
    name: str
    parent: Writer | None = None
    kinds: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    idents: dict[str, str] = field(default_factory=dict)
    pool: names.Pool = field(default_factory=names.Pool)
    wheres: dict[str, tree.Where] = field(default_factory=dict)
    sizes: dict[str, Py] = field(default_factory=dict)
    header: list[Line] = field(default_factory=list)
    stored: dict[str, None] = field(default_factory=dict)
    axes: dict[str, None] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    inline: dict[str, str] = field(default_factory=dict)

    @property
    def frame(self) -> Frame:
        """The frame in which the engine evaluates."""
        return self.study.frame

    def ident(self, name: str) -> str:
        """The Python variable of a name of the spec."""
        if name not in self.idents:
            self.idents[name] = self.pool.take(names.identifier(name))
        return self.idents[name]

    def helper(self, name: str) -> str:
        """A variable that the spec does not name."""
        key = f"<{name}>"
        if key not in self.idents:
            self.idents[key] = self.pool.take(name)
        return self.idents[key]

    def declare(self, name: str, kind: str, annotation: str = "int") -> None:
        """Say what a name is."""
        self.kinds[name] = kind
        self.types[name] = annotation

    def in_init(self, node: tree.Name) -> Py:
        """A name in the constructor."""
        name = node.name
        if self.kinds.get(name) in ("formal", "where", "item", "size", "axis"):
            return Py(self.ident(name), uses=frozenset((name,)), real=self.types.get(name) == "float")
        refuse("export-runtime", self.frame.place(node), name=name, layer=self.frame.layer.name)

    def in_forward(self, node: tree.Name) -> Py:
        """A name in `forward`."""
        name = node.name
        kind = self.kinds.get(name)
        if name in self.inline:
            return Py(self.inline[name])
        if kind in ("formal", "item", "size"):
            self.stored[name] = None
            return Py(f"self.\x01{name}\x01", real=self.types.get(name) == "float")
        if kind == "where":
            return self._where_in_forward(name)
        if kind in ("axis", "runtime"):
            return Py(self.runtime(name))
        refuse("export-expression", self.frame.place(node), shown=name)

    def runtime(self, name: str) -> str:
        """A number that the input tells, as a variable of `forward`."""
        if self.parent is not None:
            self.arguments[name] = "int"
            return self.ident(name)
        if self.kinds.get(name) == "axis" and name not in self.axes:
            self.axes[name] = None
            self.header.append(Line(f"{self.ident(name)} = {self._axis(name)}"))
        return self.ident(name)

    def _axis(self, name: str) -> str:
        signature = self.frame.layer.signature
        assert signature is not None
        for declared in signature.inputs:
            stars = [index for index, axis in enumerate(declared.axes) if isinstance(axis, tree.Star)]
            for index, axis in enumerate(declared.axes):
                if isinstance(axis, tree.Name) and axis.name == name:
                    position = index - len(declared.axes) if stars and stars[0] < index else index
                    if self.project.channels_last and is_image(declared):
                        position = index if index == 0 else -1 if index == 1 else index - 1
                    text = f"{self.ident(declared.name)}.shape[{position}]"
                    return keras_helpers.late(text) if self.project.dialect.framework == "keras" else text
        refuse("export-runtime", self.frame.place(signature), name=name, layer=self.frame.layer.name)

    def _where_in_forward(self, name: str) -> Py:
        """A named integer: kept from the constructor, or computed again where it hangs on the input."""
        statement = self.wheres[name]
        if not self._hangs_on_input(statement.value):
            self.stored[name] = None
            return Py(f"self.\x01{name}\x01")
        if self.parent is not None:
            self.arguments[name] = "int"
            return Py(self.ident(name))
        if name not in self.axes:
            self.axes[name] = None
            value = self.forward_scalars.write(statement.value)
            self.header.append(Line(f"{self.ident(name)} = {value.text}"))
        return Py(self.ident(name))

    def _hangs_on_input(self, node: object) -> bool:
        if isinstance(node, tree.Name):
            if self.kinds.get(node.name) == "where":
                return self._hangs_on_input(self.wheres[node.name].value)
            return self.kinds.get(node.name) in ("axis", "runtime")
        if isinstance(node, tree.Node):
            return any(self._hangs_on_input(value) for value in vars(node).values())
        return isinstance(node, tuple) and any(self._hangs_on_input(value) for value in node)

    @property
    def init_scalars(self) -> Scalars:
        """Writes numbers for the constructor."""
        return Scalars(self.in_init, self.frame.definition.source, self.project.policy)

    @property
    def forward_scalars(self) -> Scalars:
        """Writes numbers for `forward`."""
        source, training = self.frame.definition.source, self.project.dialect.training
        return Scalars(self.in_forward, source, self.project.policy, training)

    def size(self, value: Dim, node: tree.Node) -> Py:
        """A size in the constructor. Refuses one that only the input of the model tells."""
        texts: dict[str, Py] = {}
        for name in free_symbols(value):
            known = self._symbol(name)
            if known is None:
                refuse("export-size", self.frame.place(node), layer=self.frame.layer.name)
            texts[name] = known
        return dim(value, texts)

    def knows(self, value: Dim) -> bool:
        """Whether a size can be written in this constructor."""
        return all(self._symbol(name) is not None for name in free_symbols(value))

    def _symbol(self, name: str) -> Py | None:
        if name in self.sizes:
            return self.sizes[name]
        if name in self.study.entries:
            owner, position = self.study.entries[name]
            return Py(f"{self.ident(owner)}{position}", uses=frozenset((owner,)))
        if name.startswith(OPAQUE):
            return None
        if self.kinds.get(name) in ("formal", "where", "item", "size", "axis"):
            return Py(self.ident(name), uses=frozenset((name,)))
        return None

    def stand_in(self, hint: str, text: Py) -> Dim:
        """A new symbol for a size that only Python text tells."""
        self.study.fresh += 1
        name = f"{hint}{OPAQUE}{self.study.fresh}"
        self.sizes[name] = text
        return symbol(name, 1)

    def new_size(self, hint: str) -> str:
        """A new variable for a size that changes: its name."""
        name = self.pool.take(hint)
        self.idents[name] = name
        self.declare(name, "size")
        return name


def is_image(declared: tree.TensorDecl) -> bool:
    """Whether a tensor is declared as images or volumes: `[B, c, H, W]`."""
    plane = [axis.name if isinstance(axis, tree.Name) else "" for axis in declared.axes[2:]]
    return len(plane) > 1 and all(name in ("D", "H", "W") for name in plane)

"""A class being written: what its names are in Python, in the constructor and in `forward`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from archspec.elaborate.values import Instance
from archspec.export import names
from archspec.export.code import Line, Node, drop, live
from archspec.export.naming import Naming
from archspec.export.problems import refuse
from archspec.export.scalars import Py
from archspec.syntax import tree

STORED = re.compile("\x01([A-Za-z0-9_]+)\x01")
"""A parameter kept as an attribute: its name is settled when all submodules have theirs."""


@dataclass
class Made:
    """A layer object: the writer whose class has it, under which name, and the call that says with which arguments.

    turn: the variable of `forward` that holds it, where it is alone in a turn of a loop: an entry of a list.
    """

    writer: Writer
    attribute: str
    call: tree.Expression
    slot: Line | None = None
    written: bool = False
    turn: str = ""


@dataclass(eq=False)
class Writer(Naming):
    """One class.

    init, forward: the lines of the constructor and of `forward`. made: the layer objects, by their instance.
    attributes: all names of submodules and parameters. assigned: tensors that have been assigned. inputs, modules: what
    the class of a turn takes from the class around. children: the classes of turns. exported, exports: sizes that are
    read off a module just made.
    """

    init: list[Node] = field(default_factory=list)
    forward: list[Node] = field(default_factory=list)
    made: dict[int, Made] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    annotations: list[str] = field(default_factory=list)
    assigned: set[str] = field(default_factory=set)
    inputs: dict[str, None] = field(default_factory=dict)
    modules: dict[str, Made] = field(default_factory=dict)
    children: list[tuple[Writer, list[str], str]] = field(default_factory=list)
    exported: list[str] = field(default_factory=list)
    turn: str = ""
    exports: dict[str, Callable[[], Py]] = field(default_factory=dict)

    @property
    def root(self) -> Writer:
        """The writer of the whole layer."""
        return self if self.parent is None else self.parent.root

    # --- modules ----------------------------------------------------------------------------------

    def member(self, name: str, node: tree.Node, plain: bool = True) -> str:
        """The name of a submodule or parameter, as it stands in paths: refused where PyTorch has an attribute of it,
        and with `_` behind it where Keras has.

        plain: it is written as an attribute, so that it may not be a word of Python.
        """
        taken = names.checked(name) in self.project.dialect.members or name.startswith("__")
        if taken and self.project.dialect.framework == "keras" and not name.startswith("__"):
            name, taken = f"{name}_", False
        if taken or (plain and keyword.iskeyword(name)):
            refuse("export-member", self.frame.place(node), name=name)
        self.attributes.add(name)
        return name

    def owner_of(self, instance: Instance) -> Made | None:
        """Where a layer object was made: here, or in a class around."""
        found = self.made.get(id(instance))
        return found if found is not None or self.parent is None else self.parent.owner_of(instance)

    def reference(self, found: Made) -> str:
        """How `forward` refers to a layer object: an attribute, or an argument where it belongs to a class around."""
        if found.turn:
            return found.turn
        if found.writer is self:
            if keyword.iskeyword(found.attribute):
                return f"getattr(self, {names.text(found.attribute)})"
            return f"self.{found.attribute}"
        self.modules[found.attribute] = found
        return self.ident(f"{found.attribute}")

    def device(self) -> str:
        """Where tensors made from numbers go: where the first input is."""
        if self.parent is not None:
            self.arguments["device"] = "torch.device"
            return "device"
        signature = self.frame.layer.signature
        if signature is None or not signature.inputs:
            return "device"
        return f"{self.ident(signature.inputs[0].name)}.device"

    def dtype(self) -> str:
        """The precision of tensors made from numbers: that of the first input of floats, else of the parameters."""
        if self.parent is not None:
            self.arguments["dtype"] = "torch.dtype"
            return "dtype"
        signature = self.frame.layer.signature
        if signature is None or not signature.inputs:
            return "dtype"
        for declared in signature.inputs:
            if declared.dtype is None:
                return f"{self.ident(declared.name)}.dtype"
        return "next(self.parameters()).dtype"

    def temporary(self, text: str) -> str:
        """A variable of `forward` for an expression that is used more than once."""
        name = self.pool.take("hidden")
        self.forward.append(Line(f"{name} = {text}"))
        return name

    def child(self, name: str) -> Writer:
        """The writer of one turn of a loop: it sees the names of this one."""
        return Writer(
            self.project,
            self.study,
            name,
            self,
            dict(self.kinds),
            dict(self.types),
            self.idents,
            self.pool,
            dict(self.wheres),
            dict(self.sizes),
            inline=dict(self.inline),
        )

    # --- finishing --------------------------------------------------------------------------------

    def captured(self, exported: list[str]) -> list[str]:
        """The names of the class around that the constructor of this turn needs, if it gives some sizes too."""
        used = live(self.init, [*self.stored, *self.exported_uses(exported)])
        own = self.own_names()
        return [name for name in self.kinds if name in used and name not in own]

    def own_names(self) -> set[str]:
        """The variables that this constructor assigns."""
        return {line.sets for line in _lines(self.init) if line.sets}

    def exported_uses(self, exported: list[str]) -> set[str]:
        """What the expressions of exported sizes use."""
        return set[str]().union(*(self.exports[name]().uses for name in exported)) if exported else set()

    def settle(self, nodes: list[Node], wanted: list[str]) -> set[str]:
        """Drop what nobody needs of the constructor."""
        used = live(nodes, wanted)
        drop(nodes, used)
        return used

    def attribute_names(self) -> dict[str, str]:
        """The attribute that each kept parameter has: its own name, unless a submodule has it."""
        found: dict[str, str] = {}
        for name in self.stored:
            wanted = self.ident(name)
            if wanted in self.attributes or wanted in self.project.dialect.members:
                wanted = f"{wanted}_value"
            while wanted in self.attributes:
                wanted += "_"
            found[name] = wanted
        return found


def _lines(nodes: list[Node]) -> list[Line]:
    found: list[Line] = []
    for node in nodes:
        if isinstance(node, Line):
            found.append(node)
        else:
            for part in (getattr(node, "body", []), getattr(node, "other", []), getattr(node, "sizes", [])):
                found.extend(_lines(part))
    return found


def with_attributes(text: str, found: dict[str, str]) -> str:
    """Text with the names of kept parameters put in."""
    return STORED.sub(lambda match: found[match.group(1)], text)


def call_arguments(node: tree.Expression | None) -> tuple[tree.Argument, ...]:
    """The arguments written behind a layer."""
    return node.arguments if isinstance(node, tree.Call) else ()

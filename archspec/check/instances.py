"""The names that layers get in one body: none twice, and those that a path may begin with."""

from __future__ import annotations

from archspec.check.names import UNKNOWN, Known, Names
from archspec.check.reporter import Reporter
from archspec.errors.diagnostic import Note
from archspec.syntax import tree
from archspec.syntax.source import Place


class Instances:
    """The layers made in a body.

    names: those of the block being read, in layers as branches have them. ties: the paths to look at in the end.
    """

    def __init__(self, reporter: Reporter, scope: Names) -> None:
        self.reporter = reporter
        self.scope = scope
        self.names = Names()
        self.ties: list[tree.Path] = []
        self.parts: set[str] = set()
        """Every name that a path in this layer may begin with: instances, loops, parameters."""
        self._stems: set[str] = set()
        """The names, but for a number, that instances without `as` get."""
        self._any_stem = False
        """Whether there are layers whose names only a call tells."""

    def add_stages(self, stages: list[tree.Stage]) -> None:
        """The names that the layers in an expression get, by `as` or from their own. Empties the list."""
        for stage in stages:
            self._add_stage(stage)
        stages.clear()

    def _add_stage(self, stage: tree.Stage) -> None:
        if stage.name is not None:
            self.add(stage.name, stage)
            return
        function = stage.layer.function if isinstance(stage.layer, tree.Call) else stage.layer
        if isinstance(function, tree.Name | tree.Attribute) and self.scope.peek(function.name) is None:
            self._stems.add(function.name.lower())
        else:
            self._any_stem = True

    def add(self, name: str, node: tree.Node) -> None:
        """Report a name that is taken in this block."""
        self.parts.add(name)
        first = self.names.peek(name)
        if first is None:
            self.names.bind(name, Known("an instance", UNKNOWN, True, node))
            return
        assert first.node is not None, "it was bound with its node"
        note = Note("the first one is here", self._place(first.node, name))
        fix = "give one of them another name with `as`"
        self.reporter.error_at(self._place(node, name), "duplicate-instance", name=name, notes=(note,), fix=fix)

    def _place(self, node: tree.Node, name: str) -> Place:
        start = node.end - len(name) if isinstance(node, tree.Stage) else node.start
        return self.reporter.place(start, node.end)

    def check_ties(self) -> None:
        """A path of a `tie` begins with an instance, a loop or a parameter of this layer."""
        for path in self.ties:
            if not self._any_stem and not self._may_begin(path.names[0]):
                rest = path.names[1:]
                known = [".".join((part, *rest)) for part in sorted(self.parts | self._stems)]
                fix = self.reporter.suggest(str(path), known)
                self.reporter.error(path, "no-such-parameter", path=str(path), fix=fix)

    def _may_begin(self, name: str) -> bool:
        stem, _, number = name.rpartition("_")
        return name in self.parts or name in self._stems or (stem in self._stems and number.isdigit())

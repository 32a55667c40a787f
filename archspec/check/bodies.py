"""The body of a layer, statement by statement, from top to bottom."""

from __future__ import annotations

from typing import NamedTuple

from archspec.check.arguments import check_missing
from archspec.check.bindings import check_binding
from archspec.check.declarations import Declarations
from archspec.check.expressions import Expressions
from archspec.check.instances import Instances
from archspec.check.names import INTEGER, TENSOR, UNKNOWN, Known, Names, Sort
from archspec.check.reporter import Reporter
from archspec.check.signatures import Signatures
from archspec.elaborate.wiring import head
from archspec.errors.diagnostic import Note
from archspec.syntax import tree


class Assigned(NamedTuple):
    """Where an output is assigned. lost: only inside a `repeat`, where it is local."""

    node: tree.Node
    lost: bool


class Body:
    """Checks the body of one layer. `primitive`: it assigns none of its outputs."""

    def __init__(self, reporter: Reporter, layer: tree.Layer, signatures: Signatures, *, primitive: bool) -> None:
        self.reporter = reporter
        self.layer = layer
        self.signatures = signatures
        self.expressions: Expressions = signatures.expressions
        self.names: Names = signatures.names
        self.primitive = primitive
        self.declarations = Declarations(reporter, layer, signatures)
        self.instances = Instances(reporter, self.names)
        self.assigned: dict[str, Assigned] = {}
        self._loops: list[tree.Repeat] = []

    def run(self, body: tuple[tree.Statement, ...]) -> None:
        """Check statements in order."""
        for statement in body:
            self._statement(statement)

    def _statement(self, statement: tree.Statement) -> None:
        if isinstance(statement, tree.Assign | tree.Repeat | tree.Each | tree.Tie | tree.Cache) and self.primitive:
            self.reporter.error(head(statement), "not-in-primitive", layer=self.layer.name)
            return
        if (
            isinstance(statement, tree.Save | tree.ViewDecl | tree.FlopsDecl | tree.Passes | tree.Autocast)
            and not self.primitive
        ):
            outputs = ", ".join(f"`{one.name}`" for one in self.layer.signature.outputs) if self.layer.signature else ""
            note = Note(f"`{self.layer.name}` is wired from other layers, because its body assigns {outputs}")
            self.reporter.error(head(statement), "not-in-composite", layer=self.layer.name, notes=(note,))
            return
        match statement:
            case tree.Assign():
                self._assign(statement)
            case tree.Require():
                self.expressions.condition(statement.condition)
            case tree.Where():
                self._where(statement)
            case tree.ParamDecl():
                self._param(statement)
            case tree.If():
                self._if(statement)
            case tree.Repeat():
                self._repeat(statement)
            case tree.Each():
                self._each(statement)
            case tree.Tie():
                self.instances.ties += [statement.left, statement.right]
            case tree.Cache():
                self._cache(statement)
            case tree.Save():
                self.declarations.save(statement)
            case tree.ViewDecl():
                self.declarations.view(statement)
            case tree.FlopsDecl():
                self.declarations.flops(statement)
            case tree.Autocast():
                self.declarations.autocast(statement)
            case tree.Passes():
                self.declarations.passes(statement)
            case tree.Shard() if self.primitive:
                self.declarations.shard(statement)
            case tree.Unverified():
                self.declarations.unverified(statement)
            case tree.Binding():
                check_binding(self.reporter, self.expressions, self.signatures, self.layer, statement)
                self.declarations.when(statement.when)

    # --- names -------------------------------------------------------------------------------------

    def _assign(self, statement: tree.Assign) -> None:
        sort = self.expressions.check(statement.value)
        self.instances.add_stages(self.expressions.stages)
        self._count(statement, sort)
        for target in statement.targets:
            known = self.names.peek(target.name)
            if known is not None and known.fixed:
                self._rebound(target, target.name, known)
                continue
            if target.name == "_" and len(statement.targets) > 1:
                continue
            self._assign_one(statement, target, sort)

    def _assign_one(self, statement: tree.Assign, target: tree.Name, sort: Sort) -> None:
        one = sort if len(statement.targets) == 1 else (TENSOR if sort.is_tensor else UNKNOWN)
        if len(statement.targets) == 1 and sort.outputs:
            one = TENSOR
        if sort.word in ("an integer", "a real number", "a flag", "a text", "a list"):
            fix = (
                f"name it with `where {target.name} = …`"
                if sort == INTEGER and not self._is_output(target.name)
                else None
            )
            self.reporter.error(statement.value, "not-a-tensor", found=sort.word, fix=fix)
            one = UNKNOWN
        if sort.layer is not None and len(statement.targets) == 1:
            self.instances.add(target.name, target)
            self._needs_all(statement, sort)
        self.instances.parts.add(target.name)
        if self._loops and self.names.peek(target.name) is None:
            self.assigned.setdefault(target.name, Assigned(self._loops[-1], True))
        else:
            self.assigned[target.name] = Assigned(target, False)
        self.names.bind(target.name, Known("a tensor", one, False, target))

    def _is_output(self, name: str) -> bool:
        return self.layer.signature is not None and any(one.name == name for one in self.layer.signature.outputs)

    def _needs_all(self, statement: tree.Assign, sort: Sort) -> None:
        """An instance takes no more arguments later."""
        assert sort.layer is not None and isinstance(sort.layer.node, tree.Layer)
        value = statement.value
        arguments = value.arguments if isinstance(value, tree.Call) else ()
        formals = [formal.name for formal in sort.layer.node.formals]
        given = {argument.name for argument in arguments if argument.name is not None}
        given |= set(formals[: sum(argument.name is None for argument in arguments)])
        check_missing(self.reporter, value, sort.layer, given)

    def _count(self, statement: tree.Assign, sort: Sort) -> None:
        """As many names as values; outputs of a layer that are not named may be left off."""
        wanted = len(statement.targets)
        if wanted == 1 or not sort.word or sort.number is None:
            return
        if not sort.is_tensor or wanted > sort.number or (wanted < sort.number and not sort.outputs):
            found = sort.number if sort.is_tensor else sort.word
            start, end = statement.targets[0].start, statement.targets[-1].end
            self.reporter.error_at(self.reporter.place(start, end), "wrong-target-count", wanted=wanted, found=found)

    def _rebound(self, node: tree.Node, name: str, known: Known) -> None:
        notes = () if known.node is None else (self.reporter.note(f"`{name}` is {known.what} here", known.node),)
        self.reporter.error(node, "rebound-name", name=name, what=known.what, notes=notes)

    def _where(self, statement: tree.Where) -> None:
        sort = self.expressions.check(statement.value)
        place = self.reporter.word_place(statement.name, statement.start + len("where"), statement.value.start)
        known = self.names.peek(statement.name)
        if known is not None and known.fixed:
            notes = (
                ()
                if known.node is None
                else (self.reporter.note(f"`{statement.name}` is {known.what} here", known.node),)
            )
            self.reporter.error_at(place, "rebound-name", name=statement.name, what=known.what, notes=notes)
            return
        self.names.bind(
            statement.name, Known("a `where`", sort, True, tree.Name(place.start, place.end, statement.name))
        )

    def _param(self, statement: tree.ParamDecl) -> None:
        self.declarations.when(statement.when)
        for declared in statement.tensors:
            self.signatures.tensor(declared)
            known = self.names.peek(declared.name)
            self.instances.parts.add(declared.name)
            if known is not None and known.what == "a parameter":
                if not self.primitive:
                    self.names.bind(declared.name, Known(f"a {statement.kind}", TENSOR, True, declared))
                continue
            if known is not None and known.fixed and not known.what.endswith(("param", "buffer")):
                place = self.reporter.place(declared.start, declared.start + len(declared.name))
                notes = (
                    ()
                    if known.node is None
                    else (self.reporter.note(f"`{declared.name}` is {known.what} here", known.node),)
                )
                self.reporter.error_at(place, "rebound-name", name=declared.name, what=known.what, notes=notes)
                continue
            self.names.bind(declared.name, Known(f"a {statement.kind}", TENSOR, True, declared))

    def _cache(self, statement: tree.Cache) -> None:
        for item in statement.items:
            if isinstance(item, tree.TensorDecl):
                self.signatures.tensor(item)
                continue
            sort = self.expressions.check(item)
            if sort.word and not sort.is_tensor:
                self.reporter.error(item, "not-a-tensor", found=sort.word)
        if statement.last is not None:
            self.expressions.integer(statement.last)

    # --- blocks ------------------------------------------------------------------------------------

    def _if(self, statement: tree.If) -> None:
        self.expressions.condition(statement.condition)
        branches = []
        for body in (statement.then, statement.other):
            self.names.push()
            self.instances.names.push()
            self.run(body)
            branches.append((self.names.pop(), self.instances.names.pop()))
        for bound, made in branches:
            self.names.merge(bound)
            self.instances.names.merge(made)

    def _repeat(self, statement: tree.Repeat) -> None:
        self.expressions.integer(statement.count)
        self._index(statement)
        outer = self.instances.names
        if statement.name is not None:
            self.instances.add(statement.name, self._named(statement, statement.name))
            self.instances.names = Names()
        self.names.push()
        if statement.index is not None:
            self.names.bind(statement.index, Known("an index", INTEGER, True, self._named(statement, statement.index)))
        self._loops.append(statement)
        self.run(statement.body)
        self._loops.pop()
        begin = head(statement)
        for name, known in self.names.pop().items():
            if known.what == "an index":
                continue
            if self.names.peek(name) is None:
                self.names.gone[name] = begin
            elif not known.fixed:
                self.names.bind(name, known)
        self.instances.names = outer

    def _each(self, statement: tree.Each) -> None:
        sort = self.expressions.check(statement.values)
        if sort.word and sort.word != "a list":
            self.reporter.error(statement.values, "not-a-list", found=sort.word)
        self._index(statement)
        for name in statement.targets:
            known = self.names.peek(name)
            if known is not None and known.fixed:
                self._rebound(head(statement), name, known)
        outer = self.instances.names
        if statement.name is not None:
            self.instances.add(statement.name, self._named(statement, statement.name))
            self.instances.names = Names()
        names = (*statement.targets, *((statement.index,) if statement.index is not None else ()))
        self.names.push()
        for name in names:
            index = name == statement.index
            self.names.bind(name, Known("an index" if index else "an entry", INTEGER if index else UNKNOWN, True))
        self.run(statement.body)
        bound = self.names.pop()
        for name in names:
            bound.pop(name, None)
        self.names.merge(bound)
        self.instances.names = outer

    def _index(self, statement: tree.Repeat | tree.Each) -> None:
        if statement.index is None:
            return
        known = self.names.peek(statement.index)
        if known is not None and known.fixed:
            self._rebound(self._named(statement, statement.index), statement.index, known)

    def _named(self, statement: tree.Repeat | tree.Each, name: str) -> tree.Name:
        """Where the name of a loop or of its index stands."""
        head = statement.count if isinstance(statement, tree.Repeat) else statement.values
        text = self.reporter.scope.source.text
        brace = text.find("{", head.end)
        at = text.rfind(name, head.end, brace if brace >= 0 else statement.end)
        start = at if at >= 0 else statement.start
        return tree.Name(start, start + len(name), name)

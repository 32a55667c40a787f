"""The wiring of a block as a graph: what was written, with loops and branches as boxes around what is in them.

It is read off the syntax tree: so there is a picture of every layer, whatever its sizes, a loop is one box however
often it turns, and both branches of a choice are there.
"""

from __future__ import annotations

from archspec.pages.collect import Book, Entry
from archspec.pages.graph import Edge, Graph, Node, Origin, Origins, prune
from archspec.pages.references import layer_of
from archspec.scope import is_primitive
from archspec.syntax import tree


def wiring(entry: Entry, book: Book) -> Graph:
    """The graph of an entry's block."""
    writer = _Writer(entry, book, None)
    signature = entry.layer.signature
    inputs, outputs = (signature.inputs, signature.outputs) if signature else ((), ())
    for tensor in inputs:
        node = writer.add(Node("input", entry.text(tensor)))
        writer.tensors[tensor.name] = (Origin(node),)
    if is_primitive(entry.layer):
        node = writer.add(Node("layer", entry.name))
        for tensor in inputs:
            writer.connect(writer.tensors[tensor.name], node)
        for statement in entry.layer.body:
            for tensor in statement.tensors if isinstance(statement, tree.ParamDecl) else ():
                writer.connect((Origin(writer.add(Node("parameter", entry.text(tensor)))),), node)
        for tensor in outputs:
            writer.tensors[tensor.name] = (Origin(node),)
    else:
        writer.run(entry.layer.body)
    for tensor in outputs:
        writer.connect(writer.tensors.get(tensor.name, ()), writer.add(Node("output", entry.text(tensor))), tensor.name)
    prune(writer.graph)
    return writer.graph


class _Writer:
    """Reads statements and grows a graph. outer: the writer of the graph around a box, and the box."""

    def __init__(self, entry: Entry, book: Book, outer: tuple[_Writer, Node] | None) -> None:
        self.entry, self.book, self.outer = entry, book, outer
        self.graph = Graph()
        self.tensors: dict[str, Origins] = {}
        self.instances: dict[str, tree.Expression] = dict(outer[0].instances) if outer else {}
        self._edges: dict[tuple[int, int, int, int], Edge] = {}
        self._holes: dict[str, Origins] = {}

    # --- the graph ----------------------------------------------------------------------------------

    def add(self, node: Node) -> Node:
        self.graph.nodes.append(node)
        return node

    def connect(self, origins: Origins, target: Node, name: str = "", into: Node | None = None) -> None:
        """Edges to a node; between two nodes there is one, with the names of all that it carries."""
        for origin in origins:
            key = id(origin.node), id(origin.hole), id(target), id(into)
            edge = self._edges.get(key)
            if edge is None:
                edge = self._edges[key] = Edge(origin.node, target, [], origin.hole, into)
                self.graph.edges.append(edge)
            if name and name not in edge.names:
                edge.names.append(name)

    def lookup(self, name: str) -> Origins:
        """Where the tensor of a name comes from; one from outside the box comes in through a hole."""
        if name in self.tensors:
            return self.tensors[name]
        if name not in self._holes:
            self._holes[name] = self._enter(name)
        return self._holes[name]

    def _enter(self, name: str) -> Origins:
        """A hole for a tensor from outside."""
        if self.outer is None:
            return ()
        around, box = self.outer
        origins = around.lookup(name)
        if not origins:
            return ()
        hole = Node("entry", name)
        self.graph.nodes.insert(len([known for known in self._holes.values() if known]), hole)
        around.connect(origins, box, name, hole)
        return (Origin(hole),)

    # --- statements ---------------------------------------------------------------------------------

    def run(self, statements: tuple[tree.Statement, ...]) -> None:
        for statement in statements:
            match statement:
                case tree.Assign(targets=targets, value=value):
                    self.assign([target.name for target in targets], value)
                case tree.ParamDecl(tensors=tensors):
                    for tensor in tensors:
                        node = Node("parameter", self.entry.text(tensor))
                        self.tensors[tensor.name] = (Origin(self.add(node)),)
                case tree.Repeat(count=count, name=name, body=body):
                    self.box(f"repeat {self.entry.text(count)}", f"as {name}" if name else "", body)
                case tree.Each(targets=targets, values=values, name=name, body=body):
                    self.box(
                        f"each {', '.join(targets)} in {self.entry.text(values)}", f"as {name}" if name else "", body
                    )
                case tree.If():
                    self.choose(statement)
                case _:
                    pass

    def assign(self, names: list[str], value: tree.Expression) -> None:
        is_layer = not isinstance(value, tree.Pipe) and layer_of(self.entry.scope, value) is not None
        if is_layer and not self.makes_tensors(value):
            self.instances[names[0]] = value
            return
        values = self.values(value)
        if len(values) == 1:
            values *= len(names)
        self.tensors.update({name: origins for name, origins in zip(names, values, strict=False) if name != "_"})

    def box(self, label: str, name: str, body: tuple[tree.Statement, ...]) -> dict[str, Origins]:
        """A box around a body; the names that it assigns, each through a hole in it."""
        box = Node("box", label, name)
        inner = _Writer(self.entry, self.book, (self, box))
        inner.run(body)
        made = _assigned(body)
        if not any(node.kind not in ("entry", "parameter") for node in inner.graph.nodes):
            self.graph.edges = [edge for edge in self.graph.edges if edge.target is not box]
            return {one: self._outside(inner, one) for one in made if inner.tensors.get(one)}
        self.add(box)
        box.inside = inner.graph
        found: dict[str, Origins] = {}
        for one in made:
            if inner.tensors.get(one):
                hole = inner.add(Node("exit", one))
                inner.connect(inner.tensors[one], hole)
                found[one] = (Origin(box, hole),)
        self.tensors.update(found)
        return found

    def _outside(self, inner: _Writer, name: str) -> Origins:
        """What a box that only passes on tensors passes on under a name."""
        names = [origin.node.label for origin in inner.tensors[name] if origin.node.kind == "entry"]
        return tuple(origin for one in names for origin in self.lookup(one))

    def choose(self, statement: tree.If, label: str = "if") -> None:
        """Both branches; what comes after has what either of them gives."""
        before = dict(self.tensors)
        then = self.box(f"{label} {self.entry.text(statement.condition)}", "", statement.then)
        self.tensors = dict(before)
        other: dict[str, Origins] = {}
        if len(statement.other) == 1 and isinstance(statement.other[0], tree.If):
            self.choose(statement.other[0], "else if")
            other = {name: self.tensors[name] for name in _assigned(statement.other) if name in self.tensors}
        elif statement.other:
            other = self.box("else", "", statement.other)
        self.tensors = before
        for name in dict.fromkeys((*then, *other)):
            both = then.get(name) or self.lookup(name), other.get(name) or self.lookup(name)
            self.tensors[name] = _union(list(both))

    # --- expressions --------------------------------------------------------------------------------

    def values(self, node: object) -> list[Origins]:
        """The tensors that an expression gives; an empty origin is a number."""
        match node:
            case tree.Pipe(value=value, stages=stages):
                values = self.values(value)
                for stage in stages:
                    values = [self.stage(stage, values)]
                return values
            case tree.Group(items=items) | tree.ListLiteral(items=items):
                return [origins for item in items for origins in self.values(item)]
            case tree.Name(name=name):
                return [self.lookup(name)]
            case tree.Binary(op=op, left=left, right=right):
                return [self.operator(op, left, right)]
            case tree.Choice(then=then, other=other):
                return [_union([*self.values(then), *self.values(other)])]
            case tree.Call() if self.makes_tensors(node):
                return [self.stage(tree.Stage(node.start, node.end, node, None), [])]
            case tree.Attribute(value=tree.Name(name=name)) if name in self.instances:
                return [(Origin(self.add(Node("parameter", self.entry.text(node)))),)]
            case tree.Index(value=value) | tree.Slice(value=value) | tree.Unary(operand=value):
                return [_union(self.values(value))]
        return [()]

    def stage(self, stage: tree.Stage, values: list[Origins]) -> Origins:
        layer, name = stage.layer, stage.name or ""
        if isinstance(layer, tree.Name) and layer.name in self.instances:
            name = name or layer.name
            layer = self.instances[layer.name]
        found = layer_of(self.entry.scope, layer)
        known = self.book.of(found) if found is not None else None
        node = Node("layer", self.entry.text(layer), name, known.place if known is not None else "")
        inner = [origins for origins in values if origins]
        arguments = layer.arguments if isinstance(layer, tree.Call) else ()
        inner += [origins for one in arguments for origins in self._tensors(one.value)]
        self.add(node)
        for origins in inner:
            self.connect(origins, node, self._name(origins))
        return (Origin(node),)

    def _tensors(self, argument: tree.Expression) -> list[Origins]:
        """The tensors among the arguments of a layer, such as that whose precision it takes."""
        return [self.lookup(argument.name)] if isinstance(argument, tree.Name) and self.lookup(argument.name) else []

    def _name(self, origins: Origins) -> str:
        """The name under which tensors are known, where one node gives several."""
        names = [name for name, known in self.tensors.items() if known == origins]
        return names[-1] if names else ""

    def operator(self, op: str, left: tree.Expression, right: tree.Expression) -> Origins:
        first, second = _union(self.values(left)), _union(self.values(right))
        if not first and not second:
            return ()
        label = op
        if not first or not second:
            label = f"{op} {self.entry.text(right if first else left)}" if first else f"{self.entry.text(left)} {op}"
        node = self.add(Node("operator", label))
        self.connect(first, node)
        self.connect(second, node)
        return (Origin(node),)

    def makes_tensors(self, node: tree.Expression) -> bool:
        """Whether a call needs no tensors to give some, as `Positions(S)`; other calls make a layer."""
        found = layer_of(self.entry.scope, node)
        signature = found.node.signature if found is not None and isinstance(found.node, tree.Layer) else None
        return signature is not None and not signature.inputs


def _union(values: list[Origins]) -> Origins:
    return tuple(dict.fromkeys(origin for origins in values for origin in origins))


def _assigned(statements: tuple[tree.Statement, ...]) -> list[str]:
    """The names that statements assign, also in branches and loops."""
    found: dict[str, None] = {}
    for statement in statements:
        match statement:
            case tree.Assign(targets=targets):
                found.update(dict.fromkeys(target.name for target in targets if target.name != "_"))
            case tree.Repeat(body=body) | tree.Each(body=body):
                found.update(dict.fromkeys(_assigned(body)))
            case tree.If(then=then, other=other):
                found.update(dict.fromkeys((*_assigned(then), *_assigned(other))))
    return list(found)

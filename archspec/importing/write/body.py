"""The statements of a layer: chains, sums, loops, and as few names as they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count

from archspec.importing.fold.skeleton import name_of
from archspec.importing.lift.spellings import has_parameters
from archspec.importing.naming.layers import RESERVED
from archspec.importing.naming.solve import DEALT, Solution
from archspec.importing.opaque import is_opaque
from archspec.importing.program import Block, Call, Loop, Node, Slot
from archspec.importing.write.arguments import real, written
from archspec.importing.write.made import Makers
from archspec.importing.write.opaque_layers import OpaqueLayers
from archspec.importing.write.words import ALWAYS

CHAIN, SUM, PRODUCT, FACTOR, ATOM = range(5)
BREAK = "\x00"
"""Stands before an arrow at which a line may be broken."""
_LONGEST = 150
"""Characters of a chain inside parentheses."""
_POOL = ("x", "h", "z", "u", "v", "w", "a", "b", "c", "g", "r", "s", "t")


@dataclass(frozen=True)
class Piece:
    """An expression: its text, how tightly it binds, and the variables in it."""

    text: str
    level: int
    names: frozenset[str]


@dataclass
class Scope:
    """What a layer's text has named: instances by path, and the names that are taken."""

    solution: Solution
    makers: Makers
    opaque: OpaqueLayers
    forbidden: set[str]
    instances: dict[str, str] = field(default_factory=dict)
    taken: Counter[str] = field(default_factory=Counter)
    paths: dict[str, str] = field(default_factory=dict)
    words: Mapping[int, str] = field(default_factory=dict)


class Body:
    """Writes nodes in a row.

    names: the variables of values from outside. kept: variables that may not be assigned anew. forced: the names that
    some values must get.
    """

    def __init__(
        self, scope: Scope, nodes: Sequence[Node], names: Mapping[int, str], kept: set[str],
        forced: Mapping[int, str], after: Sequence[int], prefix: str = "", turn: bool = False,
    ) -> None:  # fmt: skip
        self.scope = scope
        self.nodes = nodes
        self.lines: list[str] = []
        self.names = dict(names)
        self.kept = kept
        self.forced = dict(forced)
        self.left = Counter(value for node in nodes for value in node.inputs) + Counter(after)
        self.direct = Counter(value for node in nodes if not isinstance(node, Loop) for value in node.inputs)
        self.pending: dict[int, Piece] = {}
        self.tuples: dict[tuple[int, ...], Piece] = {}
        self.prefix = prefix
        self.turn = turn
        owners = [one for one in nodes if isinstance(one, Loop | Block) or has_parameters(one.layer)]
        # A layer alone in a loop with a name goes by that name.
        self.only = owners[0] if turn and prefix and len(owners) == 1 else None
        self._force_entries()

    def _force_entries(self) -> None:
        """What goes into a loop has the name that comes out of it, if nothing else uses it."""
        for node in reversed(self.nodes):
            for one in node.carried if isinstance(node, Loop) else ():
                name = self.forced.get(one.made[-1])
                if name is not None and self.left[one.entry] == 1 and one.entry not in self.names:
                    self.forced.setdefault(one.entry, name)

    def write(self) -> list[str]:
        """The statements, one a line, lines not broken yet."""
        for node in self.nodes:
            if isinstance(node, Loop):
                self._loop(node)
            else:
                self._node(node)
        return self.lines

    # Expressions -----------------------------------------------------------------------------------------------

    def _shorten(self, value: int, level: int) -> None:
        """What would be too long between parentheses gets a name."""
        piece = self.pending.get(value)
        if piece is not None and piece.level < level and len(piece.text) > _LONGEST:
            del self.pending[value]
            self._assign(value, piece)

    def _take(self, value: int, level: int) -> Piece:
        """A value as an operand that binds at least so tightly."""
        self._shorten(value, level)
        piece = self.pending.get(value)
        if piece is None:
            name = self.names[value]
            return Piece(name, ATOM, frozenset((name,)))
        del self.pending[value]
        if piece.level < level:
            return Piece(f"({piece.text})", ATOM, piece.names)
        return piece

    def _node(self, node: Call | Block) -> None:
        piece = self._render(node)
        for value in node.inputs:
            self.left[value] -= 1
        if len(node.outputs) == 1 and self._may_wait(node.outputs[0]):
            self.pending[node.outputs[0]] = piece
            return
        if len(node.outputs) == 1:
            self._assign(node.outputs[0], piece)
            return
        if all(self._may_wait(one) for one in node.outputs) and self._mapped(node.outputs):
            self.tuples[node.outputs] = piece
            return
        targets = [
            self._name_for(value, piece, others=False) if self.left[value] > 0 else "_" for value in node.outputs
        ]
        while targets and targets[-1] == "_":
            targets.pop()
        self.lines.append(f"{', '.join(targets)} = {piece.text}")

    def _mapped(self, values: tuple[int, ...]) -> bool:
        """Whether some values go together into one layer, each by itself: then they need no names."""
        return any(one.inputs == values and len(one.outputs) == len(values) for one in self.nodes)

    def _render(self, node: Call | Block) -> Piece:
        if isinstance(node, Call) and node.layer in "+-*/":
            return self._operator(node)
        if isinstance(node, Call) and node.layer in ("Scale", "Shift", "Pow"):
            number = node.reals[0]
            if node.layer == "Scale" and number > 0:
                operand = self._take(node.inputs[0], FACTOR)
                return Piece(f"{real(number)}*{operand.text}", FACTOR, operand.names)
            if node.layer == "Shift" and number > 0:
                operand = self._take(node.inputs[0], SUM)
                return Piece(f"{operand.text} + {real(number)}", SUM, operand.names)
            if node.layer == "Pow" and number == int(number) and number > 0:
                operand = self._take(node.inputs[0], ATOM)
                return Piece(f"{operand.text}**{int(number)}", FACTOR, operand.names)
        layer = self._layer(node)
        if not node.inputs:
            return Piece(layer, ATOM, frozenset())
        if node.inputs in self.tuples:
            operand = self.tuples.pop(node.inputs)
            return Piece(f"{operand.text} {BREAK}-> {layer}", CHAIN, operand.names)
        if len(node.inputs) == 1:
            operand = self._take(node.inputs[0], CHAIN)
            return Piece(f"{operand.text} {BREAK}-> {layer}", CHAIN, operand.names)
        for value in node.inputs:
            if value in self.pending and self.scope.words.get(value) in ALWAYS:
                self._assign(value, self.pending.pop(value))
        operands = [self._take(value, CHAIN) for value in node.inputs]
        inside = ", ".join(one.text.replace(BREAK, "") for one in operands)
        names = frozenset(name for one in operands for name in one.names)
        return Piece(f"({inside}) {BREAK}-> {layer}", CHAIN, names)

    def _operator(self, node: Call) -> Piece:
        level = SUM if node.layer in "+-" else PRODUCT
        # What is kept of a product hangs on what is multiplied first.
        levels = (level, {"+": SUM, "-": PRODUCT}.get(node.layer, ATOM))
        for value, tight in zip(node.inputs, levels, strict=True):
            self._shorten(value, tight)  # before either is taken: a new name must not hide what the other one reads
        left, right = (self._take(value, tight) for value, tight in zip(node.inputs, levels, strict=True))
        chains = any(BREAK in one.text for one in (left, right))
        space = " " if level == SUM or chains else ""
        if node.layer == "+" and left.text.startswith("(") and not right.text.startswith("("):
            left, right = right, left  # what is added to comes first
        mark = BREAK if chains else ""
        text = f"{left.text}{space}{mark}{node.layer}{space}{right.text}"
        return Piece(text, level, left.names | right.names)

    def _layer(self, node: Call | Block) -> str:
        """A layer with its arguments and the name of its instance."""
        texts = self.scope.solution.texts
        if isinstance(node, Call):
            numbers = {place: texts[id(node), place] for place in range(len(node.numbers))}
            if is_opaque(node.layer):
                return self.scope.opaque.use(node, _rows(node, numbers))
            if node.layer == "made":
                return self.scope.makers.use(node, [numbers[place] for place in range(len(node.numbers))])
            layer = written(node, numbers)
        else:
            layer = self._block(node)
        if node.path in self.scope.instances:
            return self.scope.instances[node.path]
        if (isinstance(node, Call) and not has_parameters(node.layer)) or node is self.only:
            return layer
        name = self._instance(node) if node.inputs else ""
        return f"{layer} as {name}" if name else layer

    def _block(self, node: Block) -> str:
        """The layer that a block is, with its arguments; of an expert the bank of all of them."""
        texts = self.scope.solution.texts
        if node.alone is not None:
            layer = written(
                node.alone, {place: texts[id(node.alone), place] for place in range(len(node.alone.numbers))}
            )
        else:
            home = self.scope.solution.layers[id(node)]
            given = ", ".join(home.actuals([texts[id(node), place] for place in range(len(home.parameters))]))
            layer = f"{home.name}({given})" if given else home.name
        if node.dealt is None:
            return layer
        return f"Bank({', '.join([*(texts[id(node), word] for word in DEALT), layer])})"

    def _instance(self, node: Call | Block) -> str:
        """A name for an instance, different from all others of the layer; empty where its module has none."""
        name = name_of(node)
        if self.turn:
            name = name.rstrip("0123456789").rstrip("_") or name
        if name in RESERVED:
            name = f"{name}_"
        if not name:
            return ""
        if self.scope.taken[name]:
            parts = [part for part in node.path.split(".") if part.isidentifier()]
            longer = ["_".join(parts[-size:]) for size in range(2, len(parts) + 1)]
            name = next((one for one in longer if not self.scope.taken[one]), "")
        if name:
            self.scope.taken[name] += 1
            self.scope.paths[node.path] = f"{self.prefix}{name}"
        return name

    # Names -----------------------------------------------------------------------------------------------------

    def _may_wait(self, value: int) -> bool:
        """Whether a value is used once, by a node of this row, and so needs no name."""
        return value not in self.forced and self.left[value] == 1 and self.direct[value] == 1

    def _assign(self, value: int, piece: Piece) -> None:
        name = self._name_for(value, piece)
        if piece.text != name:
            self.lines.append(f"{name} = {piece.text}")

    def _name_for(self, value: int, piece: Piece, *, others: bool = True) -> str:
        waiting = {name for one in self.pending.values() for name in one.names}
        live = {self.names[one] for one, count in self.left.items() if count > 0 and one in self.names} | waiting
        name = self.forced.get(value, "")
        if not name or name in live:
            telling = set(self.scope.words.values())
            free = [one for one in sorted(piece.names) if one not in live | self.kept | telling] if others else []
            word = [self.scope.words[value]] if value in self.scope.words else []
            pool = chain(word, free, _POOL, (f"{one}{number}" for number in count(2) for one in _POOL))
            bad = (
                live
                | self.kept
                | self.scope.forbidden
                | set(self.forced.values())
                | set(self.names.values()) - set(free)
            )
            name = next(one for one in pool if one not in bad)
        self.names[value] = name
        return name

    # Loops -----------------------------------------------------------------------------------------------------

    def _loop(self, loop: Loop) -> None:
        texts = self.scope.solution.texts
        for value in loop.inputs:
            if value in self.pending:
                self._assign(value, self.pending.pop(value))
        for value in loop.inputs:
            self.left[value] -= 1
        variables: dict[int, str] = {}
        # What waits to be written reads its variables behind the loop, which must not change them.
        waiting = {name for piece in (*self.pending.values(), *self.tuples.values()) for name in piece.names}
        for one in loop.carried:
            name = self.names[one.entry]
            busy = self.left[one.entry] > 0 or name in waiting | self.kept or name in variables.values()
            wanted = next((self.forced[value] for value in one.made[-1:] if value in self.forced), "")
            if busy or (wanted and wanted not in self.names.values()):
                self.left[one.entry] += 1
                fresh = wanted if wanted and wanted not in self.names.values() else self._fresh(variables)
                self.left[one.entry] -= 1
                self.lines.append(f"{fresh} = {name}")
                name = fresh
            variables[one.entry] = name
        for node in loop.turns[0]:
            if loop.shared and not isinstance(node, Loop) and node.path and node.path not in self.scope.instances:
                self._declare(node)
        names = {**self.names, **variables}
        ends = {one.made[0]: variables[one.entry] for one in loop.carried}
        kept = (self.kept | set(self.names.values())) - set(variables.values())
        label = self._label(loop)
        body = Body(
            self.scope, loop.turns[0], names, kept, ends, [one.made[0] for one in loop.carried],
            f"{self.prefix}{label}." if label else self.prefix, bool(label),
        )  # fmt: skip
        inner = body.write()
        for value, name in ends.items():
            if body.names.get(value, name) != name:
                inner.append(f"{name} = {body.names[value]}")
        named = f" as {label}" if label else ""
        columns = self.scope.solution.columns.get(id(loop), [])
        if loop.steady or not columns:
            count = texts[id(loop), "count"] if loop.steady else str(len(loop.turns))
            head = f"repeat {count}{named} {{"
        else:
            rows = [
                [texts[id(loop), (turn, place)] for place in range(len(columns))] for turn in range(len(loop.turns))
            ]
            if len(columns) == 1:
                head = f"each {columns[0]} in [{', '.join(row[0] for row in rows)}]{named} {{"
            else:
                table = ", ".join(f"[{', '.join(row)}]" for row in rows)
                head = f"each ({', '.join(columns)}) in [{table}]{named} {{"
        self.lines += [head, *inner, "}"]
        for one in loop.carried:
            self.names[one.made[-1]] = variables[one.entry]
        for value, name in [(one.made[-1], variables[one.entry]) for one in loop.carried]:
            last = self.forced.get(value)
            if last and last != name:
                self.lines.append(f"{last} = {name}")
                self.names[value] = last

    def _fresh(self, variables: Mapping[int, str]) -> str:
        bad = {*self.names.values(), *variables.values(), *self.kept, *self.scope.forbidden, *self.forced.values()}
        return next(one for one in chain(_POOL, (f"x{number}" for number in count(2))) if one not in bad)

    def _label(self, loop: Loop) -> str:
        name = loop.name if loop.name and not self.scope.taken[loop.name] else ""
        if not name and loop.name:
            numbered = (f"{loop.name}{number}" for number in range(2, 999))
            name = next((one for one in numbered if not self.scope.taken[one]), "")
        if not name and not loop.steady:
            names = chain(("stage",), (f"stage{number}" for number in count(2)))
            name = next(one for one in names if not self.scope.taken[one])
        if not name:
            return ""
        self.scope.taken[name] += 1
        return name

    def _declare(self, node: Call | Block) -> None:
        """An instance that several calls share, before the first of them."""
        if isinstance(node, Call) and not has_parameters(node.layer):
            return
        layer = self._layer(node)
        layer, _, name = layer.partition(" as ")
        name = name or self._fresh({})
        self.lines.append(f"{name} = {layer}")
        self.scope.instances[node.path] = name
        self.scope.taken[name] += 1


def _rows(call: Call, numbers: Mapping[int, str]) -> list[list[str]]:
    """The sizes of an opaque call's outputs, tensor by tensor."""
    ((_, shapes),) = call.arguments
    assert isinstance(shapes, tuple), "they were made so"
    return [
        [numbers[slot.place] for slot in shape if isinstance(slot, Slot)]
        for shape in shapes
        if isinstance(shape, tuple)
    ]

"""Which expression stands for which number: layer by layer, inner ones first, then the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archspec.importing.naming.fit import constant, fit, plain, single
from archspec.importing.naming.layers import Layer, collect, identifier, looped, name_axes, name_layers
from archspec.importing.naming.parameters import defaults, in_order, known_numbers, parameter_for
from archspec.importing.naming.samples import Samples, Vector
from archspec.importing.program import Block, Call, Loop, Node, Slot, Template

Fit = Callable[[Vector, Mapping[str, Vector]], str | None]
Place = tuple[int, object]
"""Where an expression stands: the `id` of a node, and which of its numbers."""


DEALT = ("experts", "active")
"""The numbers of a bank, as they are called."""


@dataclass(frozen=True)
class Wanted:
    """A number that needs an expression. vectors: one for each turn of the loops around it, outermost first.

    loops: those loops, of other numbers in each turn. word: what it is called where it stands.
    """

    place: Place
    vectors: tuple[Vector, ...]
    loops: tuple[Loop, ...]
    word: str


@dataclass
class Solution:
    """Expressions by place, the layers, and the loops' columns: for each the name of its variable.

    nests: the variables of all loops inside an outermost one.
    """

    texts: dict[Place, str] = field(default_factory=dict)
    layers: dict[int, Layer] = field(default_factory=dict)
    order: list[Layer] = field(default_factory=list)
    columns: dict[int, list[str]] = field(default_factory=dict)
    arguments: dict[int, list[tuple[str, Vector]]] = field(default_factory=dict)
    unnamed: dict[str, Vector] = field(default_factory=dict)
    nests: dict[int, set[str]] = field(default_factory=dict)
    entries: dict[tuple[int, int], tuple[tuple[Vector, ...], ...]] = field(default_factory=dict)


def solve(root: Block, samples: Samples, names: Mapping[str, Vector], axes: Mapping[str, Vector]) -> Solution:
    """Find an expression for every number of a program.

    names: the model's hyperparameters. axes: the free axes of its inputs. What is no expression in these becomes a
    parameter of its own.
    """
    solution = Solution()
    groups = collect(root)
    titles = name_layers(groups, root, looped(root.items))
    for title, sites in zip(titles, groups, strict=True):
        layer = Layer(title, sites)
        name_axes(layer, samples)
        _solve_layer(layer, samples, solution, {**names, **axes})
        solution.order.append(layer)
        for site in sites:
            solution.layers[id(site)] = layer
    taken = {*names, *axes}
    wanted = list(_wanted([root.items], samples, solution))
    careful = _among_moving({**names, **axes})
    open_ones = _fit_all(wanted, {**names, **axes}, solution, taken, careful)
    held = list(_held([root], samples))
    open_ones += _fit_all(held, names, solution, taken, careful)
    for one in open_ones:
        vector = one.vectors[0]
        known = next((name for name, other in solution.unnamed.items() if other == vector), None)
        if known is None:
            known = f"p{len(solution.unnamed)}"
            solution.unnamed[known] = vector
        solution.texts[one.place] = known
    for layer in solution.order:
        layer.defaults = defaults(layer, solution.texts)
    return solution


def _among_moving(basis: Mapping[str, Vector]) -> Fit:
    """A fit in those names alone that a number moved with when they alone were changed.

    An expression in others could be right at every sample by chance only: at the sample where one of them alone is
    another, the number is what it was. A floor or a rounding may hide such a move; then a single name is looked for.
    """
    places: dict[str, int] = {}
    size = max((len(vector) for vector in basis.values()), default=1)
    for place in range(1, size):
        moved = [name for name, vector in basis.items() if vector[place] != vector[0]]
        if len(moved) == 1:
            places.setdefault(moved[0], place)

    def fitted(vector: Vector, known: Mapping[str, Vector]) -> str | None:
        starts = range(0, len(vector), size)  # one for each turn of the loops around it
        moving = {
            name: one
            for name, one in known.items()
            if name not in places or any(vector[at + places[name]] != vector[at] for at in starts)
        }
        return fit(vector, moving) or single(vector, known)

    return fitted


def _solve_layer(layer: Layer, samples: Samples, solution: Solution, outside: Mapping[str, Vector]) -> None:
    """Name the axes and parameters of a layer. outside: the model's hyperparameters and free axes."""
    sites = layer.sites
    taken = set(layer.axes)
    wanted = list(_wanted([site.items for site in sites], samples, solution)) + list(_held(sites, samples))
    open_ones = _fit_all(wanted, layer.axes, solution, taken, plain)
    loops = {id(loop) for one in wanted for loop in one.loops}
    layer.variables = {name for loop in loops for name in solution.columns.get(loop, ())}
    known = known_numbers(sites, samples)
    told = {name: vector * len(sites) for name, vector in outside.items() if "[" not in name and not constant(vector)}
    # Numbers that the class or the model has a name for come first, then small ones: the others may be made of them.
    named = [set(known.values()), set(told.values())]
    order = sorted(
        open_ones,
        key=lambda one: (
            not any(one.vectors[0] in part for part in named), one.word == "padding", max(one.vectors[0])
        ),
    )  # fmt: skip
    for one in order:
        solution.texts[one.place] = parameter_for(one.vectors[0], one.word, layer, known, told)
    in_order(layer, known)
    for place, site in enumerate(sites):
        part = slice(place * samples.size, (place + 1) * samples.size)
        solution.arguments[id(site)] = [(name, vector[part]) for name, vector in layer.parameters.items()]


def _wanted(parallel: Sequence[Sequence[Node]], samples: Samples, solution: Solution) -> Iterator[Wanted]:
    """The numbers of nodes in a row; `parallel` are the same nodes at each site."""
    for nodes in zip(*parallel, strict=True):
        base = nodes[0]
        if isinstance(base, Call):
            rows = [samples.numbers[id(one)] for one in nodes]
            words = list(_words(base))
            for place in range(len(base.numbers)):
                vector = tuple(one for row in rows for one in row[place])
                yield Wanted((id(base), place), (vector,), (), words[place])
        elif isinstance(base, Block):
            if base.dealt is not None:
                rows = [samples.numbers[id(one)] for one in nodes]
                for place, word in enumerate(DEALT):
                    yield Wanted((id(base), word), (tuple(one for row in rows for one in row[place]),), (), word)
            if base.alone is not None:
                yield from _wanted([node.items for node in nodes if isinstance(node, Block)], samples, solution)
                continue
            given = [solution.arguments[id(one)] for one in nodes]
            for place, (name, _) in enumerate(given[0]):
                vector = tuple(one for row in given for one in row[place][1])
                yield Wanted((id(base), place), (vector,), (), name)
        elif base.steady:
            vector = tuple(one for node in nodes for one in samples.counts[id(node)])
            yield Wanted((id(base), "count"), (vector,), (), "depth")
            yield from _wanted([node.turns[0] for node in nodes if isinstance(node, Loop)], samples, solution)
        else:
            loops = [node for node in nodes if isinstance(node, Loop)]
            turns = [list(_wanted([loop.turns[turn] for loop in loops], samples, solution))
                     for turn in range(len(base.turns))]  # fmt: skip
            for ones in zip(*turns, strict=True):
                vectors = tuple(vector for one in ones for vector in one.vectors)
                yield Wanted(ones[0].place, vectors, (base, *ones[0].loops), ones[0].word)


def _words(call: Call) -> Iterator[str]:
    """What each number of a call is called there."""
    names = {"out": "width", "num_heads": "heads", "num_embeddings": "rows", "embedding_dim": "width", "shape": "size",
             "sizes": "size", "length": "size", "parts": "size"}  # fmt: skip
    for name, template in call.arguments:
        for _ in _slots(template):
            yield names.get(name, name)


def _slots(template: Template) -> Iterator[Slot]:
    if isinstance(template, Slot):
        yield template
    elif isinstance(template, tuple):
        for one in template:
            yield from _slots(one)


def _held(blocks: Sequence[Block], samples: Samples) -> Iterator[Wanted]:
    """The sizes of parameters that are declared in a block."""
    for place, held in enumerate(blocks[0].held):
        for axis in range(len(held.shape)):
            vector = tuple(one for block in blocks for one in samples.shapes[block.held[place].value][axis])
            yield Wanted((id(blocks[0]), ("held", place, axis)), (vector,), (), "size")


def _fit_all(
    wanted: Sequence[Wanted], basis: Mapping[str, Vector], solution: Solution, taken: set[str], fitted: Fit = fit
) -> list[Wanted]:
    """Fit what can be; numbers that change from turn to turn become columns of their loop. Returns what is left."""
    left: list[Wanted] = []
    queue = list(wanted)
    while queue:
        one = queue.pop(0)
        if not one.loops:
            text = fitted(one.vectors[0], basis)
            if text is None:
                left.append(one)
            else:
                solution.texts[one.place] = text
            continue
        whole = tuple(value for vector in one.vectors for value in vector)
        tiled = {name: vector * len(one.vectors) for name, vector in basis.items()}
        text = str(whole[0]) if constant(whole) else (fitted(whole, tiled) if not _changes(one, basis) else None)
        if text is not None:
            solution.texts[one.place] = text
            continue
        queue[:0] = _column(one, solution, taken)
    return left


def _changes(one: Wanted, basis: Mapping[str, Vector]) -> bool:
    """Whether a number changes from turn to turn, which no name outside the loop does."""
    return any(vector != one.vectors[0] for vector in one.vectors)


def _column(one: Wanted, solution: Solution, taken: set[str]) -> list[Wanted]:
    """A variable of the innermost loop that the number changes in; its entries are wanted outside."""
    loop = one.loops[-1]
    turns = len(loop.turns)
    outer = len(one.vectors) // turns
    rows = [one.vectors[place * turns : (place + 1) * turns] for place in range(outer)]
    if all(vector == row[0] for row in rows for vector in row):  # it hangs on an outer loop alone
        return [replace(one, vectors=tuple(row[0] for row in rows), loops=one.loops[:-1])]
    names = solution.columns.setdefault(id(loop), [])
    entries = tuple(tuple(row[turn] for row in rows) for turn in range(turns))
    for place, name in enumerate(names):
        if solution.entries[id(loop), place] == entries:
            solution.texts[one.place] = name
            return []
    nest = id(one.loops[0])  # loops beside each other may use a word again, those inside each other may not
    used = solution.nests.setdefault(nest, set())
    name = identifier(one.word, taken | used)
    used.add(name)
    names.append(name)
    solution.texts[one.place] = name
    solution.entries[id(loop), len(names) - 1] = entries
    return [
        Wanted((id(loop), (turn, len(names) - 1)), entries[turn], one.loops[:-1], one.word) for turn in range(turns)
    ]

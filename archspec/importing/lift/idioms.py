"""Calls in which people write what the library has a layer for. Read the table; none of these changes a quantity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from archspec.importing.fold.dataflow import all_used
from archspec.importing.lift.heads import single_heads
from archspec.importing.lift.lifter import Axis, Lifter, template
from archspec.importing.lift.patterns import Leaf, Match, layers_in, literal, matches, pattern
from archspec.importing.lift.routes import name_choices, name_routes
from archspec.importing.lift.spellings import has_parameters
from archspec.importing.program import Block, Call, Node
from archspec.syntax import tree

Shape = tuple[int, ...]
IDIOMS = (
    ("x -> Flatten(0, 1) -> Linear(n) -> Unflatten(0, [b, s])", "x -> Linear"),
    ("x -> Unflatten(-1, [h, e]) -> Permute([0, 2, 1, 3])", "x -> Heads(h)"),
    ("x -> Permute([0, 2, 1, 3]) -> Contiguous -> Flatten(2, -1)", "x -> MergeHeads(copied = true)"),
    ("x -> Permute([0, 2, 1, 3]) -> Flatten(2, -1)", "x -> MergeHeads"),
    ("(x -> Slice(k, k, -1) -> Scale(-1.0), x -> Slice(0, k, -1)) -> Concat(-1)", "x -> RotateHalf"),
    ("x*cos + (x -> RotateHalf)*sin", "(x, cos, sin) -> RoPE"),
    ("weight*(x*((x**2.0 -> Mean(-1, true)) -> Shift(eps) -> Rsqrt))", "x -> LlamaRMSNorm(eps)"),
    ("(0.5*x)*(1.0 + (0.7978845608028654*(x + 0.044715*x**3.0) -> Tanh))", "x -> NewGELU"),
    ("x*(1.702*x -> Sigmoid)", "x -> QuickGELU"),
    (
        "(x -> Linear(h, false) as gate_proj -> SiLU)*(x -> Linear(h, false) as up_proj)"
        " -> Linear(d, false) as down_proj",
        "x -> SwiGLU(h)",
    ),
    ("x -> Permute([1, 2, 0, 3]) -> Permute([0, 2, 1, 3])", "x -> Permute([1, 0, 2, 3])"),
    (
        "(scores, (g, g -> TopK(best, -1) -> Amin(-1, true)) -> Less -> Unsqueeze(3) -> Expand([b, s, groups, n])"
        " -> Contiguous -> Flatten(2, -1)) -> MaskedFill",
        "(scores, g) -> WithinGroups(best)",
    ),
    ("scores -> Unflatten(-1, [groups, n]) -> TopK(2, -1) -> Sum(-1)", "scores -> GroupScores(groups)"),
    ("(weights, places) -> Shares -> Flatten(0, -1) -> Unsqueeze(1)", "(weights, places) -> Shares"),
    ("(rows*shares, owners, x) -> Collect", "(rows, shares, owners, x) -> Combine"),
)
"""What is written, and what stands for it: a layer of the library on tensors that are named on the left. A layer with
parameters is the instance of the same layer on the left, or has what is named there by its own names: parameters, and
layers with `as`.
"""
_FITS: Mapping[str, Callable[[Sequence[Shape], Shape], bool]] = {
    "WithinGroups": lambda taken, given: taken[0] == given and taken[1][:-1] == given[:-1],
    "Combine": lambda taken, given: taken[1] == (taken[0][0], 1) and taken[3] == given,
}
"""What must hold of the shapes of what a layer takes and gives, besides what is written."""
QUIET = (("(0.5*x)*(1.0 + ((0.79788456*x)*(1.0 + (0.044715*x)*x) -> Tanh))", 'x -> GELU(approximate = "tanh")'),)
"""The same inside a function with a derivative of its own: what it computes on its way is not kept."""
_UNTRAINED = frozenset({"GroupScores", "WithinGroups"})
"""Layers whose result has no gradient: they stand only for calls that have none."""
_MAPPED = frozenset({"Heads"})
"""Layers that are written once for all pieces of a tensor that was cut."""


def name_idioms(root: Block, lifter: Lifter) -> None:
    """Put layers of the library in the places of calls that mean them, in every block."""
    uses = Counter([*all_used(root.items), *root.outputs])
    _block(root, uses, lifter)
    name_choices(root)


def _block(block: Block, uses: Counter[int], lifter: Lifter) -> None:
    for node in block.items:
        if isinstance(node, Block):
            _block(node, uses, lifter)
    block.items = [_alone(node) for node in block.items]
    single_heads(block, uses, lifter)
    for written, meant in (*IDIOMS, *QUIET):
        if not layers_in(written) <= {one.layer for one in block.items if isinstance(one, Call)}:
            continue
        _put(block, written, meant, uses, lifter)
    _map(block, uses)
    name_routes(block, uses, lifter)


def _put(block: Block, written: str, meant: str, uses: Counter[int], lifter: Lifter) -> None:
    """What is meant in every place of a block where something is written."""
    made = {
        one.outputs[0]: one for one in block.items if isinstance(one, Call) and not any(map(uses.get, one.outputs[1:]))
    }
    gone: set[int] = set()
    new: dict[int, Call] = {}
    for value, call in made.items():
        if id(call) in gone or len(call.outputs) != 1:
            continue
        for found in matches(pattern(written), value, made, uses, Match()):
            if any(id(one) in gone for one in found.calls):
                continue
            if (written, meant) in QUIET and any(lifter.value(one.outputs[0]).grad for one in found.calls[1:]):
                continue
            replaced = _replaced(meant, found, lifter)
            if replaced is not None:
                gone |= {id(one) for one in found.calls}
                new[id(call)] = replaced
                break
    for one in made.values():
        if id(one) in gone:
            uses.subtract(one.inputs)
    for one in new.values():
        uses.update(one.inputs)
    block.items = list(_with(block.items, gone, new))


def _alone(node: Node) -> Node:
    """The one call of a module that is an activation and no more."""
    only = node.items[0] if isinstance(node, Block) and len(node.items) == 1 and node.dealt is None else node
    return only if isinstance(only, Call) and not has_parameters(only.layer) else node


def _map(block: Block, uses: Counter[int]) -> None:
    """Layers that are equal on all pieces of a tensor, as one on all of them."""
    users = {one.inputs[0]: one for one in block.items if isinstance(one, Call) and one.layer in _MAPPED}
    gone: set[int] = set()
    new: dict[int, Call] = {}
    for node in block.items:
        if not isinstance(node, Call) or node.layer != "Split" or not all(one in users for one in node.outputs):
            continue
        calls = [users[one] for one in node.outputs]
        first = calls[0]
        if all(uses[one] == 1 for one in node.outputs) and all(one.numbers == first.numbers for one in calls):
            outputs = tuple(one.outputs[0] for one in calls)
            earliest = next(one for one in block.items if any(one is other for other in calls))
            gone |= {id(one) for one in calls}
            new[id(earliest)] = Call(
                first.layer, first.arguments, first.numbers, first.reals, node.outputs, outputs, first.path
            )
    block.items = list(_with(block.items, gone, new))


def _with(items: list[Node], gone: set[int], new: Mapping[int, Call]) -> Iterator[Node]:
    for node in items:
        if id(node) in new:
            yield new[id(node)]
        elif id(node) not in gone:
            yield node


def _replaced(meant: str, found: Match, lifter: Lifter) -> Call | None:
    """The call of the layer that was meant; None where its parameters are not those that were found."""
    step = pattern(meant)
    if isinstance(step, Leaf):
        raise ValueError(f"{meant} is no layer")
    inputs = tuple(found.tensors[one.name] for one in step.inputs if isinstance(one, Leaf))
    last = found.calls[0]
    fits = _FITS.get(step.layer)
    if fits is not None and not fits([lifter.shape(one) for one in inputs], lifter.shape(last.outputs[0])):
        return None
    if step.layer in _UNTRAINED and any(lifter.value(one.outputs[0]).grad for one in found.calls):
        return None
    same = next((one for one in found.calls if one.layer == step.layer and has_parameters(one.layer)), None)
    if same is not None:
        return Call(same.layer, same.arguments, same.numbers, same.reals, inputs, last.outputs, same.path, same.name)
    path, name = last.path, ""
    if has_parameters(step.layer):
        held = {leaf: lifter.held.get(value) for leaf, value in found.tensors.items() if value not in inputs}
        inside = {one.path.rpartition(".")[0] for one in found.calls if has_parameters(one.layer)}
        owners = {one.name.removesuffix(f".{leaf}") if one is not None else "" for leaf, one in held.items()} | inside
        if len(owners) != 1 or any(one is None or not one.name.endswith(f".{leaf}") for leaf, one in held.items()):
            return None
        (path,) = owners
        name = path.rpartition(".")[2]
    numbers: list[int] = []
    reals: list[float] = []
    arguments = tuple((key, template(_value(one, found), numbers, reals)) for key, one in step.arguments)
    return Call(step.layer, arguments, numbers, reals, inputs, last.outputs, path, name)


def _value(node: tree.Expression, found: Match) -> object:
    if isinstance(node, tree.Name):
        return found.numbers[node.name]
    if isinstance(node, tree.ListLiteral):
        return [_value(one, found) for one in node.items]
    value = literal(node)
    return Axis(value) if isinstance(value, int) and not isinstance(value, bool) else value

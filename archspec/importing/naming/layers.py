"""The layers of a program: blocks with the same skeleton are one, with the axes and parameters that it needs."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from archspec.importing.lift.spellings import features_last
from archspec.importing.naming.fit import constant
from archspec.importing.naming.samples import Samples, Vector
from archspec.importing.program import Block, Call, Loop, Node, inner
from archspec.library import standard

_BY_RANK = {
    1: ("n",), 2: ("B", "d"), 3: ("B", "S", "d"), 4: ("B", "C", "H", "W"), 5: ("B", "C", "D", "H", "W"),
    6: ("B", "R", "Q", "P", "N", "C"),
}  # fmt: skip
_FEATURES_LAST = {4: ("B", "H", "W", "C"), 5: ("B", "D", "H", "W", "C")}
"""The same for pictures whose features come last."""
_MORE = ("T", "e", "U", "f", "m", "n", "p", "r", "u", "w", "L", "M", "K", "G")
RESERVED = frozenset(
    [
        "layer",
        "model",
        "test",
        "use",
        "as",
        "external",
        "plan",
        "given",
        "if",
        "else",
        "each",
        "in",
        "at",
        "repeat",
        "when",
        "and",
        "or",
        "not",
        "true",
        "false",
        "param",
        "buffer",
        "save",
        "for",
        "view",
        "strided",
        "inplace",
        "flops",
        "backward",
        "autocast",
        "torch",
        "keras",
        "sklearn",
        "cache",
        "tie",
        "require",
        "where",
        "shard",
        "passes",
        "scratch",
        "unverified",
        "last",
        "min",
        "max",
        "size",
        "len",
        "sum",
        "range",
        "log2",
        "prod",
        "broadcast",
        "axis",
        "ceil_div",
        "round_up",
        "at_most",
        "policy",
        "i",
    ]
)


@dataclass
class Layer:
    """One layer of the text. sites: the blocks that are this layer, of which the first is written.

    axes: names and samples (sites, then configurations) of its input's axes; inputs: for each input the names of its
    axes. parameters: names and samples. defaults: what some of them are where nothing is said. variables: those of
    loops.
    """

    name: str
    sites: list[Block]
    axes: dict[str, Vector] = field(default_factory=dict)
    inputs: list[tuple[str, ...]] = field(default_factory=list)
    parameters: dict[str, Vector] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)

    @property
    def formals(self) -> list[str]:
        """The parameters as they are declared: those with a value of their own last."""
        return [name for name in self.parameters if name not in self.defaults] + [
            f"{name} = {value}" for name, value in self.defaults.items()
        ]

    def actuals(self, given: Sequence[str]) -> list[str]:
        """Arguments in the order of the parameters, as they are written in a call."""
        said = dict(zip(self.parameters, given, strict=True))
        return [value for name, value in said.items() if name not in self.defaults] + [
            f"{name} = {said[name]}" for name, value in self.defaults.items() if said[name] != value
        ]


def collect(root: Block) -> list[list[Block]]:
    """The blocks inside, grouped by skeleton, those that others use first."""
    groups: dict[Hashable, list[Block]] = {}
    _collect(root.items, groups)
    return list(groups.values())


def _collect(items: Sequence[Node], groups: dict[Hashable, list[Block]]) -> None:
    for node in items:
        for one in inner(node):
            _collect(one, groups)
        if isinstance(node, Block) and node.alone is None:
            groups.setdefault(node.key, []).append(node)


def name_layers(groups: Sequence[list[Block]], root: Block, loops: frozenset[int]) -> list[str]:
    """A name for each group: its class; of two with one class the one in a loop has the plain name.

    loops: `id`s of the blocks inside steady loops.
    """
    library = standard()
    classes = [_class_name(group[0].kind) for group in groups]
    order = sorted(range(len(groups)), key=lambda one: (not any(id(site) in loops for site in groups[one]), one))
    taken = {_class_name(root.kind)}
    names = [""] * len(groups)
    for one in order:
        name = classes[one]
        if library.find(name) is not None or (name in taken and name == _class_name(root.kind)):
            name += "Layer" if name.endswith("Block") else "Block"
        if name in taken:
            first = "First" + name
            name = first if first not in taken else _numbered(name, taken)
        taken.add(name)
        names[one] = name
    return names


def _numbered(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}{number}" in taken:
        number += 1
    return f"{name}{number}"


def _class_name(kind: str) -> str:
    name = re.sub(r"\W", "", kind.rpartition(".")[2]).strip("_")
    name = name[:1].upper() + name[1:]
    return name if name.isidentifier() and name.isascii() and len(name) <= 80 else "Part"


def looped(items: Sequence[Node], inside: bool = False) -> frozenset[int]:
    """`id`s of all blocks inside steady loops."""
    found: set[int] = set()
    for node in items:
        if isinstance(node, Block) and inside:
            found.add(id(node))
        for one in inner(node):
            found |= looped(one, inside or (isinstance(node, Loop) and node.steady))
    return frozenset(found)


def name_axes(layer: Layer, samples: Samples) -> None:
    """Give the axes of a layer's inputs names: equal ones the same, those of size 1 none."""
    taken: set[str] = set()
    for place in range(len(layer.sites[0].taken)):
        value = [site.taken[place] for site in layer.sites]
        rank = len(samples.shapes[value[0]])
        names: list[str] = []
        last = rank in _FEATURES_LAST and _features_last(layer.sites[0].items, value[0], samples)
        wanted = _FEATURES_LAST[rank] if last else _wanted(rank, sequence="S" in layer.axes)
        for axis in range(rank):
            vector = tuple(one for site in value for one in samples.shapes[site][axis])
            known = next((name for name, other in layer.axes.items() if other == vector and name not in names), None)
            if constant(vector) and vector[0] == 1:
                names.append("1")
                continue
            if known is None:
                rows = layer.sites[0].dealt is not None and rank == 2 and axis == 0  # of all tokens, not of a batch
                known = "n" if rows else _free(wanted[axis : axis + 1], taken)
                layer.axes[known] = vector
                taken.add(known)
            names.append(known)
        layer.inputs.append(tuple(names))


def _features_last(items: Sequence[Node], value: int, samples: Samples) -> bool:
    """Whether the first layer that tells works on the last axis of a value; on the way there, that axis stays whole."""
    for node in items:
        if value not in node.inputs:
            continue
        if not isinstance(node, Call):
            return any(_features_last(one, value, samples) for one in inner(node)[:1])
        told = features_last(node.layer)
        if told is not None:
            return told
        dims = dict(node.arguments).get("dims")
        if node.layer == "Permute" and isinstance(dims, tuple) and dims[-1] != len(dims) - 1:
            return dims in ((0, 3, 1, 2), (0, 4, 1, 2, 3))
        after = node.outputs[0]
        whole = node.layer == "Concat" or samples.shapes[after][-1:] == samples.shapes[value][-1:]
        if whole and _features_last(items, after, samples):
            return True
    return False


def _wanted(rank: int, *, sequence: bool) -> tuple[str, ...]:
    """Names for axes. sequence: of heads of sequences, not of pictures, if there are four."""
    return ("B", "h", "S", "e") if sequence and rank == 4 else _BY_RANK.get(rank, ())


def _free(wanted: Sequence[str], taken: set[str]) -> str:
    """The first name that is not taken."""
    return next((name for name in (*wanted, *_MORE) if name not in taken), None) or _numbered("n", taken)


def identifier(text: str, taken: set[str]) -> str:
    """A name of the notation made of somebody's words, not taken yet."""
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() or "n"
    if name[0].isdigit():
        name = f"n{name}"
    if name in RESERVED:
        name += "_"
    return name if name not in taken else _numbered(name, taken)

"""Which tensor of a model is which of a spec: by name where names agree, by order and shape where they do not.

Names agree when the parts that are no numbers do, or when both end in the same layer and leaf (`c_attn.weight`) and
there are as many of one as of the other. What is left is aligned in order, first where leaf and shape are equal, then
where the shape is; and last by leaf alone: these have other shapes, and are the differences.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from archspec.verify.traced.records import Held, Shape

MAX_MATCHED = 4000
"""Sequences longer than this are not matched in order: it takes time quadratic in their length."""


@dataclass
class Alignment:
    """Pairs of the spec's tensor and the model's; what is left over on each side.

    layers: for each layer of the spec, the model's layers that are it, turn by turn.
    """

    pairs: list[tuple[Held, Held]] = field(default_factory=list)
    only_spec: list[Held] = field(default_factory=list)
    only_model: list[Held] = field(default_factory=list)
    by_name: int = 0

    def layer_of(self) -> dict[str, str]:
        """For each layer of the model, the spec's layer."""
        found: dict[str, str] = {}
        for ours, theirs in self.pairs:
            found.setdefault(theirs.layer, ours.layer)
        return found

    def layers_of(self) -> dict[str, set[str]]:
        """For each layer of the model, all the spec's layers in it."""
        found: dict[str, set[str]] = defaultdict(set)
        for ours, theirs in self.pairs:
            found[theirs.layer].add(ours.layer)
        return found


def parts(name: str) -> tuple[str, ...]:
    """The parts of a name that are no numbers: which turn of a loop it is, is not compared."""
    return tuple(part for part in name.split(".") if not part.isdigit())


def align(spec: Iterable[Held], model: Iterable[Held]) -> Alignment:
    """Align the tensors of one role."""
    theirs = list(model)
    ours = _apart(list(spec), theirs)
    result = Alignment()
    _by_key(result, ours, theirs, lambda one: parts(one.name), lambda one: parts(one.name))
    if ours and theirs:
        _by_ending(result, ours, theirs)
    result.by_name = len(result.pairs)
    for key in (_leaf_and_shape, _whole_shape):
        _in_order(result, ours, theirs, key)
    _loose(result, ours, theirs)
    _rest(result, ours, theirs)
    result.only_spec, result.only_model = ours, theirs
    return result


def _apart(ours: list[Held], theirs: list[Held]) -> list[Held]:
    """Copies one by one, where the model does not hold them stacked in one tensor."""
    stacked = Counter(one.shape for one in theirs)
    wanted = Counter(whole(one) for one in ours)
    found: list[Held] = []
    for one in ours:
        if one.copies > 1 and stacked[whole(one)] < wanted[whole(one)] and stacked[one.shape] >= one.copies:
            found.extend([replace(one, copies=1)] * one.copies)
        else:
            found.append(one)
    return [replace(one) for one in found]  # each an object of its own: they are told apart by identity


def _whole_shape(one: Held) -> Hashable:
    return whole(one)


def whole(one: Held) -> Shape:
    """The shape with the copies in front, as a model holds a bank of experts."""
    return (one.copies, *one.shape) if one.copies > 1 else one.shape


def _leaf_and_shape(one: Held) -> Hashable:
    return one.leaf, whole(one)


Key = Callable[[Held], Hashable]
Parts = tuple[str, ...]


def _by_key(result: Alignment, ours: list[Held], theirs: list[Held], own: Key, other: Key) -> None:
    """Pair those of one key in order, where there are as many of it on both sides."""
    left, right = _grouped(ours, own), _grouped(theirs, other)
    for key, group in left.items():
        match = right.get(key, [])
        if match and len(match) == len(group):
            _pair(result, ours, theirs, group, match)


def _by_ending(result: Alignment, ours: list[Held], theirs: list[Held]) -> None:
    """Pair groups that end in the same layer and leaf: the best of the model's groups for each of the spec's."""
    left, right = _by_parts(ours), _by_parts(theirs)
    offers = sorted(
        (
            (-_shared(one, other), abs(len(left[one]) - len(right[other])), one, other)
            for one in left
            for other in right
            if len(one) > 1 and one[-2:] == other[-2:] and _fit(left[one], right[other])
        ),
        key=lambda offer: offer[:2],
    )
    for _, _, one, other in offers:
        if one in left and other in right:
            _pair(result, ours, theirs, left.pop(one), right.pop(other))


def _fit(ours: list[Held], theirs: list[Held]) -> bool:
    return len(ours) == len(theirs) and {len(whole(one)) for one in ours} == {len(one.shape) for one in theirs}


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many parts two names have in common."""
    return sum(block.size for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())


def _in_order(result: Alignment, ours: list[Held], theirs: list[Held], key: Key) -> None:
    if max(len(ours), len(theirs)) > MAX_MATCHED:
        return
    matcher = SequenceMatcher(None, [key(one) for one in ours], [key(one) for one in theirs], autojunk=False)
    left: list[Held] = []
    right: list[Held] = []
    for block in matcher.get_matching_blocks():
        left.extend(ours[block.a : block.a + block.size])
        right.extend(theirs[block.b : block.b + block.size])
    _pair(result, ours, theirs, left, right)


def _loose(result: Alignment, ours: list[Held], theirs: list[Held]) -> None:
    """Pair what is left over by leaf and shape, then by shape, wherever it stands."""
    for key in (_leaf_and_shape, _whole_shape):
        groups = _grouped(theirs, key)
        left: list[Held] = []
        right: list[Held] = []
        for one in ours:
            group = groups.get(key(one))
            if group:
                left.append(one)
                right.append(group.pop(0))
        _pair(result, ours, theirs, left, right)


def _rest(result: Alignment, ours: list[Held], theirs: list[Held]) -> None:
    """Pair what is left over by name, then by leaf and rank in order: their shapes differ."""
    _by_key(result, ours, theirs, lambda one: parts(one.name)[-2:], lambda one: parts(one.name)[-2:])
    _by_key(result, ours, theirs, lambda one: (one.leaf, len(whole(one))), lambda one: (one.leaf, len(one.shape)))


def _pair(result: Alignment, ours: list[Held], theirs: list[Held], left: list[Held], right: list[Held]) -> None:
    """Note pairs, and take them off what is left over."""
    result.pairs.extend(zip(left, right, strict=True))
    gone_left, gone_right = {id(one) for one in left}, {id(one) for one in right}
    ours[:] = [one for one in ours if id(one) not in gone_left]
    theirs[:] = [one for one in theirs if id(one) not in gone_right]


def _by_parts(items: Iterable[Held]) -> dict[Parts, list[Held]]:
    groups: dict[Parts, list[Held]] = defaultdict(list)
    for one in items:
        groups[parts(one.name)].append(one)
    return groups


def _grouped(items: Iterable[Held], key: Key) -> dict[Hashable, list[Held]]:
    groups: dict[Hashable, list[Held]] = defaultdict(list)
    for one in items:
        groups[key(one)].append(one)
    return groups

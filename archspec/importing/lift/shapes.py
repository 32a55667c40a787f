"""Functions that arrange: shapes seen otherwise, axes in another order, pieces.

Whether a copy was made is observed, not reasoned: the result lies in the memory of what it came from, or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

from archspec.importing.lift.lifter import Axis, Lifter, tensor, tensors_in

Node = dict[str, Any]


def reshape(lifter: Lifter, source: int, output: int) -> None:
    """Lift anything that shows the same elements, in the same order, in another shape."""
    before, after = lifter.shape(source), lifter.shape(output)
    if not lifter.shares(source, output):
        copied = output if before == after else lifter.new(before, output)
        lifter.emit("Contiguous", (source,), (copied,))
        source = copied
    spread = lifter.spread.get(lifter.find(source))
    if before == after or (spread is not None and lifter.shape(spread) == after):
        lifter.same(output, source if spread is None or before == after else spread)
        return
    step = _one_step(before, after)
    if step is not None:
        lifter.emit(step[0], (source,), (output,), step[1])
        return
    merged = _merge_then_split(before, after)
    if merged is not None:
        middle = lifter.new(merged[0], source)
        first, second = _one_step(before, merged[0]), _one_step(merged[0], after)
        if first is not None and second is not None:
            lifter.emit(first[0], (source,), (middle,), first[1])
            lifter.emit(second[0], (middle,), (output,), second[1])
            return
    lifter.emit("Reshape", (source,), (output,), {"shape": list(after)})


def _one_step(before: Sequence[int], after: Sequence[int]) -> tuple[str, dict[str, Any]] | None:
    """The one layer that makes one shape of the other, if there is one."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    # As many equal axes at the end as leave something in between.
    end = 0
    while end < min(len(before), len(after)) - start and before[len(before) - 1 - end] == after[len(after) - 1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if len(new) == 1 and not old and new[0] == 1:
        return "Unsqueeze", {"dim": Axis(start)}
    if len(old) == 1 and not new and old[0] == 1 and (start != len(before) - 1 or start == 0):
        return "Select", {"dim": Axis(start), "index": Axis(0)}
    if len(new) == 1 and len(old) > 1 and prod(old) == new[0]:
        last = start + len(old) - 1
        return "Flatten", {"start_dim": Axis(start), "end_dim": Axis(-1 if last == len(before) - 1 else last)}
    if len(old) == 1 and len(new) > 1 and prod(new) == old[0]:
        return "Unflatten", {"dim": Axis(-1 if start == len(before) - 1 else start), "sizes": list(new)}
    if not new and old and start > 0 and all(one == 1 for one in old):
        last = start + len(old) - 1
        return "Flatten", {"start_dim": Axis(start - 1), "end_dim": Axis(-1 if last == len(before) - 1 else last)}
    return None


def _merge_then_split(before: Sequence[int], after: Sequence[int]) -> tuple[tuple[int, ...]] | None:
    """A shape between two that differ in one run of axes: the run as one axis."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[len(before) - 1 - end] == after[len(after) - 1 - end]:
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    if len(old) > 1 and len(new) > 1 and prod(old) == prod(new):
        return ((*before[:start], prod(old), *before[len(before) - end :]),)
    return None


def permute(lifter: Lifter, source: int, output: int, order: Sequence[int]) -> None:
    """Lift axes in another order. The last two exchanged are `Transpose`, which a product of matrices reads as is."""
    rank = len(lifter.shape(source))
    order = [one % rank for one in order]
    if order == list(range(rank)):
        lifter.same(output, source)
    elif order == [*range(rank - 2), rank - 1, rank - 2]:
        lifter.emit("Transpose", (source,), (output,))
    else:
        lifter.emit("Permute", (source,), (output,), {"dims": [Axis(one) for one in order]})


def exchange(lifter: Lifter, source: int, output: int, one: int, other: int) -> None:
    """Lift two axes exchanged."""
    rank = len(lifter.shape(source))
    order = list(range(rank))
    order[one % rank], order[other % rank] = order[other % rank], order[one % rank]
    permute(lifter, source, output, order)


def split(lifter: Lifter, source: int, outputs: Sequence[int], dim: int) -> None:
    """Lift a tensor cut along one axis."""
    rank = len(lifter.shape(source))
    sizes = [lifter.shape(one)[dim % rank] for one in outputs]
    named = {} if dim % rank == rank - 1 else {"dim": Axis(dim % rank)}
    parts: Any = Axis(len(sizes)) if len(set(sizes)) == 1 else sizes
    if len(sizes) == 1:
        lifter.same(outputs[0], source)
        return
    lifter.emit("Split", (source,), tuple(outputs), {"parts": parts, **named})


def unbind(lifter: Lifter, source: int, outputs: Sequence[int], dim: int) -> None:
    """Lift the slices along one axis."""
    at = dim % len(lifter.shape(source))
    for index, one in enumerate(outputs):
        lifter.emit("Select", (source,), (one,), {"dim": Axis(at), "index": Axis(index)})


def index(lifter: Lifter, node: Node) -> None:
    """Lift `x[…]`: numbers, slices, `None` and `...`; tensors as indices only alone."""
    source, output = tensor(node["a"][0]), tensor(node["o"])
    if source is None or output is None:
        lifter.miss("torch.Tensor.__getitem__", "of what is no tensor")
        return
    if 0 in lifter.shape(output):
        return  # nothing, which a join leaves out
    places = node["a"][1]
    places = list(places) if isinstance(places, list) else [places]
    if any(True for _ in tensors_in(places)):
        _look_up(lifter, source, output, places)
        return
    full = spread(places, len(lifter.shape(source)))
    lists = [place for place, one in enumerate(full) if isinstance(one, list)]
    if len(lists) == 1 and all(one == {"s": [None, None, None]} for one in full if not isinstance(one, list)):
        _places(lifter, source, output, lists[0])
        return
    steps = steps_of(lifter.shape(source), full)
    if steps is None:
        lifter.miss("torch.Tensor.__getitem__", "an index with steps of another kind")
        return
    if not lifter.shares(source, output):
        lifter.miss("torch.Tensor.__getitem__", "an index that copies")
        return
    _emit(lifter, source, output, steps)


_WHOLE = {"s": [None, None, None]}
"""An axis that an index takes whole."""
Step = tuple[str, dict[str, Any], tuple[int, ...]]


def _emit(lifter: Lifter, source: int, output: int, steps: Sequence[Step]) -> None:
    """Emit views one after the other, the last of which gives the output."""
    if not steps:
        lifter.same(output, source)
    for number, (layer, arguments, shape) in enumerate(steps):
        target = output if number == len(steps) - 1 else lifter.new(shape, source)
        lifter.emit(layer, (source,), (target,), arguments)
        source = target


def steps_of(shape: Sequence[int], places: Sequence[Any]) -> list[Step] | None:
    """The views that an index is, one after the other; None where it is none."""
    steps: list[tuple[str, dict[str, Any], tuple[int, ...]]] = []
    now = list(shape)
    at = 0
    for one in places:
        if one is None:
            now.insert(at, 1)
            steps.append(("Unsqueeze", {"dim": Axis(at)}, tuple(now)))
            at += 1
        elif isinstance(one, bool | list) or (isinstance(one, dict) and "s" not in one):
            return None
        elif isinstance(one, int):
            index = one if one >= 0 else (one if one == -1 else now[at] + one)
            del now[at]
            steps.append(("Select", {"dim": Axis(at), "index": Axis(index)}, tuple(now)))
        else:
            start, stop, step = one["s"]
            begin, end, stride = slice(start, stop, step).indices(now[at])
            if stride < 1 or end <= begin:
                return None
            length = -(-(end - begin) // stride)
            if length != now[at]:
                axis = Axis(-1 if at == len(now) - 1 else at)
                now[at] = length
                if stride > 1:
                    steps.append(("Stride", {"step": stride, "start": begin, "dim": axis}, tuple(now)))
                else:
                    steps.append(("Slice", {"start": begin, "length": length, "dim": axis}, tuple(now)))
            at += 1
    return steps


def spread(places: Sequence[Any], rank: int) -> list[Any]:
    """Places with the axes that `...` stands for."""
    taken = sum(1 for one in places if one is not None and not (isinstance(one, dict) and "e" in one))
    full: list[Any] = []
    for one in places:
        if isinstance(one, dict) and "e" in one:
            full += [_WHOLE] * (rank - taken)
        else:
            full.append(one)
    return full


def _look_up(lifter: Lifter, table: int, output: int, places: Sequence[Any]) -> None:
    """Lift an index that is a tensor of numbers, behind axes that are taken whole."""
    full = spread(places, len(lifter.shape(table)))
    kept = [one for one in full if one != _WHOLE]
    index = tensor(kept[0]) if len(kept) == 1 else None
    if index is None or lifter.value(index).dtype not in ("int64", "int32"):
        lifter.miss("torch.Tensor.__getitem__", "several tensors as an index, or a mask")
        return
    _rows(lifter, table, index, output, full.index(kept[0]))


def _rows(lifter: Lifter, table: int, index: int, output: int, axis: int) -> None:
    """Places of one axis that a tensor says: that axis goes first, its rows are looked up, and back."""
    if axis == 0:
        lifter.emit("Lookup", (table, index), (output,))
        return
    before, after = lifter.shape(table), lifter.shape(output)
    there = len(lifter.shape(index))
    order = [axis, *(one for one in range(len(before)) if one != axis)]
    turned = lifter.new([before[one] for one in order], table)
    permute(lifter, table, turned, order)
    back = [*range(axis, axis + there), *range(axis), *range(axis + there, len(after))]
    rows = lifter.new([after[one] for one in back], output)
    lifter.emit("Lookup", (turned, index), (rows,))
    permute(lifter, rows, output, [back.index(one) for one in range(len(back))])


def _places(lifter: Lifter, source: int, output: int, axis: int) -> None:
    """Lift some places of one axis, said by a list."""
    shape = lifter.shape(output)
    index = lifter.new((shape[axis],), source, fresh=True)
    lifter.values[index] = replace(lifter.values[index], dtype="int64", grad=False, constant=True)
    lifter.emit("made", (), (index,), {"shape": [shape[axis]]}, made="int64", spelled="tensor")
    _rows(lifter, source, index, output, axis)

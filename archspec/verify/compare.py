"""Both sides side by side: rows of totals, and where they part."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from math import prod

from archspec.verify.align import Alignment, align
from archspec.verify.derived import Derived
from archspec.verify.exceptions import compared, not_measured
from archspec.verify.held import compare_held, merged
from archspec.verify.kept import compare_kept
from archspec.verify.outcome import Comparison, Difference, Row
from archspec.verify.places import Places
from archspec.verify.traced.records import Cost, Made, Record, Shape

UNITS = {"params": "elements", "buffers": "elements", "flops.forward": "FLOPs", "flops.backward": "FLOPs"}


def compare(
    derived: Derived, traced: Record, against: str, *, exported: bool = False, only: Iterable[str] | None = None
) -> Comparison:
    """Compare everything that both sides know.

    exported: the model was written from the spec, so that names and outputs must be the same and not only fit.
    only: the names of quantities to compare (`activations.saved` for all precisions); default all.
    """
    wanted = None if only is None else set(only)
    comparison = Comparison(derived.report.model.name, against, dict(derived.report.values), notes=list(traced.notes))
    alignment = _held(comparison, derived, traced, wanted, exported)
    places = Places(_layers(derived.record), alignment.layer_of())
    places.ask(_modules(traced))
    _shapes(comparison, derived.record, traced, alignment, wanted, exported)
    for quantity, ours, theirs in (
        ("flops.forward", derived.record.forward, traced.forward),
        ("flops.backward", derived.record.backward, traced.backward),
    ):
        if _asked(quantity, wanted) and theirs is not None:
            _costs(comparison, derived, quantity, ours or [], theirs, places)
    for precision, kept in traced.kept.items():
        quantity = f"activations.saved[{precision}]"
        if _asked("activations.saved", wanted) and quantity in derived.totals:
            every, declared = derived.record.kept[precision], derived.unverified.get(quantity, [])
            own, kept, left_out = compared(quantity, every, kept, places, declared, "bytes")
            comparison.left_out.extend(left_out)
            total = derived.totals[quantity]
            row = Row(quantity, derived.formula(quantity), total, _bytes(kept) + _bytes(every) - _bytes(own), "bytes")
            comparison.rows.append(row)
            if row.delta:
                comparison.differences.extend(compare_kept(quantity, own, kept, places))
    for precision in traced.refused:
        quantity = f"activations.saved[{precision}]"
        if _asked("activations.saved", wanted) and quantity in derived.totals:
            comparison.rows.append(Row(quantity, derived.formula(quantity), derived.totals[quantity], None, "bytes"))
            comparison.left_out.extend(not_measured(quantity, derived.unverified.get(quantity, []), "bytes"))
    _unexplained(comparison)
    return comparison


def _asked(quantity: str, wanted: set[str] | None) -> bool:
    return wanted is None or quantity in wanted


def _held(
    comparison: Comparison, derived: Derived, traced: Record, wanted: set[str] | None, exported: bool
) -> Alignment:
    both = Alignment()
    for role, quantity in (("param", "params"), ("buffer", "buffers")):
        ours = [one for one in derived.record.held if one.role == role]
        theirs = [one for one in traced.held if one.role == role]
        alignment = align([one for one in ours if one.tied is None], [one for one in theirs if one.tied is None])
        both.pairs += alignment.pairs
        both.by_name += alignment.by_name
        if not _asked(quantity, wanted):
            continue
        row = Row(quantity, derived.formula(quantity), derived.totals[quantity], traced.elements(role), UNITS[quantity])
        comparison.rows.append(row)
        comparison.differences.extend(compare_held(quantity, alignment, ours, theirs, exported))
    comparison.aligned, comparison.aligned_by_name = len(both.pairs), both.by_name
    return both


def _layers(record: Record) -> set[str]:
    kept = [one.layer for kept in record.kept.values() for one in kept]
    costs = [one.layer for one in record.forward or []]
    return {*kept, *costs, *(one.layer for one in record.held)}


def _modules(record: Record) -> set[str]:
    kept = [one.layer for kept in record.kept.values() for one in kept]
    costs = [one.layer for one in [*(record.forward or []), *(record.backward or [])]]
    return {*kept, *costs, *(one.layer for one in record.held)}


def _bytes(kept: Iterable[object]) -> int:
    return sum(getattr(one, "bytes", 0) for one in kept)


# --- shapes -----------------------------------------------------------------------------------------


def _shapes(
    comparison: Comparison,
    ours: Record,
    theirs: Record,
    alignment: Alignment,
    wanted: set[str] | None,
    exported: bool,
) -> None:
    if _asked("outputs", wanted) and theirs.outputs is not None and ours.outputs is not None:
        own, other = ours.outputs, theirs.outputs
        if not theirs.order_of_axes:
            own, other = [_sorted(one) for one in own], [_sorted(one) for one in other]
        same = own == other if exported else not Counter(own) - Counter(other)
        comparison.rows.append(
            Row("outputs", _texts(ours.outputs), len(ours.outputs), len(ours.outputs) if same else 0, "shapes")
        )
        if not same:
            message = f"{_texts(ours.outputs)} by the spec, {_texts(theirs.outputs) or 'no tensor'} in the model"
            comparison.differences.append(Difference("outputs", "", "", message))
    if _asked("layer outputs", wanted) and theirs.made is not None and ours.made is not None:
        _made(comparison, ours.made, theirs.made, alignment, theirs.order_of_axes)


def _made(
    comparison: Comparison, ours: list[Made], theirs: list[Made], alignment: Alignment, order_of_axes: bool
) -> None:
    """The outputs of layers with parameters, call by call, of the layers that are called as modules."""
    layer_of = {module: layers.pop() for module, layers in alignment.layers_of().items() if len(layers) == 1}
    calls: dict[str, list[Made]] = defaultdict(list)
    for one in theirs:
        if one.layer in layer_of:
            calls[layer_of[one.layer]].append(one)
    own: dict[str, list[Made]] = defaultdict(list)
    for one in ours:
        own[one.layer].append(one)
    total = agreed = 0
    found: list[Difference] = []
    for layer, made in own.items():
        if len(calls[layer]) != len(made):
            continue  # a layer whose parameters a functional call uses has no output of its own
        for one, other in zip(made, calls[layer], strict=True):
            total += 1
            if not one.shapes or not other.shapes or _same(one.shapes[0], other.shapes[0], order_of_axes):
                agreed += 1
                continue
            message = f"its output is {list(one.shapes[0])} by the spec, {list(other.shapes[0])} in `{other.layer}`"
            found.append(Difference("layer outputs", layer, one.operation, message))
    comparison.differences.extend(merged(found, "layer outputs"))
    comparison.rows.append(Row("layer outputs", "shape of each call", total, agreed, "shapes"))


def _same(one: Shape, other: Shape, order_of_axes: bool) -> bool:
    """Equal, or as many elements where one side has merged axes."""
    if len(one) == len(other):
        return one == other if order_of_axes else _sorted(one) == _sorted(other)
    return prod(one) == prod(other)


def _sorted(shape: Shape) -> Shape:
    return tuple(sorted(shape))


def _texts(shapes: Iterable[Shape]) -> str:
    return ", ".join(str(list(shape)) for shape in shapes)


# --- FLOPs ------------------------------------------------------------------------------------------


def _costs(
    comparison: Comparison, derived: Derived, quantity: str, ours: list[Cost], theirs: list[Cost], places: Places
) -> None:
    every, declared = ours, derived.unverified.get(quantity, [])
    ours, theirs, left_out = compared(quantity, every, theirs, places, declared, "FLOPs")
    comparison.left_out.extend(left_out)
    traced = sum(one.flops for one in theirs) + sum(one.flops for one in every) - sum(one.flops for one in ours)
    row = Row(quantity, derived.formula(quantity), derived.totals[quantity], traced, "FLOPs")
    comparison.rows.append(row)
    if not row.delta:
        return
    left, right = _by_place(ours, places.of_layer), _by_place(theirs, places.of_module)
    for place in {**left, **right}:
        own, other = left.get(place, []), right.get(place, [])
        one, two = sum(cost.flops for cost in own), sum(cost.flops for cost in other)
        if one == two:
            continue
        if not other:
            comparison.differences.extend(_untraced(quantity, own))
            continue
        kinds = ", ".join(dict.fromkeys(cost.operation for cost in own))
        names = ", ".join(dict.fromkeys(cost.operation for cost in other)) or "nothing"
        message = f"{one:_} by the spec, {two:_} traced ({names})"
        comparison.differences.append(Difference(quantity, place, kinds, message, one, two))


def _untraced(quantity: str, costs: list[Cost]) -> Iterable[Difference]:
    """Operations of the spec that nothing in the model answers to."""
    for layer, own in _by_place(costs, str).items():
        flops = sum(cost.flops for cost in own)
        yield Difference(quantity, layer, own[0].operation, f"{flops:_} by the spec, nothing traced", flops, 0)


def _by_place(costs: list[Cost], place: Callable[[str], str]) -> dict[str, list[Cost]]:
    found: dict[str, list[Cost]] = defaultdict(list)
    for cost in costs:
        found[place(cost.layer)].append(cost)
    return found


def _unexplained(comparison: Comparison) -> None:
    """A total that differs although no single layer does: the closed formula is not the sum over the layers."""
    named = {one.quantity for one in comparison.differences}
    for row in comparison.rows:
        if row.delta and row.quantity not in named:
            message = (
                f"the formula gives {row.derived:_}, traced are {row.traced:_}, and every layer by itself agrees: "
                "the formula does not equal the sum over the layers, a fault of archspec"
            )
            comparison.differences.append(Difference(row.quantity, "", "", message, row.derived, row.traced))

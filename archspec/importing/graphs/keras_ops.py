"""Operations of `keras.ops`, and layers that only arrange: element by element, along axes, in another shape."""

from __future__ import annotations

from typing import Any

from archspec.importing.graphs.keras_lift import KerasLift
from archspec.importing.graphs.keras_rules import Rule, layer, operation
from archspec.importing.graphs.settings import axis_of, named_axis
from archspec.importing.lift import shapes
from archspec.importing.lift.lifter import Axis, tensor
from archspec.importing.lift.rules.registry import Refused, Word

Node = dict[str, Any]


def _same(name: str, arguments: dict[str, Any] | None = None) -> Rule:
    def lift(k: KerasLift, node: Node) -> None:
        value = k.source(node)
        k.finish(node, k.apply(name, (value,), k.shape(value), arguments), k.is_moved(value))

    return lift


for _name, _ops in {
    "Sqrt": ("Sqrt",), "Rsqrt": ("Rsqrt",), "Exp": ("Exp",), "Log": ("Log",), "Abs": ("Absolute", "Abs"),
    "Sin": ("Sin",), "Cos": ("Cos",), "Sigmoid": ("Sigmoid",), "Tanh": ("Tanh",), "ReLU": ("Relu",),
    "ReLU6": ("Relu6",), "SiLU": ("Silu",), "Softplus": ("Softplus",), "Hardswish": ("HardSilu", "HardSwish"),
    "Hardsigmoid": ("HardSigmoid",), "Erf": ("Erf",), "Sign": ("Sign",), "Mish": ("Mish",),
}.items():  # fmt: skip
    operation(*_ops)(_same(_name))
operation("Negative")(_same("Scale", {"by": -1.0}))
operation("Square")(_same("Pow", {"exponent": 2.0}))


@operation("Gelu")
def _(k: KerasLift, node: Node) -> None:
    value = k.source(node)
    found = {"approximate": "tanh" if node["set"].get("approximate") else "none"}
    k.finish(node, k.apply("GELU", (value,), k.shape(value), found), k.is_moved(value))


@operation("Softmax", "LogSoftmax")
def _(k: KerasLift, node: Node) -> None:
    value, axis = k.source(node), node["set"].get("axis", -1)
    if not isinstance(axis, int):
        raise Refused("over several axes")
    made = k.apply(node["op"], (value,), k.shape(value), {"dim": named_axis(k, value, axis)})
    k.finish(node, made, k.is_moved(value))


@operation("Power")
def _(k: KerasLift, node: Node) -> None:
    value, exponent = k.source(node), node["a"][1] if len(node["a"]) > 1 else node["k"].get("x2")
    if tensor(node["a"][0]) is None or isinstance(exponent, bool) or not isinstance(exponent, int | float):
        raise Refused("to the power of a tensor")
    made = k.apply("Pow", (value,), k.shape(value), {"exponent": float(exponent)})
    k.finish(node, made, k.is_moved(value))


@operation("Clip")
def _(k: KerasLift, node: Node) -> None:
    value, own = k.source(node), node["set"]
    found = {"min": float(own["x_min"]), "max": float(own["x_max"])}
    k.finish(node, k.apply("Clamp", (value,), k.shape(value), found), k.is_moved(value))


@operation("Mean", "Sum")
def _(k: KerasLift, node: Node) -> None:
    value, axis = k.source(node), node["set"].get("axis")
    keep = bool(node["set"].get("keepdims"))
    axes = axis if isinstance(axis, list) else [axis]
    if axis is None or not axes:
        raise Refused("over all axes")
    moved = k.is_moved(value) and (keep or len(k.shape(value)) - len(axes) < 3)
    value = value if moved else k.want(value, False)
    dims = sorted(axis_of(k, value, one) for one in axes)
    positions = list(range(2, len(k.shape(value))))
    if node["op"] == "Mean" and moved and dims == positions and not keep:
        k.finish(node, k.apply("GlobalAvgPool", (value,), k.shape(value)[:2]))
        return
    if len(dims) == 1:
        last = dims[0] == len(k.shape(value)) - 1
        found: dict[str, Any] = {"dim": Axis(-1 if last else dims[0]), "keepdim": keep}
        made = k.apply(node["op"], (value,), k.expected(node, moved and keep), found)
    else:
        found = {"dims": [Axis(one) for one in dims], "keepdim": keep}
        made = k.apply(f"{node['op']}Over", (value,), k.expected(node, moved and keep), found)
    k.finish(node, made, moved and keep)


@operation("Matmul")
def _(k: KerasLift, node: Node) -> None:
    left, right = (k.want(one, False) for one in k.tensors(node))
    if min(len(k.shape(left)), len(k.shape(right))) < 2:
        raise Refused("of a vector")
    held = k.lifter.held.get(right)
    if held is not None and len(held.shape) == 2:
        turned = k.apply("Transpose", (right,), held.shape[::-1])
        k.finish(node, k.apply("Project", (left, turned), k.expected(node, False)))
        return
    k.finish(node, k.apply("MatMul", (left, right), k.expected(node, False)))


@layer("Reshape")
@operation("Reshape", "ExpandDims", "Squeeze")
def _(k: KerasLift, node: Node) -> None:
    value = k.source(node)
    wanted = k.expected(node, False)
    # A vector for each channel as a picture of one place: its channels stand behind the batch at once.
    place = len(wanted) > 3 and all(one == 1 for one in wanted[1:-1]) and len(k.shape(value)) == 2
    if not place and not (k.is_moved(value) and all(one == 1 for one in k.shape(value)[2:])):
        value = k.want(value, False)
    output = k.lifter.new(k.expected(node, place), value)
    if place:
        sizes = [k.shape(value)[-1], *[1] * (len(wanted) - 2)]
        k.lifter.emit("Unflatten", (value,), (output,), {"dim": Axis(-1), "sizes": sizes})
    else:
        shapes.reshape(k.lifter, value, output)
    k.finish(node, k.lifter.find(output), place)


@layer("Permute")
@operation("Transpose")
def _(k: KerasLift, node: Node) -> None:
    value = k.want(k.source(node), False)
    order = node["set"].get("axes")
    if node["layer"]:
        order = [0, *node["set"]["dims"]]
    if order is None:
        order = list(reversed(range(len(k.shape(value)))))
    output = k.lifter.new(k.expected(node, False), value)
    shapes.permute(k.lifter, value, output, order)
    k.finish(node, k.lifter.find(output))


@operation("Swapaxes")
def _(k: KerasLift, node: Node) -> None:
    value, own = k.want(k.source(node), False), node["set"]
    output = k.lifter.new(k.expected(node, False), value)
    shapes.exchange(k.lifter, value, output, own["axis1"], own["axis2"])
    k.finish(node, k.lifter.find(output))


@layer("RepeatVector")
@operation("BroadcastTo")
def _(k: KerasLift, node: Node) -> None:
    value, wanted = k.want(k.source(node), False), k.expected(node, False)
    if node["layer"]:
        batch, width = k.shape(value)
        value = k.apply("Unsqueeze", (value,), (batch, 1, width), {"dim": Axis(1)})
    k.finish(node, k.apply("Expand", (value,), wanted, {"shape": list(wanted)}))


@operation("GetItem")
def _(k: KerasLift, node: Node) -> None:
    value = k.want(k.source(node), False)
    output = k.lifter.new(k.expected(node, False), value)
    before = len(k.lifter.unknown)
    shapes.index(k.lifter, {"a": [{"v": value}, node["a"][1]], "o": {"v": output}, "f": "getitem", "k": {}})
    if len(k.lifter.unknown) > before:
        k.lifter.unknown.popitem()
        raise Refused("an index of another kind")
    k.finish(node, k.lifter.find(output))


@operation("Split")
def _(k: KerasLift, node: Node) -> None:
    value = k.want(k.source(node), False)
    outputs = []
    for place in range(len(node["o"])):
        outputs.append(k.lifter.new(k.expected(node, False, place), value))
    shapes.split(k.lifter, value, outputs, int(node["set"].get("axis", 0)))
    for place, one in enumerate(outputs):
        k.finish(node, k.lifter.find(one), False, place)


@operation("Cast")
def _(k: KerasLift, node: Node) -> None:
    value = k.source(node)
    wanted = k.lifter.values[node["o"][0]].dtype
    if wanted == k.lifter.value(value).dtype:
        k.finish(node, value, k.is_moved(value))
        return
    made = k.apply("Cast", (value,), k.shape(value), {"to": Word(wanted)}, dtype=wanted)
    k.finish(node, made, k.is_moved(value))


@operation("Take")
def _(k: KerasLift, node: Node) -> None:
    table, index = k.tensors(node)
    if node["set"].get("axis") not in (0,) or k.lifter.value(index).dtype != "int64":
        raise Refused("along another axis than the first")
    table, index = k.want(table, False), k.want(index, False)
    k.finish(node, k.apply("Lookup", (table, index), k.expected(node, False), dtype=k.lifter.value(table).dtype))


@operation("Where")
def _(k: KerasLift, node: Node) -> None:
    values = k.tensors(node)
    if len(values) != 3:
        raise Refused("of numbers")
    k.finish(node, k.apply("Where", [k.want(one, False) for one in values], k.expected(node, False)))


@operation("ConvertToTensor", "StopGradient", "Copy", "Array")
def _(k: KerasLift, node: Node) -> None:
    value = k.source(node)
    k.finish(node, value, k.is_moved(value))

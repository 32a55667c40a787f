"""Several operators that are one layer: a product and its bias, GELU by the error function, SiLU; ways around."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

Node = dict[str, Any]


class _Graph:
    """Who makes and who takes each value."""

    def __init__(self, nodes: Sequence[Node], outputs: Sequence[int]) -> None:
        self.maker = {value: node for node in nodes for value in node["o"]}
        self.takers: dict[int, list[Node]] = {}
        self.count = Counter(outputs)
        for node in nodes:
            for code in node["in"]:
                if code is not None:
                    self.takers.setdefault(code["v"], []).append(node)
                    self.count[code["v"]] += 1

    def only(self, value: int) -> Node | None:
        """The one node that takes a value."""
        return self.takers[value][0] if self.count[value] == 1 and value in self.takers else None


def fused(
    nodes: Sequence[Node], weights: Mapping[int, str], outputs: Sequence[int], shapes: Sequence[Sequence[int]]
) -> list[Node]:
    """The nodes with what belongs together as one, where its last operator stood. shapes: of all values."""
    graph = _Graph(nodes, outputs)
    gone: set[int] = set()
    instead: dict[int, Node] = {}
    for node in nodes:
        if id(node) in gone or node["domain"] not in ("", "ai.onnx"):
            continue
        found = None
        if node["op"] == "MatMul":
            found = _linear(graph, node, weights, shapes)
        elif node["op"] == "Erf":
            found = _gelu(graph, node)
        elif node["op"] == "Sigmoid":
            found = _silu(graph, node)
        elif node["op"] in ("LSTM", "GRU", "RNN"):
            found = _side_by_side(graph, node, shapes)
        elif node["op"] == "InstanceNormalization":
            found = _group_norm(graph, node, weights, shapes)
        elif node["op"] == "Where":
            found = _not_a_number(graph, node)
        elif node["op"] == "Reshape":
            found = _last_two(graph, node, shapes)
        if found is not None:
            parts, made = found
            if not any(id(one) in gone for one in parts):
                gone.update(id(one) for one in parts)
                instead[id(parts[-1])] = made
    return [instead.get(id(node), node) for node in nodes if id(node) not in gone or id(node) in instead]


Found = tuple[list[Node], Node]


def _linear(graph: _Graph, node: Node, weights: Mapping[int, str], shapes: Sequence[Sequence[int]]) -> Found | None:
    """`MatMul` with a weight, then `Add` of a vector: `Linear`."""
    if len(node["in"]) != 2 or node["in"][1] is None or node["in"][0] is None:
        return None
    after = graph.only(node["o"][0])
    source = node["in"][1]["v"]
    maker = graph.maker.get(source)
    turned = maker["in"][0] if maker is not None and maker["op"] == "Transpose" and maker["in"] else None
    if source not in weights and (turned is None or turned["v"] not in weights):
        return None
    if after is None or after["op"] != "Add" or len(after["in"]) != 2:
        return None
    other = next((one for one in after["in"] if one is not None and one["v"] != node["o"][0]), None)
    if other is None or other["v"] not in weights or len(shapes[other["v"]]) != 1:
        return None
    place = after["in"].index(other)
    names = [*node["names"], after["names"][place]]
    made = {**node, "op": "Linear", "in": [*node["in"], other], "names": names, "o": after["o"]}
    return [node, after], made


def _group_norm(graph: _Graph, norm: Node, weights: Mapping[int, str], shapes: Sequence[Sequence[int]]) -> Found | None:
    """An instance norm over groups of channels, scaled and shifted channel by channel."""
    before = graph.maker.get(norm["in"][0]["v"]) if norm["in"] and norm["in"][0] is not None else None
    after = graph.only(norm["o"][0])
    if before is None or before["op"] != "Reshape" or after is None or after["op"] != "Reshape":
        return None
    source, between = before["in"][0], shapes[norm["in"][0]["v"]]
    if source is None or graph.only(before["o"][0]) is not norm or shapes[after["o"][0]] != shapes[source["v"]]:
        return None
    channels = shapes[source["v"]][1]
    parts, taken, names, last = [before, norm, after], [source], [before["names"][0]], after
    for op in ("Mul", "Add"):
        following = graph.only(last["o"][0])
        if following is None or following["op"] != op:
            return None
        place = 0 if following["in"][1] is not None and following["in"][1]["v"] == last["o"][0] else 1
        code = following["in"][place]
        if code is None or code["v"] not in weights or prod(shapes[code["v"]]) != channels:
            return None
        parts.append(following)
        taken.append(code)
        names.append(following["names"][place])
        last = following
    attributes = {"num_groups": between[1]}
    return parts, {**last, "op": "GroupNormalization", "in": taken, "names": names, "attr": attributes}


def _not_a_number(graph: _Graph, node: Node) -> Found | None:
    """Rows of a softmax that are masked wholly are zero: a choice that changes no size."""
    if len(node["in"]) != 3 or any(code is None for code in node["in"]):
        return None
    test = graph.maker.get(node["in"][0]["v"])
    value = node["in"][2]["v"]
    if test is None or test["op"] != "IsNaN" or test["in"][0]["v"] != value or _scalar(node["in"][1]) is None:
        return None
    return ([test, node], _named(node, "Identity", value)) if graph.only(test["o"][0]) is node else None


def _scalar(code: Any) -> float | None:
    found = code.get("c") if code is not None else None
    while isinstance(found, list) and len(found) == 1:
        found = found[0]
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _with_number(node: Node | None, op: str, wanted: float) -> int | None:
    """The value that an operator combines with a certain number."""
    if node is None or node["op"] != op or len(node["in"]) != 2:
        return None
    for place in (0, 1):
        number = _scalar(node["in"][place])
        other = node["in"][1 - place]
        if number is not None and abs(number - wanted) < 1e-3 and other is not None and "c" not in other:
            return int(other["v"])
    return None


def _gelu(graph: _Graph, erf: Node) -> Found | None:
    """`x*0.5*(1 + erf(x/√2))`, in the orders that exporters write it."""
    inner = graph.maker.get(erf["in"][0]["v"]) if erf["in"] and erf["in"][0] is not None else None
    if inner is None or graph.only(inner["o"][0]) is not erf:
        return None
    x = _with_number(inner, "Div", 2**0.5)
    x = _with_number(inner, "Mul", 2**-0.5) if x is None else x
    plus = graph.only(erf["o"][0])
    if x is None or plus is None or _with_number(plus, "Add", 1.0) != erf["o"][0]:
        return None
    product = graph.only(plus["o"][0])
    if product is None or product["op"] != "Mul":
        return None
    half = _with_number(product, "Mul", 0.5)
    if half is not None:  # 0.5*(1 + erf), then times x
        last = graph.only(product["o"][0])
        if last is None or last["op"] != "Mul" or not _takes(last, x):
            return None
        return [inner, erf, plus, product, last], _named(last, "Gelu", x)
    if _takes(product, x):
        last = graph.only(product["o"][0])
        if last is None or _with_number(last, "Mul", 0.5) != product["o"][0]:
            return None
        return [inner, erf, plus, product, last], _named(last, "Gelu", x)
    other = next((one for one in product["in"] if one is not None and one["v"] != plus["o"][0]), None)
    before = graph.maker.get(other["v"]) if other is not None else None
    if before is None or _with_number(before, "Mul", 0.5) != x or graph.only(before["o"][0]) is not product:
        return None
    return [inner, erf, plus, before, product], _named(product, "Gelu", x)


def _side_by_side(graph: _Graph, node: Node, shapes: Sequence[Sequence[int]]) -> Found | None:
    """A recurrent operator whose directions are put side by side."""
    if not node["places"] or node["places"][0] != 0:
        return None
    first = node["o"][0]
    length, ways, batch, width = shapes[first]
    after = graph.only(first)
    parts = [node]
    if after is not None and after["op"] == "Transpose" and after["attr"].get("perm") == [0, 2, 1, 3]:
        parts.append(after)
        after = graph.only(after["o"][0])
    elif ways > 1:
        return None
    if after is None or after["op"] not in ("Reshape", "Squeeze"):
        return None
    if list(shapes[after["o"][0]]) != [length, batch, ways * width]:
        return None
    return [*parts, after], {**node, "o": [after["o"][0], *node["o"][1:]]}


def _last_two(graph: _Graph, node: Node, shapes: Sequence[Sequence[int]]) -> Found | None:
    """The last two axes of four exchanged by way of three."""
    if not node["in"] or node["in"][0] is None or "c" in node["in"][0]:
        return None
    turn = graph.only(node["o"][0])
    last = graph.only(turn["o"][0]) if turn is not None else None
    if turn is None or last is None or turn["op"] != "Transpose" or last["op"] != "Reshape":
        return None
    before, after = list(shapes[node["in"][0]["v"]]), list(shapes[last["o"][0]])
    between = list(shapes[node["o"][0]])
    if len(before) != 4 or turn["attr"].get("perm") != [0, 2, 1] or between != [before[0] * before[1], *before[2:]]:
        return None
    if after != [before[0], before[1], before[3], before[2]]:
        return None
    made = {**turn, "in": node["in"], "names": node["names"], "o": last["o"], "attr": {"perm": [0, 1, 3, 2]}}
    return [node, turn, last], {**made, "in": node["in"][:1], "names": node["names"][:1]}


def _silu(graph: _Graph, node: Node) -> Found | None:
    after = graph.only(node["o"][0])
    if after is None or after["op"] != "Mul" or not node["in"] or node["in"][0] is None:
        return None
    x = int(node["in"][0]["v"])
    return ([node, after], _named(after, "SiLU", x)) if _takes(after, x) else None


def _takes(node: Node, value: int) -> bool:
    return any(one is not None and one["v"] == value for one in node["in"])


def _named(node: Node, op: str, value: int) -> Node:
    return {**node, "op": op, "in": [{"v": value}], "names": [""], "attr": {}, "domain": ""}

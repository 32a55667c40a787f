"""Several operators that are one layer: a product and its bias, GELU by the error function, SiLU."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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


def fused(nodes: Sequence[Node], weights: Mapping[int, str], outputs: Sequence[int]) -> list[Node]:
    """The nodes with what belongs together as one, where its last operator stood."""
    graph = _Graph(nodes, outputs)
    gone: set[int] = set()
    instead: dict[int, Node] = {}
    for node in nodes:
        if id(node) in gone or node["domain"] not in ("", "ai.onnx"):
            continue
        found = None
        if node["op"] == "MatMul":
            found = _linear(graph, node, weights)
        elif node["op"] == "Erf":
            found = _gelu(graph, node)
        elif node["op"] == "Sigmoid":
            found = _silu(graph, node)
        if found is not None:
            parts, made = found
            if not any(id(one) in gone for one in parts):
                gone.update(id(one) for one in parts)
                instead[id(parts[-1])] = made
    return [instead.get(id(node), node) for node in nodes if id(node) not in gone or id(node) in instead]


Found = tuple[list[Node], Node]


def _linear(graph: _Graph, node: Node, weights: Mapping[int, str]) -> Found | None:
    """`MatMul` with a weight, then `Add` of a vector: `Linear`."""
    if len(node["in"]) != 2 or node["in"][1] is None or node["in"][0] is None:
        return None
    after = graph.only(node["o"][0])
    source = node["in"][1]["v"]
    if source not in weights and graph.maker.get(source, {}).get("op") != "Transpose":
        return None
    if after is None or after["op"] != "Add" or len(after["in"]) != 2:
        return None
    other = next((one for one in after["in"] if one is not None and one["v"] != node["o"][0]), None)
    if other is None or other["v"] not in weights:
        return None
    place = after["in"].index(other)
    names = [*node["names"], after["names"][place]]
    made = {**node, "op": "Linear", "in": [*node["in"], other], "names": names, "o": after["o"]}
    return [node, after], made


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

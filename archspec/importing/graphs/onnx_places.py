"""Where operators of a graph stand: their order, and the modules that they ran in."""

from __future__ import annotations

import heapq
import re
from collections.abc import Sequence
from typing import Any

from archspec.importing.errors import CannotImport

Node = dict[str, Any]


def in_order(nodes: Sequence[Any]) -> list[Any]:
    """Nodes after what they take. Raises `CannotImport` for circles."""
    made = {name: place for place, node in enumerate(nodes) for name in node.output if name}
    waits: list[set[int]] = []
    later: dict[int, list[int]] = {}
    for place, node in enumerate(nodes):
        before = {made[name] for name in node.input if name in made}
        waits.append(before)
        for one in before:
            later.setdefault(one, []).append(place)
    ready = [place for place, before in enumerate(waits) if not before]
    heapq.heapify(ready)
    found: list[Any] = []
    while ready:
        place = heapq.heappop(ready)
        found.append(nodes[place])
        for one in later.get(place, ()):
            waits[one].discard(place)
            if not waits[one]:
                heapq.heappush(ready, one)
    if len(found) < len(nodes):
        raise CannotImport("its operations go in a circle")
    return found


def scope_of(node: Any) -> tuple[str, dict[str, str]]:
    """The path of the module that a node ran in, and the classes of modules: as PyTorch's exporters say it."""
    said = {one.key: one.value[:4000] for one in node.metadata_props} if hasattr(node, "metadata_props") else {}
    scopes, classes = said.get("pkg.torch.onnx.name_scopes", ""), said.get("pkg.torch.onnx.class_hierarchy", "")
    if scopes:
        paths, kinds = re.findall(r"'([^']*)'", scopes), re.findall(r"'([^']*)'", classes)
        modules = paths[1:-1]
        table = {path: kind.rpartition(".")[2] for path, kind in zip(paths, kinds, strict=False) if path}
        return (f"{modules[-1]}.{node.op_type}" if modules else node.op_type), table
    parts = [one for one in node.name[:1000].split("/") if one]
    return ".".join(parts[-12:]) if len(parts) > 1 else node.op_type, {}


def owner_of(node: Node, name: str) -> str:
    """What tells apart the layers that have one vector: where they ran, or their first weights."""
    scope = node["path"].rpartition(".")[0]
    return scope or next((one for one in node["names"][1:] if one), name)


def shapes_of(name: str, dims: Sequence[int], body: Sequence[Node]) -> list[Sequence[int]]:
    """The sizes of the tensors that an initialiser holds: a recurrent operator's has one of each direction, and two
    biases side by side. body: the recurrent operators.
    """
    for node in body:
        if name not in node["names"][1:4] or len(dims) < 2 or dims[0] not in (1, 2):
            continue
        if node["names"].index(name) == 3:
            return [(dims[1] // 2,)] * (2 * dims[0])
        return [dims[1:]] * dims[0]
    return [dims]


def placed(body: Sequence[Node]) -> None:
    """Operators that an optimiser made have no place: they belong where those before and after them do."""
    after = ""
    following: list[str] = []
    for node in reversed(body):
        following.append(after)
        after = node["path"] if "." in node["path"] else after
    before = ""
    for node, later in zip(body, reversed(following), strict=True):
        if "." in node["path"]:
            before = node["path"]
            continue
        shared = []
        for one, other in zip(before.split(".")[:-1], later.split(".")[:-1], strict=False):
            if one != other:
                break
            shared.append(one)
        if shared:
            node["path"] = ".".join([*shared, node["path"]])

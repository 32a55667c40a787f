"""The whole file: what it was made from, its layers, the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archspec.importing.factories import in_lists
from archspec.importing.fold.constants import is_maker
from archspec.importing.fold.loops import owns
from archspec.importing.naming.fit import simple
from archspec.importing.naming.layers import RESERVED, Layer, identifier
from archspec.importing.naming.samples import Samples, Vector
from archspec.importing.naming.solve import Solution
from archspec.importing.program import Block, Call, Loop, Node, Value
from archspec.importing.write.body import BREAK, Body, Scope
from archspec.importing.write.made import Makers
from archspec.importing.write.opaque_layers import OpaqueLayers
from archspec.importing.write.words import words

_WIDTH = 112


@dataclass
class Subject:
    """What is written: the model's name, its parameters with their defaults, its inputs' and outputs' names.

    inputs: name, axes, precision. ties: paths of parameters that are one. requires: conditions on
    the parameters.
    """

    name: str
    doc: str
    defaults: dict[str, str]
    inputs: list[tuple[str, Sequence[str], str]]
    outputs: list[str]
    names: dict[str, Vector]
    axes: dict[str, Vector]
    ties: list[list[str]] = field(default_factory=list)
    test: str = ""
    requires: list[str] = field(default_factory=list)


def text(root: Block, samples: Samples, solution: Solution, subject: Subject, values: Sequence[Value]) -> str:
    """The file, formatted."""
    makers = Makers({layer.name for layer in solution.order} | {subject.name})
    unknown = OpaqueLayers(set(makers.taken))
    said = words(root)
    layers = [_layer(one, samples, solution, makers, unknown, values, said) for one in solution.order]
    model = _model(root, samples, solution, subject, makers, unknown, values, said)
    own = [*makers.texts.values(), *unknown.texts.values()]
    tests = [subject.test] if subject.test else []
    return "\n\n".join([f'"""{_safe(subject.doc)}"""', *own, *layers, model, *tests]) + "\n"


def _safe(doc: str) -> str:
    return doc.replace("\\", "/").replace('"""', "'''")


def _layer(
    layer: Layer, samples: Samples, solution: Solution, makers: Makers, unknown: OpaqueLayers,
    values: Sequence[Value], said: Mapping[int, str],
) -> str:  # fmt: skip
    block = layer.sites[0]
    if is_maker(block):
        return _maker(layer, solution, values, said)
    taken = {*layer.axes, *layer.parameters}
    names: dict[int, str] = {}
    for place, value in enumerate(block.taken):
        wanted = (
            "x"
            if place == 0
            else said[value]
            if value in said
            else (block.spelled[place] if place < len(block.spelled) else "abcegmnopqruvw"[place % 14])
        )
        names[value] = identifier(wanted, {*taken, *names.values()})
    inputs = ", ".join(
        _tensor(names[value], axes, values[value]) for value, axes in zip(block.taken, layer.inputs, strict=True)
    )
    forced = _outputs(block.outputs, {*taken, *names.values()}, ())
    basis = {**layer.axes, **layer.parameters}
    outputs = ", ".join(
        f"{name}[{', '.join(_axes(value, layer.sites, place, samples, basis, taken, layer.inputs))}]"
        f"{_precision(values[value])}"
        for place, (value, name) in enumerate(forced.items())
    )
    head = f"layer {layer.name}({', '.join(layer.formals)})" if layer.parameters else f"layer {layer.name}"
    scope = Scope(solution, makers, unknown, taken, words=said)
    lines = _held(block, solution, names, taken)
    own = {names[one.value] for one in block.held}
    body = Body(scope, block.items, names, own, forced, list(block.outputs))
    written = body.write()
    written += [f"{name} = {body.names[value]}" for value, name in forced.items() if body.names.get(value) != name]
    return _braced(f"{head} {{", [f"{inputs} -> {outputs}", *lines, *written])


def _maker(layer: Layer, solution: Solution, values: Sequence[Value], said: Mapping[int, str]) -> str:
    """A layer that makes constants: what it holds, and what comes out."""
    block = layer.sites[0]
    names: dict[int, str] = {}
    outputs = []
    for call in block.items:
        (value,) = call.outputs
        names[value] = identifier(said.get(value, "t"), {*layer.parameters, *names.values()})
        sizes = [solution.texts[id(call), place] for place in range(len(values[value].shape))]
        outputs.append(f"{names[value]}[{', '.join(sizes)}]{_precision(values[value])}")
    lines = _held(block, solution, names, set(layer.parameters))
    head = f"layer {layer.name}({', '.join(layer.formals)})" if layer.parameters else f"layer {layer.name}"
    doc = '"""Made inside, without gradient."""'
    return _braced(f"{head} {{", [doc, f"-> {', '.join(outputs)}", *lines])


def _model(
    root: Block,
    samples: Samples,
    solution: Solution,
    subject: Subject,
    makers: Makers,
    unknown: OpaqueLayers,
    values: Sequence[Value],
    said: Mapping[int, str],
) -> str:
    taken = {*(name.partition("[")[0] for name in subject.names), *subject.axes, *solution.unnamed}
    names = {value: identifier(name, taken) for value, (name, _, _) in zip(root.inputs, subject.inputs, strict=True)}
    inputs = ", ".join(
        f"{names[value]}[{', '.join(axes)}]{precision}"
        for value, (_, axes, precision) in zip(root.inputs, subject.inputs, strict=True)
    )
    forced = _outputs(root.outputs, {*taken, *names.values()}, subject.outputs)
    basis = {**subject.names, **subject.axes}
    outputs = ", ".join(
        f"{name}[{', '.join(_axes(value, [root], place, samples, basis, taken))}]{_precision(values[value])}"
        for place, (value, name) in enumerate(forced.items())
    )
    requires = [f"require {one}" for one in subject.requires]
    parameters = _parameters(subject)
    parameters += [f"{name} = {vector[0]}" for name, vector in solution.unnamed.items()]
    scope = Scope(solution, makers, unknown, taken, words=said)
    lines = _held(root, solution, names, taken)
    body = Body(scope, root.items, names, set(names.values()), forced, list(root.outputs))
    shared = _shared(root.items)
    for node in shared:
        body._declare(node)
    written = body.write()
    written += [f"{name} = {body.names[value]}" for value, name in forced.items() if body.names.get(value) != name]
    for paths in subject.ties:
        first, *others = dict.fromkeys(one for one in (_parameter(path, scope) for path in paths) if one) or [""]
        written += [f"tie {one} = {first}" for one in others]
    head = f"model {subject.name}({', '.join(parameters)})" if parameters else f"model {subject.name}"
    return _braced(f"{head} {{", [f"{inputs} -> {outputs}", *requires, *lines, *written])


def _parameters(subject: Subject) -> list[str]:
    """The model's parameters with their defaults; `depths[0]` and its like are one list."""
    return [f"{name}: list = {_entries(one)}" if isinstance(one, list) else f"{name} = {one}"
            for name, one in in_lists(subject.defaults).items()]  # fmt: skip


def _entries(one: str | list[Any]) -> str:
    return one if isinstance(one, str) else f"[{', '.join(map(_entries, one))}]"


def _shared(items: Sequence[Node]) -> list[Call | Block]:
    """The nodes whose modules are called again later in the row."""
    first: dict[str, Call | Block] = {}
    found: dict[str, Call | Block] = {}
    for node in items:
        if isinstance(node, Loop) or not node.path or not owns(node):
            continue
        if node.path in first:
            if type(first[node.path]) is type(node) and _same_layer(first[node.path], node):
                found[node.path] = first[node.path]
        else:
            first[node.path] = node
    return list(found.values())


def _same_layer(one: Call | Block, other: Call | Block) -> bool:
    if isinstance(one, Call) and isinstance(other, Call):
        return one.layer == other.layer
    return isinstance(one, Block) and isinstance(other, Block) and one.key == other.key


def _parameter(path: str, scope: Scope) -> str:
    module, _, leaf = path.rpartition(".")
    found = scope.instances.get(module) or scope.paths.get(module)
    return f"{found}.{leaf}" if found else ""


def _held(block: Block, solution: Solution, names: dict[int, str], forbidden: set[str]) -> list[str]:
    """Declarations of the parameters and buffers that the block uses directly."""
    lines = []
    for place, held in enumerate(block.held):
        sizes = [solution.texts[id(block), ("held", place, axis)] for axis in range(len(held.shape))]
        name = identifier(held.name.rpartition(".")[2], {*forbidden, *names.values()})
        names[held.value] = name
        precision = "" if held.dtype == "float32" else f": {held.dtype}"
        transient = " transient" if held.transient else ""
        lines.append(f"{held.role} {name}[{', '.join(sizes)}]{precision}{transient}")
    return lines


def _outputs(outputs: Sequence[int], taken: set[str], wanted: Sequence[str]) -> dict[int, str]:
    forced: dict[int, str] = {}
    for place, value in enumerate(dict.fromkeys(outputs)):
        name = wanted[place] if place < len(wanted) else "y" if place == 0 else f"y{place + 1}"
        forced[value] = identifier(name, {*taken, *forced.values()})
    return forced


def _axes(
    value: int, sites: Sequence[Block], place: int, samples: Samples, basis: Mapping[str, Vector], taken: set[str],
    inputs: Sequence[Sequence[str]] = (),
) -> list[str]:  # fmt: skip
    """The axes of an output. An axis as long as that of an input in its place has its name."""
    found: list[str] = []
    rows = [samples.shapes[site.outputs[place]] for site in sites]
    rank = len(rows[0])
    letters = {2: "nm", 3: "nlm", 4: "NKPQ"}.get(rank, "abcdefgh")
    for axis in range(rank):
        vector = tuple(one for row in rows for one in row[axis])
        alike = (one[axis] for one in inputs if len(one) == rank)
        known = next((name for name in alike if basis.get(name) == vector), None) or simple(vector, basis)
        if known is not None and rank >= 4 and axis >= 2 and known not in basis:
            known = None  # a picture that became larger or smaller by itself
        if known is None:
            if all(one == 1 for one in vector):
                found.append("1")
                continue
            known = letters[axis] if axis < len(letters) else f"n{axis}"
            while known in taken or known in found or known in RESERVED:
                known += "2"
            taken.add(known)
        found.append(known)
    return found


def _tensor(name: str, axes: Sequence[str], value: Value) -> str:
    return f"{name}[{', '.join(axes)}]{_precision(value)}"


def _precision(value: Value) -> str:
    return "" if value.dtype.startswith(("float", "bfloat")) else f": {value.dtype}"


def _braced(head: str, lines: Sequence[str]) -> str:
    """Statements between braces, indented; long chains broken before arrows."""
    found = [head]
    depth = 1
    for line in lines:
        if line == "}":
            depth -= 1
        found += _broken("  " * depth, line)
        if line.endswith("{"):
            depth += 1
    return "\n".join([*found, "}"])


def _broken(indent: str, line: str) -> list[str]:
    """A line as several where it is too long: broken outside parentheses if that helps, else inside them."""
    if len(indent) + len(line.replace(BREAK, "")) <= _WIDTH:
        return [indent + line.replace(BREAK, "")]
    parts = _parts(line)
    if len(parts) == 1:
        return [indent + line]
    deeper = indent + "    "
    rows = [parts[0]]
    for part in parts[1:]:
        start = len(indent if len(rows) == 1 else deeper)
        if start + len(rows[-1].replace(BREAK, "")) + 1 + len(part.replace(BREAK, "")) <= _WIDTH:
            rows[-1] += " " + part
        else:
            rows.append(part)
    return [
        found for place, row in enumerate(rows) for found in _broken(deeper if place else indent, row)
    ]  # fmt: skip


def _parts(line: str) -> list[str]:
    """A line cut at those of its places for breaks that lie in the fewest parentheses."""
    depth, places = 0, []
    for place, sign in enumerate(line):
        depth += (sign in "([") - (sign in ")]")
        if sign == BREAK:
            places.append((depth, place))
    least = min((one for one, _ in places), default=0)
    cuts = [place for one, place in places if one == least]
    starts = [0, *(one + 1 for one in cuts)]
    ends = [*(one - 1 for one in cuts), len(line)]
    return [line[start:end] for start, end in zip(starts, ends, strict=True)]


__all__ = ["Subject", "text"]

"""The page of a layer or model: which blocks stand on it, in which order."""

from __future__ import annotations

from functools import partial

from archspec.calculator import calculator_html
from archspec.pages import blocks
from archspec.pages.bars import parts_of
from archspec.pages.blocks import Block, Code, Heading, Inline, Items, Line, Link, Page, Paragraph, Source, Table
from archspec.pages.collect import Book, Entry
from archspec.pages.conformance import conformance
from archspec.pages.memory import memory
from archspec.pages.numbers import layer_table, numbers, trained, variants
from archspec.pages.quantities import formulas, training_formulas
from archspec.pages.references import layer_of, nodes
from archspec.pages.sized import Sized, sized
from archspec.pages.svg import picture
from archspec.pages.wiring import wiring
from archspec.syntax import tree

_MOST = 6
_OFFERED = ("checkpoint",)
"""Choices with formulas of their own in the calculator. Each of them costs about as much as all the rest of a page."""
_FRAMEWORKS = {"torch": "PyTorch", "keras": "Keras", "sklearn": "scikit-learn"}


def page_of(entry: Entry, book: Book) -> Page:
    """The page of an entry."""
    page = Page(entry.place, entry.name)
    size = sized(entry)
    page.blocks += _what(entry)
    page.blocks += _signature(entry, size)
    page.blocks += _wiring(entry, book)
    page.blocks += formulas(size)
    if size.report is not None:
        page.blocks += parts_of(size.report) if entry.kind == "model" else []
        if entry.kind != "primitive":
            page.blocks += layer_table(entry, size.report)
        if entry.kind == "model":
            worked = trained(entry, size.report)
            page.blocks += numbers(worked) if worked is not None else []
            page.blocks += memory(worked) if worked is not None else []
            page.blocks += variants(entry, size.report)
            page.blocks += _calculator(size)
            page.blocks += training_formulas(worked) if worked is not None else []
    page.blocks += _conditions(entry, size)
    page.blocks += _spelling(entry)
    page.blocks += conformance(entry) if entry.kind != "model" else []
    page.blocks += _tests(entry)
    page.blocks += _related(entry)
    return page


def _what(entry: Entry) -> list[Block]:
    words = {"model": "Model", "layer": "Layer", "primitive": "Primitive layer"}
    line: list[Inline] = [f"{words[entry.kind]} of ", Code(entry.file), "."]
    if entry.variants:
        links: list[list[Inline]] = [[Link(name, "", blocks.anchor("Variants"))] for name in entry.variants]
        line += [" Variants: ", *_joined(links), "."]
    return [*blocks.paragraphs(entry.layer.doc or ""), Paragraph(line)]


def _joined(pieces: list[list[Inline]]) -> list[Inline]:
    return [part for place, piece in enumerate(pieces) for part in (([", "] if place else []) + piece)]


def signature_text(entry: Entry) -> str:
    """The head of a block as it was written, and its signature."""
    layer = entry.layer
    head = f"{layer.keyword} {layer.name}"
    if layer.formals:
        head += f"({', '.join(entry.text(formal) for formal in layer.formals)})"
    if layer.signature is None:
        return head
    sides = [
        ", ".join(entry.text(tensor) for tensor in side) for side in (layer.signature.inputs, layer.signature.outputs)
    ]
    return f"{head}\n  {f'{sides[0]} ' if sides[0] else ''}-> {sides[1]}"


def _signature(entry: Entry, size: Sized) -> list[Block]:
    found: list[Block] = [Heading(2, "Signature"), Source(signature_text(entry), "arch")]
    rows: list[list[Line]] = []
    symbols = size.report.symbols if size.report is not None else {}
    for formal in entry.layer.formals:
        default: Line = [Code(entry.text(formal.default))] if formal.default is not None else []
        kind = formal.kind or ("dim" if formal.name in symbols and formal.default is None else _kind(formal.default))
        rows.append([[Code(formal.name)], [kind], default, [_meaning(formal.name, entry, symbols)]])
    known = {formal.name for formal in entry.layer.formals}
    for name, info in symbols.items():
        if name.partition("[")[0] not in known:
            value = info.get("default")
            rows.append(
                [[Code(name)], ["axis"], [Code(str(value))] if value is not None else [], [str(info["meaning"])]]
            )
    if rows:
        found += [Heading(2, "Symbols"), Table(("symbol", "kind", "default", "meaning"), rows)]
    return found


def _kind(default: tree.Expression | None) -> str:
    """The kind that a default shows, as the language reference names it."""
    match default:
        case tree.Flag():
            return "flag"
        case tree.Text():
            return "text"
        case tree.ListLiteral():
            return "list"
        case tree.Number(value=value):
            return "real" if not isinstance(value, int) else "dim" if value else "nat"
        case tree.Unary():
            return "int"
        case None:
            return "any"
    return "dim"


def _meaning(name: str, entry: Entry, symbols: dict[str, dict[str, object]]) -> str:
    """What a parameter is for: how the block uses it, where that can be said in a few words."""
    entries = [one for one in symbols if one.partition("[")[0] == name]
    if entries and entries != [name]:
        return (
            f"{len(entries)} symbols, {entries[0]} to {entries[-1]}"
            if len(entries) > 1
            else f"one symbol, {entries[0]}"
        )
    axes = [
        tensor.name
        for tensor in (entry.layer.signature.inputs if entry.layer.signature else ())
        for axis in tensor.axes
        if isinstance(axis, tree.Name) and axis.name == name
    ]
    if axes:
        return f"an axis of {', '.join(dict.fromkeys(axes))}"
    uses = _uses(name, entry)
    return f"for {', '.join(uses)}" if uses else ""


def _uses(name: str, entry: Entry) -> list[str]:
    """The layers, loops and parameters of a block that a symbol goes into, by their names."""
    found: dict[str, None] = {}

    def has(node: object) -> bool:
        return any(isinstance(one, tree.Name) and one.name == name for one in nodes(node))

    def is_layer(call: tree.Node) -> bool:
        return isinstance(call, tree.Call) and layer_of(entry.scope, call) is not None and has(call.arguments)

    for node in nodes(entry.layer.body):
        if isinstance(node, tree.Stage) and is_layer(node.layer):
            found[node.name or entry.text(node.layer.function)] = None  # type: ignore[union-attr]  # it is a call
        elif isinstance(node, tree.Assign) and is_layer(node.value):
            found[node.targets[0].name] = None
        elif isinstance(node, tree.Repeat) and has(node.count):
            found[f"the turns of {node.name or 'a loop'}"] = None
        elif isinstance(node, tree.If) and has(node.condition):
            found["a choice"] = None
        elif isinstance(node, tree.ParamDecl):
            found.update({tensor.name: None for tensor in node.tensors if has(tensor.axes)})
    names = list(found)
    return names if len(names) <= _MOST else [*names[:_MOST], "…"]


def _wiring(entry: Entry, book: Book) -> list[Block]:
    """The picture, and the block as it was written."""
    found: list[Block] = []
    graph = wiring(entry, book)
    if graph.nodes:
        found += [Heading(2, "Wiring"), picture(graph, f"Wiring of {entry.name}")]
    text = entry.definition.source.text[entry.layer.start : entry.layer.end]
    return [*found, blocks.Details("The block as it is written", [Source(text, "arch")])]


def _calculator(size: Sized) -> list[Block]:
    """The calculator: the same formulas, worked out in the browser."""
    if size.given:  # it has no fields for what has no symbol
        return []
    return [Heading(2, "Your own numbers"), blocks.Fragment(partial(calculator_html, size.model, offered=_OFFERED))]


def _conditions(entry: Entry, size: Sized) -> list[Block]:
    if size.report is None:
        return []
    report = size.report
    messages = {one.text: one.message for one in report.derivation.assumptions if one.message}
    lines: list[Line] = []
    for text in report.assumptions:
        said = f": {messages[text]}" if messages.get(text) else ""
        lines.append([Code(text), *([said] if said else [])])
    lines += [
        ["fixed: ", Code(f"{one['symbol']} = {one['value']}"), ", for the wiring hangs on it"] for one in report.fixed
    ]
    if report.derived:
        lines.append([f"derived: {report.derived}"])
    return [Heading(2, "Assumptions"), Items(lines)] if lines else []


def _spelling(entry: Entry) -> list[Block]:
    """How frameworks spell it, as the block says."""
    rows: list[list[Line]] = []
    for statement in entry.layer.body:
        if not isinstance(statement, tree.Binding):
            continue
        spelled: Line = (
            [Code(entry.text(statement.call))] if statement.call is not None else [f"none: {statement.reason}"]
        )
        when: Line = [Code(entry.text(statement.when))] if statement.when is not None else []
        rows.append([[_FRAMEWORKS.get(statement.framework, statement.framework)], spelled, when])
    if not rows:
        if entry.kind != "model":
            return []
        exported = [Code(f"archspec export {entry.name} --to {target}") for target in ("torch", "keras")]
        line: Line = ["As a class of PyTorch or Keras: ", exported[0], " and ", exported[1], " write it."]
        return [Heading(2, "PyTorch and Keras"), Paragraph(line)]
    return [Heading(2, "PyTorch and Keras"), Table(("framework", "spelling", "when"), rows)]


def _tests(entry: Entry) -> list[Block]:
    """The tests that speak of it, as examples."""
    if not entry.tests:
        return []
    text = entry.definition.source.text
    return [Heading(2, "Examples"), *(Source(text[test.start : test.end], "arch") for test in entry.tests)]


def _related(entry: Entry) -> list[Block]:
    found: list[Block] = []
    for title, entries in (("Layers it uses", entry.uses), ("Used by", entry.users)):
        links: list[list[Inline]] = [[Link(one.name, one.place)] for one in entries]
        found += [Heading(2, title), Paragraph(_joined(links))] if links else []
    return found

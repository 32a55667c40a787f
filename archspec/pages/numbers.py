"""Worked numbers on a model's page: its layers, its quantities at one setting, and its variants beside each other."""

from __future__ import annotations

from archspec.algebra import Dim
from archspec.errors.diagnostic import SpecError
from archspec.ledger.quantities import QUANTITIES
from archspec.pages.blocks import Block, Code, Heading, Items, Line, Link, Paragraph, Table
from archspec.pages.collect import Entry
from archspec.pages.sized import sample
from archspec.report.cells import Cells, Formulas
from archspec.report.report import Report
from archspec.report.terminal import settings
from archspec.report.totals import worth_showing
from archspec.report.tree import Node, depth_that_fits, tree
from archspec.report.units import share, short, with_unit

_AMOUNTS = ("params", "activations.saved", "flops.forward")
_COLUMNS = ("params", "memory.weights", "activations.saved", "flops.forward", "memory.inference", "memory.training")
OPTIMIZER = "adamw"
"""The optimizer that numbers of training are for; it is named beside them."""


def layer_table(entry: Entry, report: Report) -> list[Block]:
    """The layers as a tree, with their parts of the main quantities: numbers where there are, else formulas."""
    root = tree(report.layers, report.model.name, fold=True)
    formulas = Formulas(report, reduced=True)
    cells = Cells(report, formulas)
    rows: list[tuple[Node, int, Dim]] = [(root, 0, 1), *_lines(root, 1, depth_that_fits(root))]
    wanted = [[cells.amount(list(node.layers()), name) for name in _AMOUNTS] for node, _, _ in rows]
    for amounts in wanted:
        for amount in amounts:
            if not isinstance(amount, int):
                formulas.want(amount)
    formulas.settle()
    whole = cells.number(report.layers, "params")
    known = _reached(entry)
    shown: list[list[Line]] = []
    for (node, depth, parent), amounts in zip(rows, wanted, strict=True):
        times = cells.times(node, parent) if depth else None
        name = f"{'  ' * depth}{'+ ' if node.folded else ''}{node.name}{f' {times[0]}' if times else ''}"
        part = share(amounts[0], whole) if isinstance(amounts[0], int) and whole and amounts[0] else ""
        texts = [cells.text(amount, column) for amount, column in zip(amounts, _AMOUNTS, strict=True)]
        kind = _kind(node, known)
        shown.append(
            [_named(name, depth), kind, _code(cells.output(node)), _cell(texts[0]), [part], *map(_cell, texts[1:])]
        )
    blocks: list[Block] = [
        Heading(2, "Layers"),
        Paragraph(["With ", Code(" ".join(settings(report)) or "no values"), "."]),
    ]
    titles = ("layer", "kind", "output", "params", "share", "activations.saved", "flops.forward")
    blocks.append(Table(titles, shown, frozenset({3, 4, 5, 6})))
    if formulas.where:
        named = [part for name, text in formulas.where for part in (Code(f"{name} = {text}"), " ")]
        blocks.append(Paragraph(["where ", *named]))
    return blocks


def _lines(node: Node, depth: int, most: int) -> list[tuple[Node, int, Dim]]:
    """The places below one, with their depth and how often the place around them is there."""
    if depth > most:
        return []
    count = node.count
    found: list[tuple[Node, int, Dim]] = []
    for child in node.children:
        found += [(child, depth, count), *_lines(child, depth + 1, most)]
    return found


def _named(name: str, depth: int) -> Line:
    indent = "\u00a0\u00a0" * depth
    return [indent, Code(name.strip())] if indent else [Code(name.strip())]


def _reached(entry: Entry) -> dict[str, Entry]:
    """The layers that an entry uses, and those that these use, by name; of one name the nearest."""
    found: dict[str, Entry] = {}
    waiting, seen = [entry], {id(entry)}
    for one in waiting:  # which grows on the way
        for used in one.uses:
            found.setdefault(used.name, used)
            if id(used) not in seen:
                seen.add(id(used))
                waiting.append(used)
    return found


def _kind(node: Node, known: dict[str, Entry]) -> Line:
    if node.kind in known:
        return [Link(node.kind, known[node.kind].place)]
    return [node.kind]


def _cell(text: str) -> Line:
    return [Code(text)] if any(sign.isalpha() for sign in text.replace("i", "")) and "·" in text else [text]


def _code(text: str) -> Line:
    return [Code(text)] if text else []


def trained(entry: Entry, report: Report) -> Report | None:
    """The model at one setting, trained; None where no values for its free axes are found."""
    values = sample(entry, report)
    if values is None:
        return None
    return Report(report.model, report.policy.with_(optimizer=OPTIMIZER), {**report.given, **values})


def numbers(worked: Report) -> list[Block]:
    """Every quantity in numbers, at one setting."""
    rows: list[list[Line]] = []
    for name in worth_showing(worked):
        number = worked.value(name)
        if number is not None:
            bound = "" if worked.is_exact(name) else " (a bound)"
            rows.append([[Code(name)], [with_unit(number, QUANTITIES[name].unit) + bound]])
    known = " ".join(settings(worked)) or "no values"
    line: Line = ["With ", Code(known), f", {worked.policy.precision}, trained with {OPTIMIZER}."]
    return [Heading(2, "Worked numbers"), Paragraph(line), Table(("quantity", "value"), rows)]


def variants(entry: Entry, report: Report) -> list[Block]:
    """The variants in numbers, each at a setting that it takes."""
    if not entry.variants:
        return []
    from archspec.errors.diagnostic import Diagnostics
    from archspec.loading import make_model

    found: list[tuple[str, str, Report]] = []
    for name in entry.variants:
        model = make_model(entry.scope, name, Diagnostics())
        try:
            plain = Report(model, report.policy, {})
            values = sample(entry, plain) or {}
            worked = Report(model, report.policy.with_(optimizer=OPTIMIZER), values)
        except SpecError:
            continue
        found.append((name, " ".join(f"{axis}={value}" for axis, value in values.items()), worked))
    columns = [name for name in _COLUMNS if any(worked.value(name) for _, _, worked in found)]
    rows: list[list[Line]] = []
    for name, axes, worked in found:
        cells: list[Line] = []
        for column in columns:
            number = worked.value(column)
            unit = QUANTITIES[column].unit
            cells.append([] if number is None else [f"{number:,}" if column == "params" else short(number, unit)])
        rows.append([[Code(name)], _code(axes), *cells])
    titles = ("variant", "at", *columns)
    meant: list[Line] = [[Code(name), " is ", Code(_setting(entry, name))] for name in entry.variants]
    line: Line = [f"In {report.policy.precision}; training is with {OPTIMIZER}."]
    return [
        Heading(2, "Variants"),
        Items(meant),
        Paragraph(line),
        Table(titles, rows, frozenset(range(2, len(titles)))),
    ]


def _setting(entry: Entry, name: str) -> str:
    """What a variant is, as it was written."""
    found = entry.scope.definitions[name]
    call = getattr(found.node, "call", None)
    return entry.text(call) if call is not None else ""

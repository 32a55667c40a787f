"""A report for a terminal: what the model is, a tree of its layers, its totals, and what they take for granted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.algebra import Dim
from archspec.report.cells import Cells, Formulas
from archspec.report.grid import Column, fit, rows
from archspec.report.report import Report
from archspec.report.step import step_lines
from archspec.report.style import Style, bar
from archspec.report.totals import free_totals, totals
from archspec.report.tree import Node, depth_that_fits, tree
from archspec.report.units import share

_BAR = 10
_AMOUNTS = ("params", "activations.saved", "flops.forward")


def terminal(
    report: Report, width: int = 100, depth: int | None = None, formulas: bool = False, colour: bool = False
) -> str:
    """The report as text. depth: how deep the tree goes, with every layer in it; None: what is worth seeing."""
    style = Style(colour)
    shown = Formulas(report, reduced=True)
    for dim in free_totals(report).values():
        shown.want(dim)
    table = _Tree(report, shown, depth)
    shown.settle()
    sections = [
        _header(report, width, style),
        table.lines(width, style),
        totals(report, shown, width, formulas, style),
        step_lines(report, width, style),
        _notes(report, width, style),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


# --- above the tree ---------------------------------------------------------------------------------


def _header(report: Report, width: int, style: Style) -> list[str]:
    policy = report.policy_dict
    chosen = [str(policy.pop(name)) for name in ("precision", "backend")]
    chosen += [f"{policy.pop('attention')} attention", str(policy.pop("mode"))]
    chosen += [_chosen(name, value) for name, value in policy.items()]
    title = f"{style(report.model.name, 'name')}  {style(report.file, 'dim')}"
    lines = [title]
    if report.model.doc:
        lines += _wrapped(report.model.doc.split("\n\n")[0].replace("\n", " "), width)
    known = settings(report)
    if known:
        lines += _labelled("with", " ".join(known), width, style)
    if report.free:
        hint = " ".join(f"--set {name}=…" for name in report.free)
        lines += _labelled("free", f"{' '.join(report.free)}   ({hint})", width, style)
    return [*lines, *_labelled("policy", " · ".join(chosen), width, style)]


def _chosen(name: str, value: Any) -> str:
    """A choice as a plan writes it."""
    if isinstance(value, list):
        return f"{name} {', '.join(value)}"
    return f"{name} {value}" if name in ("lora", "shard") else f"{name} = {value}"


def settings(report: Report) -> list[str]:
    """What is known: `d=768`, `depths=[3,4,6,3]`, and flags and texts that were given."""
    found: dict[str, Any] = {}
    for name, value in report.values.items():
        base, *indices = name.replace("]", "").split("[")
        if not indices:
            found[name] = value
            continue
        entries = found.setdefault(base, [])
        for index in map(int, indices[:-1]):
            if index == len(entries):
                entries.append([])
            entries = entries[index]
        entries.append(value)
    for name, given in report.given.items():
        if name not in found and name not in report.values:
            found[name] = given
    return [f"{name}={_literal(value)}" for name, value in found.items()]


def _literal(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_literal, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- the tree ---------------------------------------------------------------------------------------


class _Tree:
    """The tree's cells, and its lines once formulas are settled."""

    def __init__(self, report: Report, formulas: Formulas, depth: int | None) -> None:
        self.report = report
        self.cells = Cells(report, formulas)
        self.root = tree(report.layers, report.model.name, fold=depth is None)
        self.shown = list(_walk(self.root, depth_that_fits(self.root) if depth is None else depth))
        self.amounts = [
            {name: self.cells.amount(list(node.layers()), name) for name in _AMOUNTS} for node, _, _ in self.shown
        ]
        for amounts in self.amounts:
            for amount in amounts.values():
                if not isinstance(amount, int):
                    formulas.want(amount)

    def lines(self, width: int, style: Style) -> list[str]:
        least = 12 if not self.report.free else 18 if width < 100 else 24
        columns = [
            Column("layer", 0, right=False, least=26),
            Column("kind", 5, right=False, least=12, style="dim"),
            Column("output", 4, right=False, least=16),
            Column("params", 0, least=8),
            Column("share", 3),
            Column("", 6, right=False, style="bar"),
            Column("saved", 1, least=least),
            Column("FLOPs", 2, least=least),
        ]
        for (node, lead, parent), amounts in zip(self.shown, self.amounts, strict=True):
            for column, text in zip(columns, self._line(node, lead, parent, amounts), strict=True):
                column.cells.append(text)
        lines = rows(fit(columns, width), style, [node.folded for node, _, _ in self.shown])
        opened = {id(parent) for _, _, parent in self.shown[1:]}
        hidden = any(node.children and id(node) not in opened for node, _, _ in self.shown)
        return [*lines, style("… --depth N opens more levels", "dim")] if hidden else lines

    def _line(self, node: Node, lead: str, parent: Node, amounts: dict[str, Dim]) -> list[str]:
        cells = self.cells
        times = cells.times(node, parent.count)
        name = lead + (f"+ {node.name}" if node.folded else node.name)
        params, whole = amounts["params"], self.amounts[0]["params"]
        numbers = isinstance(params, int) and isinstance(whole, int) and params > 0
        return [
            "\t".join((name, *times)) if times else name,
            node.kind,
            cells.output(node),
            cells.text(params, "params"),
            share(params, whole) if numbers else "",  # type: ignore[arg-type]  # two ints, just checked
            bar(params, whole, _BAR) if numbers else "",  # type: ignore[arg-type]  # two ints, just checked
            cells.text(amounts["activations.saved"], "activations.saved"),
            cells.text(amounts["flops.forward"], "flops.forward"),
        ]


def _walk(root: Node, depth: int) -> Iterator[tuple[Node, str, Node]]:
    """Each node with the box characters before it, and its parent."""
    yield root, "", root
    yield from _below(root, "", depth)


def _below(node: Node, lead: str, depth: int) -> Iterator[tuple[Node, str, Node]]:
    if depth <= 0:
        return
    for child in node.children:
        last = child is node.children[-1]
        yield child, lead + ("└─ " if last else "├─ "), node
        yield from _below(child, lead + ("   " if last else "│  "), depth - 1)


# --- below the totals -------------------------------------------------------------------------------


def _notes(report: Report, width: int, style: Style) -> list[str]:
    lines: list[str] = []
    if report.assumptions:
        lines += _labelled("assumes", ", ".join(report.assumptions), width, style)
    if report.derived:
        lines += _labelled("derived", report.derived, width, style)
    for one in report.fixed:
        at = f", decided at {one['decided_at']}" if "decided_at" in one else ""
        lines += _labelled("fixed", f"{one['symbol']} = {one['value']}{at}", width, style)
    return lines


def _labelled(label: str, text: str, width: int, style: Style) -> list[str]:
    first, *rest = _wrapped(text, width - 9)
    return [f"{style(f'{label:<8}', 'label')} {first}", *(" " * 9 + line for line in rest)]


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters where words allow; their indents stay."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > max(width, 20):
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]

"""A report for a terminal: what the model is, a tree of its layers, its totals, and what they take for granted."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.report.cells import Cells
from archspec.report.grid import Column, fit, rows
from archspec.report.report import Report
from archspec.report.style import Style, bar
from archspec.report.totals import totals
from archspec.report.tree import Node, depth_that_fits, tree
from archspec.report.units import share

_BAR = 10
_INDENT = "  "


def terminal(
    report: Report, width: int = 100, depth: int | None = None, formulas: bool = False, colour: bool = False
) -> str:
    """The report as text. depth: how deep the tree goes, with every layer in it; None: what is worth seeing."""
    style = Style(colour)
    sections = [
        _header(report, width, style),
        _tree(report, width, depth, style),
        totals(report, width, formulas, style),
        _notes(report, width, style),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


# --- above the tree ---------------------------------------------------------------------------------


def _header(report: Report, width: int, style: Style) -> list[str]:
    policy = report.policy_dict
    chosen = [str(policy.pop(name)) for name in ("precision", "backend")]
    chosen += [f"{policy.pop('attention')} attention", str(policy.pop("mode"))]
    chosen += [f"{name} = {value}" for name, value in policy.items()]
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


def settings(report: Report) -> list[str]:
    """What is known: `d=768`, `depths=[3,4,6,3]`, and flags and texts that were given."""
    found: dict[str, str] = {}
    for name, value in report.values.items():
        base, bracket, index = name.partition("[")
        if not bracket:
            found[name] = str(value)
        elif "[" in index:
            found[name] = str(value)
        else:
            found[base] = f"{found[base][:-1]},{value}]" if base in found else f"[{value}]"
    for name, given in report.given.items():
        if name not in found and name not in report.values and not isinstance(given, list | tuple):
            found[name] = str(given).lower() if isinstance(given, bool) else str(given)
    return [f"{name}={value}" for name, value in found.items()]


# --- the tree ---------------------------------------------------------------------------------------


def _tree(report: Report, width: int, depth: int | None, style: Style) -> list[str]:
    root = tree(report.layers, report.model.name, fold=depth is None)
    shown = list(_walk(root, depth_that_fits(root) if depth is None else depth))
    cells = Cells(report)
    columns = [
        Column("layer", 0, right=False, least=24),
        Column("kind", 5, right=False, least=8, style="dim"),
        Column("output", 4, right=False, least=14),
        Column("params", 0, least=8),
        Column("share", 3),
        Column("", 6, right=False, style="bar"),
        Column("saved", 1, least=12),
        Column("FLOPs", 2, least=12),
    ]
    whole = cells.number(report.layers, "params")
    faint: list[bool] = []
    for node, lead, parent in shown:
        mine = list(node.layers())
        params = cells.number(mine, "params")
        label = f"+ {node.name}" if node.folded else node.name
        times = cells.times(node, parent.count)
        part = share(params, whole) if params and whole else ""
        texts = [
            lead + (f"{label} {times}" if times else label),
            node.kind,
            cells.output(node),
            cells.amount(mine, "params"),
            part,
            bar(params, whole, _BAR) if params and whole else "",
            cells.amount(mine, "activations.saved"),
            cells.amount(mine, "flops.forward"),
        ]
        for column, text in zip(columns, texts, strict=True):
            column.cells.append(text)
        faint.append(node.folded)
    lines = rows(fit(columns, width), style, faint)
    hidden = any(node.children and not _opened(node, shown) for node, _, _ in shown)
    return [*lines, style("… --depth N opens more levels", "dim")] if hidden else lines


def _opened(node: Node, shown: list[tuple[Node, str, Node]]) -> bool:
    return any(one is node.children[0] for one, _, _ in shown)


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

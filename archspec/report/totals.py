"""The totals below the tree: numbers where every symbol is known, formulas where one is free, both on request."""

from __future__ import annotations

from archspec.algebra import Dim
from archspec.report.cells import Formulas
from archspec.report.report import Report
from archspec.report.style import Style
from archspec.report.tree import tree
from archspec.report.units import with_unit

_BY_PLACE = ("params", "activations.saved")
_SPLIT = ("params.trainable", "params.frozen", "params.active")


def worth_showing(report: Report) -> list[str]:
    """The quantities that say something: not those that are nothing, nor parts that are the whole."""
    whole = report.dim("params")
    return [
        name
        for name in report.known
        if name == "params" or (report.dim(name) != 0 and not (name in _SPLIT and report.dim(name) == whole))
    ]


def free_totals(report: Report) -> dict[str, Dim]:
    """The quantities without a number, with all numbers put in."""
    return {name: report.reduced(report.dim(name)) for name in worth_showing(report) if report.value(name) is None}


def totals(report: Report, formulas: Formulas, width: int, every: bool, style: Style) -> list[str]:
    """One line for each quantity worth showing; with `every`, the formulas of all of them below.

    `formulas` must hold those of `free_totals`, settled.
    """
    names = worth_showing(report)
    label = max(len(name) for name in names) + 2
    free = free_totals(report)
    lines: list[str] = []
    for name in names:
        number, unit = report.value(name), report.unit(name)
        text = with_unit(number, unit) if number is not None else f"{formulas.text(free[name])}{_suffix(unit)}"
        if not report.is_exact(name):
            text += "   (a bound)"
        lines += _entry(name, text, label, width, style)
    lines += _where(formulas.where, label, width, style)
    return [*lines, *_every_formula(report, names, width, style)] if every else lines


def _every_formula(report: Report, names: list[str], width: int, style: Style) -> list[str]:
    """The formulas in all symbols: of the whole, then place by place."""
    parts = [("formulas", {name: report.dim(name) for name in names})]
    parts += [(path, parts) for path, parts in _places(report).items() if parts]
    formulas = Formulas(report)
    for _, dims in parts:
        for dim in dims.values():
            formulas.want(dim)
    formulas.settle()
    label = max(map(len, names)) + 2
    lines: list[str] = []
    for title, dims in parts:
        lines += ["", style(title, "bold")]
        for name, dim in dims.items():
            lines += _entry(name, formulas.text(dim), label, width, style)
    return [*lines, *([""] if formulas.where else []), *_where(formulas.where, label, width, style)]


def _places(report: Report) -> dict[str, dict[str, Dim]]:
    """What is kept and what is trained, for each place that holds others, and for layers that stand alone."""
    root = tree(report.layers, report.model.name, fold=True)
    found: dict[str, dict[str, Dim]] = {}
    waiting = list(root.children)
    while waiting:
        node = waiting.pop(0)
        if node.folded or (not node.children and node not in root.children):
            continue
        waiting = [*node.children, *waiting]
        sums: dict[str, Dim] = {}
        for name in _BY_PLACE:
            whole: Dim = 0
            for layer in node.layers():
                whole = whole + layer.quantities.get(name, 0)
            if whole != 0:
                sums[name] = whole
        found[".".join(node.path)] = sums
    return found


def _where(where: list[tuple[str, str]], label: int, width: int, style: Style) -> list[str]:
    lines: list[str] = []
    for number, (name, text) in enumerate(where):
        lines += _entry("where" if number == 0 else "", f"{name} = {text}", label, width, style)
    return lines


def _suffix(unit: str) -> str:
    return {"bytes": " bytes", "FLOPs": " FLOPs"}.get(unit, "")


def _entry(name: str, text: str, label: int, width: int, style: Style) -> list[str]:
    first, *rest = _broken(text, width - label)
    return [f"{style(f'{name:<{label}}', 'label')}{first}", *(" " * label + line for line in rest)]


def _broken(formula: str, width: int) -> list[str]:
    """A formula over several lines, broken before a ` + ` or ` - ` where there is one, later lines set in."""
    lines: list[str] = []
    line = ""
    for word in formula.split(" "):
        if line and len(line) + 1 + len(word) > max(width, 30):
            carry = ""
            if line.endswith((" +", " -")):
                line, carry = line[:-2], line[-1] + " "
            lines.append(line)
            line = "  " + carry + word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]

"""The totals below the tree: numbers where every symbol is known, formulas where one is free, both on request."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.algebra import Dim, free_symbols
from archspec.ledger.quantities import QUANTITIES
from archspec.report.report import Report
from archspec.report.style import Style
from archspec.report.units import with_unit

_SPLIT = ("params.trainable", "params.frozen", "params.active")


def worth_showing(report: Report) -> list[str]:
    """The quantities that say something: not those that are nothing, nor parts that are the whole."""
    whole = report.dim("params")
    return [
        name
        for name in QUANTITIES
        if name == "params" or (report.dim(name) != 0 and not (name in _SPLIT and report.dim(name) == whole))
    ]


def totals(report: Report, width: int, formulas: bool, style: Style) -> list[str]:
    """One line for each quantity worth showing, and lines for its formula."""
    names = worth_showing(report)
    label = max(len(name) for name in names) + 2
    free = [name for name in names if report.value(name) is None]
    shown, where = texts(report, [report.reduced(report.dim(name)) for name in free])
    open_formulas = dict(zip(free, shown, strict=True))
    lines: list[str] = []
    for name in names:
        number, unit = report.value(name), report.unit(name)
        text = with_unit(number, unit) if number is not None else f"{open_formulas[name]}{_suffix(unit)}"
        if not report.is_exact(name):
            text += "   (a bound)"
        lines += _entry(name, text, label, width, style)
    lines += _where(where, label, width, style)
    return [*lines, *_all_formulas(report, names, width, style)] if formulas else lines


def texts(report: Report, dims: Iterable[Dim]) -> tuple[list[str], list[tuple[str, str]]]:
    """Formulas shown together, and the abbreviations that they share."""
    from archspec.formulas import abbreviate, to_text

    order = tuple(report.derivation.program.symbols)
    short, where = abbreviate(list(dims), None, report.values, report.counts, order)
    named = {name: to_text(value, report.counts, order) for name, value in where}
    shown = [to_text(dim, report.counts, order) for dim in short]
    used = {name for name in named if any(name in free_symbols(dim) and text != name for dim, text in zip(short, shown, strict=True))}
    # A name that stands for a whole formula, and in no other, is no help.
    return [named.get(text, text) for text in shown], [(name, named[name]) for name in named if name in used]


def _all_formulas(report: Report, names: list[str], width: int, style: Style) -> list[str]:
    shown, where = texts(report, [report.dim(name) for name in names])
    label = max(len(name) for name in names) + 2
    lines = ["", style("formulas", "bold")]
    for name, text in zip(names, shown, strict=True):
        lines += _entry(name, text, label, width, style)
    return [*lines, *_where(where, label, width, style)]


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

"""A report as Markdown: the totals, the layers, and what they take for granted."""

from __future__ import annotations

from collections.abc import Iterable

from archspec.report.cells import Formulas
from archspec.report.report import Report
from archspec.report.table import TITLES, table
from archspec.report.terminal import settings
from archspec.report.totals import free_totals, worth_showing
from archspec.report.units import exact, short


def markdown(report: Report, formulas: bool = False) -> str:
    """The report as Markdown, GitHub's tables."""
    parts = [f"# {report.model.name}", f"`{report.file}`"]
    if report.model.doc:
        parts.append(report.model.doc)
    policy = ", ".join(f"{name}: {value}" for name, value in report.policy_dict.items())
    facts = [f"- policy: {policy}"]
    known = settings(report)
    if known:
        facts.insert(0, f"- with `{' '.join(known)}`")
    if report.free:
        facts.insert(0, f"- free: `{' '.join(report.free)}`")
    facts += [f"- assumes `{text}`" for text in report.assumptions]
    facts += [f"- derived: {report.derived}"] if report.derived else []
    facts += [f"- fixed: `{one['symbol']} = {one['value']}`" for one in report.fixed]
    parts += ["\n".join(facts), "\n".join(_totals(report, formulas)), "\n".join(_layers(report))]
    return "\n\n".join(parts)


def _totals(report: Report, every: bool) -> list[str]:
    shown = Formulas(report, reduced=not every)
    names = worth_showing(report)
    free = free_totals(report)
    wanted = {name: report.dim(name) if every else free[name] for name in names if every or name in free}
    for dim in wanted.values():
        shown.want(dim)
    shown.settle()
    titles = ["quantity", "value", "exactly", "unit"] + (["formula"] if wanted else [])
    rows: list[list[str]] = []
    for name in names:
        number, unit = report.value(name), report.unit(name)
        bound = "" if report.is_exact(name) else " (a bound)"
        row = [
            name,
            "" if number is None else short(number, unit),
            "" if number is None else exact(number) + bound,
            unit,
        ]
        if wanted:
            row.append(
                _code(shown.text(wanted[name])) + ("" if number is not None else bound) if name in wanted else ""
            )
        rows.append(row)
    lines = _table(titles, rows, right={1, 2})
    return [*lines, *(f"\nwhere {_code(f'{name} = {text}')}" for name, text in shown.where)]


def _layers(report: Report) -> list[str]:
    rows = []
    for path, kind, *rest in table(report):
        numbers = [f"{int(cell):,}" if cell.isdecimal() else _code(cell) for cell in rest[2:]]
        rows.append([_code(path), kind, *map(_code, rest[:2]), *("" if cell == "0" else cell for cell in numbers)])
    return _table(list(TITLES), rows, right=set(range(4, len(TITLES))))


def _table(titles: list[str], rows: Iterable[list[str]], right: set[int]) -> list[str]:
    rules = ["---:" if place in right else ":---" for place in range(len(titles))]
    return [f"| {' | '.join(row)} |" for row in (titles, rules, *rows)]


def _code(text: str) -> str:
    """A piece of code in a cell; a bar would end the cell."""
    return "`" + text.replace("|", "\\|") + "`"

"""A difference for a terminal: settings, numbers, formulas, layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.comparing.amounts import cell, change_text, signed
from archspec.comparing.lines import broken, labelled, wrapped
from archspec.comparing.show_layers import layer_lines
from archspec.report.grid import Column, fit, rows
from archspec.report.style import Style
from archspec.report.units import short

if TYPE_CHECKING:
    from archspec.algebra import Dim
    from archspec.comparing.difference import Diff
    from archspec.report.report import Report

__all__ = ["bracketed", "diff_text", "labelled", "names"]

_LONG = 2
"""Formulas of more lines than that are left out where nobody asked for them."""


def diff_text(diff: Diff, width: int, colour: bool = False, depth: int | None = None) -> str:
    """The difference as text. depth: levels of the layers' paths that are told apart."""
    style = Style(colour)
    sections = [
        _header(diff, width, style),
        _numbers(diff, width, style),
        _formulas(diff, width, style),
        layer_lines(diff, width, depth, style),
        _notes(diff, width, style),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def names(diff: Diff) -> tuple[str, str]:
    """What the two are called: their names, `a` and `b` where these are the same."""
    left, right = diff.left.model.name, diff.right.model.name
    return (left, right) if left != right else (f"{left} (a)", f"{right} (b)")


# --- above the table --------------------------------------------------------------------------------


def _header(diff: Diff, width: int, style: Style) -> list[str]:
    left, right = names(diff)
    files = diff.left.file if diff.left.file == diff.right.file else f"{diff.left.file} → {diff.right.file}"
    both = diff.left.model.name != diff.right.model.name
    plain = f"{left}{' (a)' * both} → {right}{' (b)' * both}"
    title = f"{style(left, 'name')}{' (a)' * both} → {style(right, 'name')}{' (b)' * both}"
    if len(f"{plain}  {files}") <= width:
        lines = [f"{title}  {style(files, 'dim')}"]
    else:
        lines = [title, *(style(line, "dim") for line in wrapped(files, width))]
    differing = [f"{name} {before} → {after}" for name, (before, after) in diff.differing.items()]
    alone = [" ".join(f"{name}={value}" for name, value in one.items()) for one in diff.alone]
    free = dict.fromkeys([*diff.left.free, *diff.right.free])
    policies = [_policy(report) for report in (diff.left, diff.right)]
    entries = [
        ("differ", ", ".join(differing)),
        ("only a", alone[0]),
        ("only b", alone[1]),
        ("same", " ".join(f"{name}={value}" for name, value in diff.same.items())),
        ("free", f"{' '.join(free)}   ({' '.join(f'--set {name}=…' for name in free)})" if free else ""),
        ("policy", policies[0] if policies[0] == policies[1] else f"{policies[0]} → {policies[1]}"),
    ]
    for label, text in entries:
        lines += labelled(label, text, width, style)
    return lines


def _policy(report: Report) -> str:
    policy = report.policy_dict
    policy["attention"] = f"{policy['attention']} attention"
    plain = ("precision", "backend", "attention", "mode")
    return " · ".join(str(value) if name in plain else f"{name} = {value}" for name, value in policy.items())


# --- numbers ----------------------------------------------------------------------------------------


def _numbers(diff: Diff, width: int, style: Style) -> list[str]:
    left, right = names(diff)
    least = 10 if width < 80 else 14 if width < 100 else 20
    columns = [
        Column("quantity", 0, right=False),
        Column(left, 0, least=least),
        Column(right, 0, least=least),
        Column("difference", 0, least=least),
        Column("", 1),
    ]
    for name, change in diff.changes.items():
        amounts = (change.left, change.right)
        texts = [name + ("" if change.exact else "  (a bound)"), *(cell(diff, one, change.unit) for one in amounts)]
        texts += [signed(diff, change.amount, change.unit), change_text(*amounts)]
        for column, text in zip(columns, texts, strict=True):
            column.cells.append(text)
    return rows(fit(columns, width), style, [change.amount == 0 for change in diff.changes.values()])


# --- formulas ---------------------------------------------------------------------------------------


def _formulas(diff: Diff, width: int, style: Style) -> list[str]:
    symbolic = {change.quantity: change.symbolic for change in diff.changes.values() if change.symbolic != 0}
    sizes = {
        change.quantity: diff.partly(change)
        for change in diff.changes.values()
        if change.symbolic == 0 and change.amount != 0
    }
    title = "difference of the formulas   = its value at the sizes of b"
    lines = _entries(diff, title, symbolic, True, width, style)
    title = "same formula, other sizes: with the numbers that differ"
    others = _entries(diff, title, sizes, False, width, style)
    return [*lines, *([""] if lines and others else []), *others]


def _entries(diff: Diff, title: str, dims: dict[str, Dim], numbers: bool, width: int, style: Style) -> list[str]:
    """A line or more for each formula. Long ones, and those with maxima, are left out where nobody asked for them."""
    label = max(map(len, diff.changes)) + 2
    lines: list[str] = []
    long: list[str] = []
    where: dict[str, str] = {}
    for name, dim in dims.items():
        meant = dict(where)
        text = _formula(diff, name, dim, numbers, meant)
        found = _entry(name, text, label, width, style)
        if not diff.asked and name != "params" and (len(found) > _LONG or "max(" in text):
            long.append(name)
            continue
        lines += found
        where = meant
    for number, (name, text) in enumerate(where.items()):
        lines += _entry("" if number else "where", f"{name} = {text}", label, width, style)
    if long:
        lines += labelled("more", f"--quantity shows the formulas of {', '.join(long)}", width, style)
    return [style(title, "bold"), *lines] if lines else []


def _entry(name: str, text: str, label: int, width: int, style: Style) -> list[str]:
    first, *rest = broken(text, width - label)
    return [f"{style(f'{name:<{label}}', 'label')}{first}", *(" " * label + line for line in rest)]


def _formula(diff: Diff, name: str, dim: Dim, numbers: bool, where: dict[str, str]) -> str:
    """`- 2*layers*d*head_dim*(heads - kv_heads)`, and what that is at the second's sizes. What its abbreviations stand
    for goes to `where`, or stays with it where it is not what others mean by these names.
    """
    falls = diff.falls(dim)
    formula, _, meant = diff.written(-dim if falls else dim).partition(", where ")
    parts = [part.partition(" = ")[::2] for part in meant.split(", ")] if meant else []
    shared = all(text and where.get(one, text) == text for one, text in parts)
    if shared:
        where.update(parts)
    text = f"{'-' if falls else '+'} {bracketed(formula)}" + ("" if shared else f", where {meant}")
    number = diff.at_right(dim) if numbers else None
    if number is None:
        return text
    sign = "+" if number > 0 else "-" if number < 0 else ""
    return f"{text}   = {sign}{short(abs(number), diff.changes[name].unit)}"


def bracketed(text: str) -> str:
    """A formula after a sign: a sum takes brackets."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in "(⌈⌊[") - (sign in ")⌉⌋]")
        if depth == 0 and text[place : place + 3] in (" + ", " - "):
            return f"({text})"
    return text


# --- below ------------------------------------------------------------------------------------------


def _notes(diff: Diff, width: int, style: Style) -> list[str]:
    lines: list[str] = []
    left, right = diff.left.assumptions, diff.right.assumptions
    both = [one for one in left if one in right]
    lines += labelled("assumes", ", ".join(both), width, style)
    lines += labelled("a alone", ", ".join(one for one in left if one not in right), width, style)
    lines += labelled("b alone", ", ".join(one for one in right if one not in left), width, style)
    for label, report in (("a", diff.left), ("b", diff.right)):
        for one in report.fixed:
            lines += labelled("fixed", f"{one['symbol']} = {one['value']} in {label}", width, style)
    return lines

"""`archspec formula`: quantities in symbols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from archspec.cli.options import filled_options, load_planned
from archspec.cli.output import write

if TYPE_CHECKING:
    from archspec.algebra import Dim
    from archspec.cli.values import Setting
    from archspec.elaborate.entry import Assumed
    from archspec.formulas import Formula
    from archspec.report.report import Report

SCHEMA = "archspec/formulas/1"
_FORMATS = ("text", "latex", "mathml", "json", "python")


@click.command("formula", short_help="Show formulas.")
@filled_options
@click.argument("quantities", metavar="[QUANTITY]...", nargs=-1)
@click.option(
    "--assume",
    "conditions",
    multiple=True,
    metavar="COND",
    help='What holds, such as "H % 32 == 0": formulas get shorter.',
)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
def command(
    spec: str | None,
    quantities: tuple[str, ...],
    settings: dict[str, Setting],
    conditions: tuple[str, ...],
    form: str,
    **choices: Any,
) -> None:
    r"""Show formulas of a model in its symbols; without a QUANTITY, those of all that are not zero.

    What is given with --set is put in. One formula stands alone on its line, several are named. What they take for
    granted goes to stderr.

    \b
      archspec formula gpt2 params
      archspec formula resnet50 activations.saved --assume "H % 32 == 0" --assume "W % 32 == 0"
    """
    from archspec.ledger.quantities import QUANTITIES, find_quantity
    from archspec.report.report import Report
    from archspec.report.totals import worth_showing

    if spec is not None and spec in QUANTITIES and choices["config"] is not None:  # the file says which model
        quantities = (spec, *quantities)
        spec = None
    for name in quantities:
        find_quantity(name)
    assumed = [_condition(text) for text in conditions]
    model, policy = load_planned(spec, choices)
    report = Report(model.assuming(assumed), policy, settings)
    names = list(dict.fromkeys(quantities)) or worth_showing(report)
    dims = {name: report.with_given(report.dim(name)) for name in names}
    if form == "json":
        from json import dumps

        write(dumps(_json(report, dims), ensure_ascii=False, indent=2))
        return
    write("\n".join(_lines(report, dims, form)))
    notes = [f"assuming {text}" for text in report.assumptions]
    notes += [f"with {one['symbol']} fixed to {one['value']}" for one in report.fixed]
    notes += [f"{name} is a bound" for name in names if not report.is_exact(name)]
    for note in notes:
        click.echo(f"# {note}", err=True)


def _condition(text: str) -> Assumed:
    """A condition of the command line as a `require`. Raises a usage error when it is not one condition."""
    from archspec.errors.diagnostic import Diagnostics
    from archspec.syntax.parser import parse
    from archspec.syntax.source import Source
    from archspec.syntax.tree import Layer, Require

    source = Source("--assume", f"layer given {{ require {text} }}")
    diagnostics = Diagnostics()
    items = parse(source, diagnostics).items
    body = items[0].body if len(items) == 1 and isinstance(items[0], Layer) else ()
    if diagnostics.errors or len(body) != 1 or not isinstance(body[0], Require):
        why = f": {diagnostics.errors[0].message}" if diagnostics.errors else ""
        raise click.UsageError(f"--assume takes a condition such as `H % 32 == 0`, not `{text[:60]}`{why}")
    return source, body[0]


def _lines(report: Report, dims: dict[str, Dim], form: str) -> list[str]:
    if form == "python":
        return [_function(report, name, dim) for name, dim in dims.items()]
    if form == "text" and len(dims) > 1:
        return _named(report, dims)
    alone = len(dims) == 1
    lines: list[str] = []
    for name, dim in dims.items():
        shown = report.shown(dim)
        if form == "mathml":
            lines.append(shown.mathml if alone else f"<!-- {name} -->\n{shown.mathml}")
        elif form == "latex":
            lines.append(shown.latex if alone else rf"\text{{{_escaped(name)}}} = {shown.latex}")
        else:
            lines.append(shown.text)
    return lines


def _escaped(name: str) -> str:
    return name.replace("_", r"\_")


def _named(report: Report, dims: dict[str, Dim]) -> list[str]:
    """Several formulas share their abbreviations."""
    from archspec.report.cells import Formulas

    formulas = Formulas(report)
    for dim in dims.values():
        formulas.want(dim)
    formulas.settle()
    label = max(map(len, dims))
    lines = [f"{name:<{label}} = {formulas.text(dim)}" for name, dim in dims.items()]
    for number, (name, text) in enumerate(formulas.where):
        lines.append(f"{'' if number else 'where':<{label}}   {name} = {text}")
    return lines


def _function(report: Report, name: str, dim: Dim) -> str:
    """A formula as a Python function of its symbols, by keyword; exact for integers of any size."""
    from archspec.algebra import free_symbols, identifiers
    from archspec.ledger.quantities import QUANTITIES

    known = free_symbols(dim)
    names = identifiers(known)
    arguments = [names[one] for one in report.derivation.program.symbols if one in known]
    signature = f"*, {', '.join(arguments)}" if arguments else ""
    doc = f"{report.model.name}: {QUANTITIES[name].meaning} ({report.unit(name)})."
    return f'def {name.replace(".", "_")}({signature}):\n    """{doc}"""\n    return {report.shown(dim).python}\n'


def _json(report: Report, dims: dict[str, Dim]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "model": report.model.name,
        "file": report.file,
        "symbols": report.symbols,
        "policy": report.policy_dict,
        "quantities": {name: _entry(report, name, report.shown(dim)) for name, dim in dims.items()},
        "assumptions": report.assumptions,
        "fixed": report.fixed,
    }


def _entry(report: Report, name: str, shown: Formula) -> dict[str, Any]:
    return {
        "value": report.value(name),
        "unit": report.unit(name),
        "formula": shown.text,
        "latex": shown.latex,
        "python": shown.python,
        "exact": report.is_exact(name),
    }

"""`archspec size`: the report of a model."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from archspec.cli.options import filled_options, load_planned
from archspec.cli.output import colourful, width, write

if TYPE_CHECKING:
    from archspec.cli.values import Setting
    from archspec.report.report import Report


@click.command("size", short_help="Size a model.")
@filled_options
@click.option("--files", is_flag=True, help="Show the sizes of the files of weights too.")
@click.option("--formulas", is_flag=True, help="Show every formula, in all symbols, besides the numbers.")
@click.option(
    "--depth", type=click.IntRange(1, 1000), metavar="N", help="Levels of the tree, with every layer in them."
)
@click.option("--bar", is_flag=True, help="Show memory alone, as one bar: of training with --train, else of inference.")
@click.option(
    "--format", "form", type=click.Choice(("table", "json", "markdown", "csv")), default="table", show_default=True
)
def command(
    spec: str | None,
    settings: dict[str, Setting],
    files: bool,
    formulas: bool,
    depth: int | None,
    bar: bool,
    form: str,
    **choices: Any,
) -> None:
    r"""Size a model: its layers, and in all its parameters, memory and FLOPs.

    Axes without a value stay symbols, and formulas in them are shown:

    \b
      archspec size gpt2
      archspec size gpt2 --set B=8 --set S=1024 --precision bf16
      archspec size gpt2 --set B=8 --set S=1024 --train adamw --device RTX-4090 --bar
      archspec size my.arch:Net --format json
    """
    from archspec.report.report import Report

    report = Report(*load_planned(spec, choices), settings)
    report.files = files
    write(_bar(report) if bar else _shown(report, form, formulas, depth))


def _bar(report: Report) -> str:
    from archspec.report.bars import bar_text

    return bar_text(report, width(), colourful(sys.stdout))


def _shown(report: Report, form: str, formulas: bool, depth: int | None) -> str:
    if form == "json":
        from json import dumps

        return dumps(report.to_dict(formulas), ensure_ascii=False, indent=2)
    if form == "markdown":
        from archspec.report.markdown import markdown

        return markdown(report, formulas)
    if form == "csv":
        from archspec.report.comma import comma

        return comma(report)
    from archspec.report.terminal import terminal

    return terminal(report, width(), depth, formulas, colourful(sys.stdout))

"""`archspec diff`: what two specs differ in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from archspec.cli.options import load_planned, only_option, spec_options
from archspec.cli.output import colourful, width, write

if TYPE_CHECKING:
    from archspec.cli.values import Setting


@click.command("diff", short_help="Show what two models differ in.")
@spec_options
@click.argument("other", metavar="OTHER")
@only_option("a", "SPEC")
@only_option("b", "OTHER")
@click.option("--quantity", "quantities", multiple=True, metavar="NAME", help="What is compared. May be repeated.")
@click.option("--depth", type=click.IntRange(1, 1000), metavar="N", help="Levels of layers that are told apart.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
def command(
    spec: str,
    other: str,
    settings: dict[str, Setting],
    only_a: dict[str, Setting],
    only_b: dict[str, Setting],
    quantities: tuple[str, ...],
    depth: int | None,
    form: str,
    **choices: Any,
) -> None:
    r"""Show what OTHER differs in from SPEC: in formulas, in numbers, and layer by layer.

    Symbols of one name are taken for the same. Values of --set go to each model that has a parameter or an axis of that
    name, those of --set-a and --set-b to one of them.

    \b
      archspec diff llama2_7b llama3_8b --set B=1 --set S=4096
      archspec diff gpt2 gpt2 --set-b layers=24
      archspec diff vit_b_16 resnet50 --quantity params
    """
    from archspec.comparing.difference import Diff
    from archspec.comparing.sides import reports
    from archspec.ledger.quantities import find_quantity

    for name in quantities:
        find_quantity(name)
    sides = [load_planned(one, dict(choices)) for one in (spec, other)]
    found = Diff(*reports(sides[0], sides[1], settings, only_a, only_b), quantities)
    if form == "json":
        from json import dumps

        write(dumps(found.to_dict(), ensure_ascii=False, indent=2))
        return
    from archspec.comparing.show import diff_text

    write(diff_text(found, width(), colourful(sys.stdout), depth))

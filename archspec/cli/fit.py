"""`archspec fit`: on which devices a model fits."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from archspec.cli.options import filled_options, load_planned
from archspec.cli.output import colourful, width, write

if TYPE_CHECKING:
    from archspec.cli.values import Setting


@click.command("fit", short_help="Show on which devices a model fits.")
@filled_options
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
def command(spec: str | None, settings: dict[str, Setting], form: str, **choices: Any) -> None:
    r"""Show on which devices a model fits, in which precisions, and how much memory is left or missing.

    With --train it is about a training step, without about inference, there also with weights in other formats.

    \b
      archspec fit llama3_8b --set B=1 --set S=8192
      archspec fit gpt2 --train adamw --set B=8 --set S=1024
    """
    from archspec.solving.fitting import fitted

    model, policy = load_planned(spec, choices)
    table = fitted(model, policy, settings)
    if form == "json":
        from json import dumps

        write(dumps(table.to_dict(), ensure_ascii=False, indent=2))
        return
    from archspec.solving.fit_table import fit_text

    write(fit_text(table, width(), colourful(sys.stdout)))

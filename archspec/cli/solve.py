"""`archspec solve`: the largest size that fits a budget."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from archspec.cli.options import filled_options, load_planned
from archspec.cli.output import colourful, width, write

if TYPE_CHECKING:
    from archspec.cli.values import Setting


@click.command("solve", short_help="Find the largest size that fits a budget.")
@filled_options
@click.option("--for", "unknown", required=True, metavar="NAME", help="What to find: B, S, layers, d, depths[2], …")
@click.option("--budget", metavar="BYTES", help="What it must fit in: 80GiB, or a number of bytes.")
@click.option(
    "--quantity", metavar="NAME", help="What must fit. Usually memory.training with --train, else memory.inference."
)
@click.option("--formulas", is_flag=True, help="Show the closed form in all symbols too.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
def command(
    spec: str | None,
    settings: dict[str, Setting],
    unknown: str,
    budget: str | None,
    quantity: str | None,
    formulas: bool,
    form: str,
    **choices: Any,
) -> None:
    r"""Find the largest size at which a model fits: a batch, a sequence, a number of layers, a width.

    It must fit in a --budget, or on a --device. The answer comes with its formula, what limits it, and what the next
    size would need. Requirements of the model, such as `d % heads == 0`, are kept.

    \b
      archspec solve llama3_8b --for B --budget 80GiB --precision bf16 --set S=8192
      archspec solve gpt2 --for B --device RTX-4090 --train adamw --set S=1024
    """
    from archspec.solving.answer import solved

    model, policy = load_planned(spec, choices)
    solution = solved(model, policy, settings, unknown, quantity, budget, formulas)
    if form == "json":
        from json import dumps

        write(dumps(solution.to_dict(), ensure_ascii=False, indent=2))
        return
    from archspec.solving.show import solution_text

    write(solution_text(solution, width(), colourful(sys.stdout)))

"""`archspec calculator`: a page that works out the formulas of models in the browser."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("calculator", short_help="Write a calculator as one HTML file.")
@click.argument("specs", metavar="SPECS...", nargs=-1, required=True)
@click.option(
    "-o", "--output", metavar="FILE", default="calculator.html", show_default=True, type=click.Path(dir_okay=False)
)
def command(specs: tuple[str, ...], output: str) -> None:
    r"""Write one HTML file in which every number of some models can be changed: sizes, precision, optimizer,
    checkpointing, device. It is worked out in the browser from the formulas, exactly, without any server.

    \b
      archspec calculator gpt2 llama3_8b resnet50 -o calculator.html
    """
    from archspec.calculator.page import calculator_page
    from archspec.loading import load

    models = [load(spec) for spec in dict.fromkeys(specs)]
    page = calculator_page(models)
    Path(output).write_text(page, encoding="utf-8", newline="\n")
    click.echo(f"{output}: {', '.join(model.name for model in models)}")

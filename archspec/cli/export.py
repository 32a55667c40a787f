"""`archspec export`: a model as source of a framework, or as JSON."""

from __future__ import annotations

import click

from archspec.cli.output import write
from archspec.export import TARGETS
from archspec.policy import CHOICES, Policy


@click.command("export", short_help="Write a model as PyTorch, Keras, scikit-learn or JSON.")
@click.argument("spec", metavar="SPEC")
@click.option("--to", "target", type=click.Choice(TARGETS), required=True, help="What to write.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, writable=True), help="The file; default: print it.")
@click.option(
    "--attention", type=click.Choice(CHOICES["attention"]), default=Policy.attention, show_default=True,
    help="The framework's fused kernel, or products and softmax one by one.",
)  # fmt: skip
def command(spec: str, target: str, output: str | None, attention: str) -> None:
    """Write a model as source that only the framework is needed to run, or in its elaborated form as JSON.

    \b
      archspec export gpt2 --to torch -o gpt2.py
      archspec export my.arch:Net --to keras
      archspec export RandomForest --to sklearn
      archspec export resnet50 --to json | jq .parameters
    """  # noqa: D301  # click keeps the lines apart that stand under this mark
    from archspec.export import export
    from archspec.loading import load

    text = export(load(spec), target, Policy(attention=attention))
    if output is None:
        write(text.rstrip("\n"))
        return
    try:
        with open(output, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise click.UsageError(f"`{output}` cannot be written: {(error.strerror or str(error)).lower()}") from None

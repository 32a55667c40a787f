"""`archspec plot`: pictures of memory and of other quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from archspec.cli.options import filled_options, load_planned

if TYPE_CHECKING:
    from archspec.cli.values import Setting


@click.command("plot", short_help="Draw memory over a symbol or a training step.")
@filled_options
@click.option(
    "--over", metavar="NAME=LOW..HIGH", help="A symbol and its range: S=512..131072. Without it: over a training step."
)
@click.option(
    "--quantity",
    "quantities",
    metavar="NAMES",
    multiple=True,
    help="Lines of these, such as params,flops.forward, instead of the parts of memory.",
)
@click.option(
    "--scale",
    type=click.Choice(("auto", "linear", "log")),
    default="auto",
    show_default=True,
    help="Of amounts; auto: logarithmic where they differ much.",
)
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to: a name that ends in .svg, .png or .pdf.")
def command(
    spec: str | None,
    settings: dict[str, Setting],
    over: str | None,
    quantities: tuple[str, ...],
    scale: str,
    output: str,
    device: tuple[str, ...],
    **choices: Any,
) -> None:
    r"""Draw memory, part by part: over a symbol, or over the time points of a training step.

    With --train it is the memory of training, else that of inference. Values of the symbol that the model cannot have
    are left out; devices are lines.

    \b
      archspec plot llama3_8b --over S=512..131072 --set B=1 --precision bf16 --device H100 -o memory.svg
      archspec plot gpt2 --train adamw --set B=8 --set S=1024 -o step.svg
      archspec plot gpt2 --over layers=1..96 --quantity params,flops.forward --set B=1 --set S=1024 -o lines.png
    """
    from archspec.plot.canvas import picture_format, save
    from archspec.plot.figures import figure
    from archspec.plot.values import parse_range

    picture_format(output)
    model, policy = load_planned(spec, {**choices, "device": device})
    if over is None and (quantities or not policy.optimizer):
        raise click.UsageError(
            "say what to draw over: `--over S=512..131072`, or `--train adamw` alone for a training step"
        )
    names = [name for one in quantities for name in one.split(",") if name]
    chosen = parse_range(over) if over is not None else None
    picture = figure(model, policy, settings, chosen, names, device, scale)
    save(picture, output)
    click.echo(f"wrote {output}")


def _several_devices() -> None:
    """A picture shows several devices: `--device` may be repeated here."""
    for option in command.params:
        if isinstance(option, click.Option) and option.name == "device":
            option.multiple = True
            option.default = ()
            option.help = "A device whose memory is a line in the picture: H100, … May be repeated."


_several_devices()

"""`archspec discover`: the formula of a function that makes models, by evaluating it."""

from __future__ import annotations

import sys

import click

from archspec.cli.output import colourful, width, write


@click.command("discover", short_help="Find the formula of a function that makes models.")
@click.argument("target", metavar="TARGET")
@click.option(
    "--over", required=True, metavar="NAMES",
    help="Its arguments that are symbols: d_model:8,layers,depths[0]. A step after a colon: only multiples of it are "
    "tried.",
)  # fmt: skip
@click.option(
    "--quantity", "quantities", type=click.Choice(("params", "activations.saved", "flops.forward")), multiple=True,
    default=("params",), show_default=True, help="What to find; may be said again.",
)  # fmt: skip
@click.option("--kwargs", "keywords", metavar="'a=1, b=2'", default="", help="Its other arguments.")
@click.option(
    "--inputs", multiple=True, metavar="'x=int64[B,S]'",
    help="What the model is called with; sizes may be symbols of --over.",
)  # fmt: skip
@click.option(
    "--seconds", type=click.FloatRange(1, 86400), default=60.0, show_default=True, help="How long it may take in all."
)
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
def command(
    target: str,
    over: str,
    quantities: tuple[str, ...],
    keywords: str,
    inputs: tuple[str, ...],
    seconds: float,
    form: str,
) -> None:
    r"""Find the formula of torch:package.module:callable by exact interpolation: no spec is needed.

    The callable makes a model from whole numbers. It is imported and run, in a process of its own, at small sizes.

    \b
      archspec discover torch:my_package.models:make_gpt --over d:8,layers,vocab --kwargs 'heads=4'
      archspec discover torch:my_package.models:make_gpt --over d:8,layers,B,S --kwargs 'heads=4, vocab=11' \
        --quantity activations.saved --inputs 'tokens=int64[B,S]'
      archspec discover torch:my_package.models:resnet --over depths[0],depths[1],B,H,W --kwargs 'depths=[2,2,2,2]' \
        --quantity activations.saved --inputs 'image=float32[B,3,H,W]'
    """
    from archspec.discovering.discovery import discover_all
    from archspec.verify.errors import CannotVerify

    try:
        with _Counting() as progress:
            found = list(
                discover_all(
                    target, over, dict.fromkeys(quantities), keywords=keywords, inputs=inputs, seconds=seconds,
                    progress=progress.step,
                )
            )  # fmt: skip
    except CannotVerify as error:
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(1) from None
    if form == "json":
        from json import dumps

        objects = [one.to_dict() for one in found]
        write(dumps(objects[0] if len(objects) == 1 else objects, ensure_ascii=False, indent=2))
        return
    from archspec.discovering.show import discovery_text

    write("\n\n".join(discovery_text(one, width(), colourful(sys.stdout)) for one in found))


class _Counting:
    """A bar on a terminal that counts evaluations, of which nobody knows how many there will be; nothing elsewhere."""

    def __enter__(self) -> _Counting:
        self._bar = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.__enter__()
            self._task = self._bar.add_task("starting", total=None)
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)

    def step(self, text: str) -> None:
        """One more evaluation begins."""
        if self._bar is not None:
            self._bar.update(self._task, description=text)

"""`archspec import`: a spec of a model that somebody has."""

from __future__ import annotations

import sys
from types import TracebackType

import click

from archspec.cli.output import write


@click.command("import", short_help="Write the spec of a model that you have.")
@click.argument("source", metavar="SOURCE")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to this file instead of the terminal.")
@click.option(
    "--set", "given", metavar="'a=1, b=2'", multiple=True,
    help="Arguments of the function, or entries of the configuration; whole numbers become parameters of the spec.",
)  # fmt: skip
@click.option(
    "--inputs",
    multiple=True,
    metavar="'x=int64[B,S]'",
    help="What the model is called with; guessed if it is left out.",
)
@click.option("--partial", is_flag=True, help="Keep operations without a spelling as opaque layers of measured size.")
@click.option(
    "--seconds", type=click.FloatRange(1, 86400), default=120.0, show_default=True, help="How long it may take in all."
)
def command(
    source: str, output: str | None, given: tuple[str, ...], inputs: tuple[str, ...], partial: bool, seconds: float
) -> None:
    r"""Write the spec of SOURCE, compared with it before it is shown.

    \b
      torch:package.module:function   a function or class that makes a model
      hf:config.json                  a configuration file of transformers
      keras:package.module:function   a functional model of Keras; also keras:FILE.keras
      onnx:FILE                       a graph with its initialisers
      safetensors:FILE                names and shapes only: parameters; also an index of shards
      gguf:FILE                       metadata and types of tensors

    Code is run only because it is named here, in a process of its own. If anything differs from the model, the text
    says what, and the exit status is 1.

    \b
      archspec import torch:torchvision.models:resnet50 -o resnet50.arch
      archspec import torch:my_package.model:make_gpt --set 'layers=3, d=96' --inputs 'tokens=int64[B,S]'
      archspec import hf:config.json -o llama.arch
    """
    from archspec.importing.errors import CannotImport
    from archspec.importing.sources import imported
    from archspec.verify.errors import CannotVerify

    try:
        with _Steps() as steps:
            found = imported(
                source, given=", ".join(given), inputs=inputs, partial=partial, seconds=seconds, step=steps.step
            )
    except (CannotImport, CannotVerify) as error:
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(1) from None
    if output is None:
        write(found.text.rstrip("\n"))
    else:
        try:
            with open(output, "w", encoding="utf-8", newline="\n") as file:
                file.write(found.text)
        except OSError as error:
            raise click.UsageError(f"`{output}` cannot be written: {(error.strerror or str(error)).lower()}") from None
        click.echo(f"wrote {output}: {len(found.text.splitlines())} lines", err=True)
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    if not found.exact:
        for gap in found.gaps:
            click.echo(f"differs: {gap.text}", err=True)
        for one in found.unknown:
            click.echo(f"opaque: {one}", err=True)
        if found.error:
            click.echo(found.error, err=True)
        raise click.exceptions.Exit(1)
    if found.compared:
        click.echo(f"equal: {found.compared}", err=True)


class _Steps:
    """A bar on a terminal that shows what is being done; nothing elsewhere."""

    def __enter__(self) -> _Steps:
        self._bar = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.__enter__()
            self._task = self._bar.add_task("starting", total=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, trace)

    def step(self, text: str) -> None:
        """The next thing begins."""
        if self._bar is not None:
            self._bar.update(self._task, description=text)

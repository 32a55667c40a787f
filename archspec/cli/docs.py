"""`archspec docs`: pages of formulas from specs."""

from __future__ import annotations

import os

import click

from archspec.cli.files import arch_files

_FORMATS = ("html", "markdown", "latex")


@click.command("docs", short_help="Write documentation pages.")
@click.argument("specs", metavar="SPEC...", nargs=-1, required=True)
@click.option("-o", "--output", required=True, type=click.Path(file_okay=False), help="The folder to write into.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="html", show_default=True)
def command(specs: tuple[str, ...], output: str, form: str) -> None:
    r"""Write a page for each model and layer of files, of those in folders, or of names of the zoo; and an index.

    A page has the wiring as a picture, formulas of every quantity, numbers, and how frameworks spell it. Layers that
    are used get pages too.

    \b
      archspec docs my.arch -o site
      archspec docs gpt2 llama3_8b -o docs/models --format markdown
      archspec docs my.arch -o paper --format latex
    """
    from archspec.library import standard
    from archspec.pages import write_site

    found = [path for spec in specs for path in (arch_files((spec,)) if os.path.isdir(spec) else [spec])]
    _check(found, frozenset(standard().texts.values()))
    try:
        pages = write_site(found, output, form)
    except OSError as error:
        raise click.UsageError(f"`{output}` cannot be written: {(error.strerror or str(error)).lower()}") from None
    click.echo(f"{pages} page{'' if pages == 1 else 's'} in {output}")


def _check(specs: list[str], library: frozenset[str]) -> None:
    """Raise `SpecError` with every error of the files: a page of a wrong spec would be wrong. The library is right."""
    from archspec.check import check_scope
    from archspec.errors.diagnostic import Diagnostics, SpecError
    from archspec.scope import load_file

    diagnostics = Diagnostics()
    for path in specs:
        scope = load_file(path, diagnostics) if os.path.isfile(path) else None
        if scope is not None and scope.source.text not in library:
            check_scope(scope, diagnostics)
    if diagnostics.errors:
        raise SpecError(list(diagnostics))

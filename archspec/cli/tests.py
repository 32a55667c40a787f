"""`archspec test`: the `test` blocks of files."""

from __future__ import annotations

import sys

import click

from archspec.cli.files import arch_files
from archspec.cli.output import colourful


@click.command("test", short_help="Run tests.")
@click.argument("paths", metavar="FILE|FOLDER...", nargs=-1, required=True)
def command(paths: tuple[str, ...]) -> None:
    """Run the `test` blocks of files, and of all `.arch` files in folders.

    Exit status 1 when a test fails or a file is wrong.
    """
    from archspec.errors.diagnostic import Diagnostics
    from archspec.errors.render import render_text
    from archspec.report.style import Style
    from archspec.scope import load_file
    from archspec.spectests import run_tests

    style = Style(colourful(sys.stdout))
    passed = failed = wrong = 0
    for path in arch_files(paths):
        diagnostics = Diagnostics()
        scope = load_file(path, diagnostics)
        for one in diagnostics:
            click.echo(render_text(one, colour=colourful(sys.stderr)) + "\n", err=True)
        if scope is None or diagnostics.errors:
            wrong += 1
            continue
        for result in run_tests(scope):
            if result.passed:
                passed += 1
                continue
            failed += 1
            click.echo(f"{style('FAILED', 'bad')} {result.place}  {style(result.test.title, 'bold')}")
            for problem in result.problems:
                text = render_text(problem, colour=style.colour)
                click.echo("\n".join(f"  {line}" for line in text.split("\n")) + "\n", color=style.colour)
    total = passed + failed
    parts = [f"{total} test{'' if total == 1 else 's'}", f"{passed} passed", f"{failed} failed"]
    if wrong:
        parts.append(f"{wrong} file{'' if wrong == 1 else 's'} with errors")
    click.echo(", ".join(parts))
    if failed or wrong:
        raise click.exceptions.Exit(1)

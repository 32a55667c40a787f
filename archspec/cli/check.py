"""`archspec check`: everything wrong with files that can be said without numbers."""

from __future__ import annotations

import sys

import click

from archspec.cli.files import arch_files
from archspec.cli.output import colourful


@click.command("check", short_help="Check files.")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
def command(paths: tuple[str, ...]) -> None:
    """Check spec files, or all those in folders: every error and warning of each, also in layers that no model uses.

    Exit status 1 when there is an error.
    """
    from archspec.check import check_file
    from archspec.errors.diagnostic import Diagnostics
    from archspec.errors.render import render_text

    files = arch_files(paths)
    errors = warnings = 0
    seen: set[str] = set()
    for path in files:
        diagnostics = Diagnostics()
        check_file(path, diagnostics)
        for one in diagnostics:
            text = render_text(one, colour=colourful(sys.stderr))
            if text in seen:  # of a file that several others use
                continue
            seen.add(text)
            click.echo(text + "\n", err=True)
            errors += one.severity == "error"
            warnings += one.severity == "warning"
    parts = [_counted(len(files), "file"), _counted(errors, "error")]
    if warnings:
        parts.append(_counted(warnings, "warning"))
    click.echo(", ".join(parts))
    if errors:
        raise click.exceptions.Exit(1)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

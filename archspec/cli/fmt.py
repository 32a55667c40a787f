"""`archspec fmt`: files in their canonical form."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import TYPE_CHECKING

import click

from archspec.cli.files import arch_files
from archspec.cli.output import colourful

if TYPE_CHECKING:
    from archspec.errors.diagnostic import Diagnostics


@click.command("fmt", short_help="Format files.")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Change nothing; name the files that would change, exit status 1 if any.")
def command(paths: tuple[str, ...], check: bool) -> None:
    """Write spec files, or all those in folders, in their canonical form. `-` reads one from the input and prints it.

    What a file says stays the same, comments included. A file with syntax errors is reported and left as it is.

    Exit status 1 when a file has errors, or with --check when one would change.
    """
    if "-" in paths:
        if len(paths) > 1:
            raise click.UsageError("`-`, the input, stands alone")
        _input(check)
        return
    files = arch_files(paths)
    changed = wrong = 0
    for path in files:
        done = _file(path, check)
        wrong += done is None
        if done:
            changed += 1
            click.echo(f"would change {path}" if check else f"formatted {path}")
    parts = [_counted(len(files), "file"), f"{changed} {'to change' if check else 'changed'}"]
    click.echo(", ".join([*parts, f"{wrong} with errors"] if wrong else parts))
    if wrong or (check and changed):
        raise click.exceptions.Exit(1)


def _input(check: bool) -> None:
    """Format what comes in, and print it; with `check` only say whether it would change."""
    from archspec.errors.diagnostic import Diagnostics
    from archspec.files import FileProblem, decode

    data = sys.stdin.buffer.read()
    diagnostics = Diagnostics()
    try:
        printed = _formatted(decode(data, "<stdin>"), "<stdin>", diagnostics)
    except FileProblem as problem:
        problem.report(diagnostics, None)
        printed = None
    if printed is None:
        _show(diagnostics)
        raise click.exceptions.Exit(1)
    if not check:
        sys.stdout.buffer.write(printed)
    elif printed != data:
        click.echo("would change <stdin>")
        raise click.exceptions.Exit(1)


def _file(path: str, check: bool) -> bool | None:
    """Format one file, unless `check`. Whether it changes; None when it has errors, which are shown."""
    from archspec.errors.diagnostic import Diagnostics
    from archspec.files import Disk, FileProblem, Located

    diagnostics = Diagnostics()
    target = os.path.realpath(path)  # a link stays one
    try:
        text = Disk(target).read(Located(target, path))
        printed = _formatted(text, path, diagnostics)
    except FileProblem as problem:
        problem.report(diagnostics, None)
        printed = None
    if printed is None:
        _show(diagnostics)
        return None
    try:
        with open(target, "rb") as stream:  # bytes, because a byte-order mark goes
            if stream.read() == printed:
                return False
        if not check:
            _replace(target, printed)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        click.echo(f"error: `{path}` cannot be written: {reason}; it is as it was\n", err=True)
        return None
    return True


def _formatted(text: str, name: str, diagnostics: Diagnostics) -> bytes | None:
    """The canonical form; None when there are syntax errors, which go to `diagnostics`."""
    from archspec.errors.diagnostic import SpecError
    from archspec.printing import format_text

    try:
        return format_text(text, name).encode("utf-8")
    except SpecError as error:
        for one in error.diagnostics:
            diagnostics.add(one)
        return None


def _replace(target: str, data: bytes) -> None:
    """Put other bytes in the place of a file at one stroke: whatever happens, the old or the new ones are there."""
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=os.path.dirname(target))
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, os.stat(target).st_mode & 0o7777)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise


def _show(diagnostics: Diagnostics) -> None:
    from archspec.errors.render import render_text

    for one in diagnostics:
        click.echo(render_text(one, colour=colourful(sys.stderr)) + "\n", err=True)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

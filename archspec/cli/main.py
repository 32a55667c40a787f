"""The group of commands, and what happens when something goes wrong.

Exit status: 0 done, 1 the spec is wrong or a check failed, 2 the command line is wrong, 3 a fault of archspec's own.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from archspec.errors.diagnostic import Diagnostic, SpecError

INTERNAL = 3

_COMMANDS = {
    "size": ("archspec.cli.size", "Size a model: its layers, parameters, memory and FLOPs."),
    "formula": ("archspec.cli.formula", "Show formulas of a model, for any size."),
    "solve": ("archspec.cli.solve", "Find the largest size that fits a budget."),
    "fit": ("archspec.cli.fit", "Show on which devices a model fits."),
    "diff": ("archspec.cli.diff", "Show what two models differ in: formulas, numbers, layers."),
    "check": ("archspec.cli.check", "Check spec files: every error, without numbers."),
    "plot": ("archspec.cli.plot", "Draw memory or other quantities over a symbol or a training step."),
    "fmt": ("archspec.cli.fmt", "Write spec files in their canonical form."),
    "test": ("archspec.cli.tests", "Run the `test` blocks of spec files."),
    "verify": ("archspec.cli.verify", "Compare formulas with a traced model, exported or your own."),
    "discover": ("archspec.cli.discover", "Find the formula of a function that makes models, by evaluating it."),
    "import": ("archspec.cli.importing", "Write the spec of a model that you have."),
    "export": ("archspec.cli.export", "Write a model as PyTorch, Keras or JSON."),
    "docs": ("archspec.cli.docs", "Write pages of formulas, tables and pictures."),
    "calculator": ("archspec.cli.calculator", "Write a calculator of models as one HTML file."),
    "list": ("archspec.cli.listing", "List the models and layers that can be named."),
}
"""The commands, in the order in which help shows them: their modules, and what they do in one line."""

_USAGE_ERRORS = frozenset(
    {
        "asked-and-given",
        "file-not-found",
        "file-unreadable",
        "missing-value",
        "needs-budget",
        "needs-matplotlib",
        "needs-optimizer",
        "needs-values",
        "no-moments",
        "not-a-number",
        "not-bytes",
        "unknown-model",
        "unknown-quantity",
        "unknown-symbol",
        "unknown-value",
        "value-too-small",
        "which-model",
        "wrong-axis-value",
        "wrong-range",
        "wrong-value",
    }
)
"""Kinds of errors that, without a place in a file, are about what the command line says."""


class _Commands(click.Group):
    """The group. It knows its commands without importing them, and turns what they raise into messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        # click leaves the lines after a backspace as they are; docstrings are raw, so that there it is two characters.
        command.help = (command.help or "").replace("\\b", "\b")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from archspec.errors.suggest import did_you_mean

            fix = did_you_mean(args[0], _COMMANDS)
            ctx.fail(f"there is no command `{args[0]}`" + (f": {fix}" if fix else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        from archspec.errors.diagnostic import SpecError

        try:
            return super().invoke(ctx)
        except SpecError as error:
            show(error)
            ctx.exit(status(error))
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of a pipe left: click ends quietly
                raise
            _report_fault(error)
            ctx.exit(INTERNAL)
        except Exception as error:
            from archspec.algebra import AlgebraError

            if isinstance(error, AlgebraError):
                show(_as_spec_error(error))
                ctx.exit(1)
            _report_fault(error)
            ctx.exit(INTERNAL)


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from archspec import __version__

        click.echo(f"archspec {__version__}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
def cli() -> None:
    """How big is a neural network? Formulas for its parameters, activations, memory and FLOPs, from a small language.

    A SPEC is a `.arch` file with one model, FILE:NAME, or the name of a model of the zoo, such as gpt2_xl.
    """


def run() -> int:
    """Run the command line; the exit status."""
    wrong = _occupied()
    if wrong:
        sys.stderr.write(wrong)
        return 1
    gc.disable()  # a run is short, and its trees have few cycles: collecting takes a tenth of the time
    _use_utf8()
    try:
        cli.main(prog_name="archspec")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def _occupied() -> str:
    """A message when another distribution has overwritten this package's first file; else nothing."""
    import archspec

    if "load_text" in getattr(archspec, "__all__", ()):
        return ""
    return (
        "error: the import name `archspec` is occupied by the CPU-detection library of that name.\n"
        f"  found: {getattr(archspec, '__file__', None)}\n"
        "  Install archspec-lang in an environment of its own.\n"
    )


def _use_utf8() -> None:
    """Characters that the output cannot write become question marks, not a fault."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


# --- errors -----------------------------------------------------------------------------------------


def show(error: SpecError) -> None:
    """Print every diagnostic to stderr, in colour on a terminal."""
    from archspec.cli.output import colourful
    from archspec.errors.render import render_text

    colour = colourful(sys.stderr)
    click.echo("\n\n".join(render_text(one, colour=colour) for one in error.diagnostics), err=True, color=colour)


def _as_spec_error(error: Exception) -> SpecError:
    """Arithmetic that fails at the numbers that were given: the spec's or the command line's, not a fault of ours."""
    from archspec.errors.diagnostic import Diagnostics, SpecError

    diagnostics = Diagnostics()
    diagnostics.error("arithmetic", None, reason=str(error))
    return SpecError(list(diagnostics))


def status(error: SpecError) -> int:
    """2 when all that is wrong is what the command line says, else 1."""
    errors = [one for one in error.diagnostics if one.severity == "error"]
    return 2 if errors and all(one.id in _USAGE_ERRORS and _on_command_line(one) for one in errors) else 1


def _on_command_line(one: Diagnostic) -> bool:
    """Whether an error is about no file: it has no place, or one in an option such as `--device`."""
    return one.place is None or one.place.source.name.startswith("--")


def _report_fault(error: Exception) -> None:
    """Say that archspec itself is wrong. The traceback only where it is asked for."""
    kind = type(error).__name__
    click.echo(f"internal error: {kind}: {str(error)[:200]}", err=True)
    if os.environ.get("ARCHSPEC_DEBUG"):
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True)
    else:
        click.echo(
            "This is a fault of archspec. Please report it, with the spec; ARCHSPEC_DEBUG=1 shows where.", err=True
        )

"""docs/cli.md: the command line, as click knows it. `python -m tests.docs.refresh` writes it."""

from __future__ import annotations

import inspect

import click

from archspec.cli.main import cli

HEAD = """# Command line

Every command with its options, as `archspec COMMAND --help` shows them. Written from the commands themselves by `python
-m tests.docs.refresh`.

Exit status: 0 done; 1 a spec is wrong or a check failed; 2 the command line is wrong; 3 a fault of archspec's own.
"""


def commands_page() -> str:
    """The page."""
    group = click.Context(cli, info_name="archspec", **cli.context_settings)
    about = inspect.cleandoc(cli.help or "").partition("\n\n")[2]
    parts = [HEAD, _joined(about)]
    for name in cli.list_commands(group):
        command = cli.get_command(group, name)
        assert command is not None
        parts += [f"\n## archspec {name}\n", _about(command), _options(command, click.Context(command, group, name))]
    return "\n".join(part for part in parts if part).rstrip() + "\n"


def _about(command: click.Command) -> str:
    """The help text; paragraphs that click leaves as they are become blocks."""
    shown: list[str] = []
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        if paragraph.startswith("\b\n"):
            shown.append(f"```text\n{inspect.cleandoc(paragraph[2:])}\n```\n")
        else:
            shown.append(f"{_joined(paragraph)}\n")
    return "\n".join(shown)


def _options(command: click.Command, context: click.Context) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    rows = [f"Usage: `archspec {command.name} {usage}`\n", "| option | what it does |", "|---|---|"]
    for option in command.get_params(context):
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record is not None:
            rows.append(f"| `{_cell(record[0])}` | {_cell(record[1])} |")
    return "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return _joined(text).replace("|", "\\|")


def _joined(text: str) -> str:
    return " ".join(text.split())

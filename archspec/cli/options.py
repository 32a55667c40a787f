"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from archspec.cli.values import BadValue, Setting, parse_setting
from archspec.policy import CHOICES, PRECISION_ALIASES, Policy, parse_choice

Command = TypeVar("Command", bound=Callable[..., Any])

_HELP = {
    "precision": "What parameters and activations are stored in.",
    "backend": "Where it runs: some sizes hang on it.",
    "attention": "The framework's fused kernel, or products and softmax one by one.",
    "mode": "Whether a backward pass follows.",
}


def spec_options(function: Command) -> Command:
    """`SPEC`, `--set` and the policy."""
    for name in reversed(CHOICES):
        values = (*CHOICES[name], *PRECISION_ALIASES) if name == "precision" else CHOICES[name]
        default = getattr(Policy, name)
        shown = "|".join(CHOICES[name])
        function = click.option(
            f"--{name}",
            type=click.Choice(values),
            default=default,
            show_default=True,
            metavar=f"[{shown}]",
            help=_HELP[name],
        )(function)
    function = settings_option(function)
    return click.argument("spec", metavar="SPEC")(function)


def settings_option(function: Command) -> Command:
    """`--set`."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_settings,
        help="A value for a parameter or an axis: B=8, depths=[3,4,6,3], bias=false. May be repeated.",
    )(function)


def policy_of(choices: dict[str, str]) -> Policy:
    """The policy that the options choose."""
    return Policy().with_(**{name: parse_choice(name, value) or value for name, value in choices.items()})


def _settings(ctx: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, Setting]:
    """The settings by name. A name twice is a mistake, for which of the two was meant."""
    found: dict[str, Setting] = {}
    for text in texts:
        try:
            name, value = parse_setting(text)
        except BadValue as error:
            raise click.BadParameter(str(error), ctx, parameter) from None
        if name in found:
            raise click.BadParameter(f"`{name}` is set twice", ctx, parameter)
        found[name] = value
    return found

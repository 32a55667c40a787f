"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from archspec.cli.values import BadValue, Setting, parse_setting
from archspec.policy import CHOICES, PRECISION_ALIASES, Policy, parse_choice

if TYPE_CHECKING:
    from archspec.model import Model

Command = TypeVar("Command", bound=Callable[..., Any])

_HELP = {
    "precision": "What parameters and activations are stored in.",
    "backend": "Where it runs: some sizes hang on it.",
    "attention": "The framework's fused kernel, or products and softmax one by one.",
    "mode": "Whether a backward pass follows.",
    "cache": "Layers with a window cache all positions, or those of the window.",
    "cache_precision": "What keys and values are cached in. Without it: what they are computed in.",
}


_PLAN = {
    "plan": ("NAME", False, "A `plan` of the file: how the model is run. Other options change what it says."),
    "train": ("OPTIMIZER", False, "Train it: adamw, sgd, adafactor, … Shows the memory of training."),
    "checkpoint": ("LAYER", True, "Layers that are run again in the backward pass, by kind, name or path."),
    "freeze": ("PATH", True, 'Parameters that are not trained: "h.*".'),
    "lora": ("TEXT", False, 'Low-rank adapters: "rank = 16 on q_proj, v_proj".'),
    "shard": ("TEXT", False, 'Several devices: "data = 64 zero = 1, tensor = 8 sequence, pipeline = 4".'),
    "weights": ("FORMAT", False, "What weights are stored in: nf4, q4_k_m, …"),
    "loss": ("LOSS", False, "cross-entropy, mse or none."),
    "step": ("KIND", False, "How the optimizer works: foreach or for-loop."),
    "accumulate": ("N", False, "Backward passes whose gradients are added up before a step."),
    "teacher": ("SPEC", False, "A model of the zoo that runs beside it, to be learned from."),
    "device": ("NAME", False, "The device that it should fit on: H100, …"),
}


def spec_options(function: Command) -> Command:
    """`SPEC`, `--set` and the policy."""
    return click.argument("spec", metavar="SPEC")(_given_options(function))


def filled_options(function: Command) -> Command:
    """The same and `--config`, which may name the model too."""
    function = _given_options(function)
    function = click.option(
        "--config",
        type=click.Path(exists=True, dir_okay=False),
        metavar="FILE",
        help="A config.json of Hugging Face that fills the model; without a SPEC it says which. --set goes before it.",
    )(function)
    return click.argument("spec", metavar="SPEC", required=False)(function)


def _given_options(function: Command) -> Command:
    """`--set` and the policy."""
    for name in reversed(CHOICES):
        choices = [value for value in CHOICES[name] if value]  # the empty text is the default: not to choose
        values = (*choices, *PRECISION_ALIASES) if name == "precision" else choices
        function = click.option(
            f"--{name.replace('_', '-')}",
            type=click.Choice(values),
            default=getattr(Policy, name) or None,
            show_default=True,
            metavar=f"[{'|'.join(choices)}]",
            help=_HELP[name],
        )(function)
    function = plan_options(function)
    return settings_option(function)


def plan_options(function: Command) -> Command:
    """How the model is trained or run: what the lines of a plan say, and a plan itself."""
    for name, (metavar, multiple, text) in reversed(_PLAN.items()):
        function = click.option(f"--{name}", metavar=metavar, multiple=multiple, help=text)(function)
    return function


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


def only_option(side: str, whose: str) -> Callable[[Command], Command]:
    """`--set-a` or `--set-b`: values for one of two models."""
    return click.option(
        f"--set-{side}",
        f"only_{side}",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_settings,
        help=f"As --set, for {whose} alone.",
    )


def load_planned(spec: str | None, choices: dict[str, Any]) -> tuple[Model, Policy]:
    """The model of a SPEC and the policy that the options choose: first its plan, then what was said besides.

    Raises `SpecError`.
    """
    model = _loaded(spec, choices.pop("plan", None), choices.pop("config", None))
    policy = model.base
    context = click.get_current_context()
    for name, value in choices.items():
        if name in CHOICES and context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            policy = policy.with_(**{name: parse_choice(name, value) or value})
    lines = [(name, value) for name, value in choices.items() if name in _PLAN and value]
    if not lines:
        return model, policy
    from archspec.plan import apply_line

    for name, value in lines:
        for text in value if isinstance(value, tuple) else (value,):
            policy = apply_line("optimizer" if name == "train" else name, text, policy)
    return model, policy


def _loaded(spec: str | None, plan: str | None, config: str | None) -> Model:
    """A model, filled by a configuration file if there is one. What the file says besides goes to stderr."""
    if config is None:
        if spec is None:
            raise click.MissingParameter(param_hint="'SPEC'", param_type="argument")
        from archspec.loading import load

        return load(spec, plan)
    from archspec.importing.configuration import configured
    from archspec.importing.errors import CannotImport

    try:
        found = configured(config, spec, plan)
    except CannotImport as error:
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(1) from None
    for note in found.notes:
        click.echo(f"warning: {note}", err=True)
    base, stored = found.model.base.precision, found.stored
    chosen = click.get_current_context().get_parameter_source("precision") is not ParameterSource.DEFAULT
    if stored not in (None, base) and not chosen:
        click.echo(f"note: {config}: its weights are {stored}, the sizes are for {base} without --precision", err=True)
    return found.model


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

"""`archspec verify`: a spec against its own export, or against somebody's model."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from archspec.cli.options import settings_option
from archspec.cli.output import colourful, width, write
from archspec.policy import CHOICES, PRECISION_ALIASES

if TYPE_CHECKING:
    from archspec.cli.values import Setting
    from archspec.model import Model
    from archspec.verify.outcome import Outcome

PRECISIONS = ("fp32", "bf16")


@click.command("verify", short_help="Compare formulas with a traced model.")
@click.argument("spec", metavar="SPEC")
@settings_option
@click.option(
    "--with", "framework", type=click.Choice(("torch", "keras", "all")), default="torch", show_default=True,
    help="What the spec is exported to.",
)  # fmt: skip
@click.option("--trials", type=click.IntRange(1, 1000), default=3, show_default=True, help="Draws of random numbers.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draws.")
@click.option(
    "--against", metavar="TARGET",
    help="Your own model instead: torch:package.module:callable, keras:package.module:callable or safetensors:FILE.",
)  # fmt: skip
@click.option("--kwargs", "keywords", metavar="'a=1, b=2'", default="", help="What the callable is called with.")
@click.option(
    "--inputs", multiple=True, metavar="'x=int64[B,16]'",
    help="What the model is called with, in numbers or symbols; default: as the spec says.",
)  # fmt: skip
@click.option("--attention", type=click.Choice(CHOICES["attention"]), default="sdpa", show_default=True)
@click.option(
    "--precision", "precisions", multiple=True, type=click.Choice((*PRECISIONS, *PRECISION_ALIASES)), metavar="P",
    help="In which precisions what is kept is compared; default: fp32 and bf16.",
)  # fmt: skip
@click.option("--quantity", "quantities", multiple=True, metavar="Q", help="Compare only this; may be repeated.")
@click.option(
    "--tensors", type=click.Choice(("auto", "real", "fake")), default="auto", show_default=True,
    help="With --against: run on real tensors, or on fake ones that need no memory.",
)  # fmt: skip
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
def command(
    spec: str,
    settings: dict[str, Setting],
    framework: str,
    trials: int,
    seed: int,
    against: str | None,
    keywords: str,
    inputs: tuple[str, ...],
    attention: str,
    precisions: tuple[str, ...],
    quantities: tuple[str, ...],
    tensors: str,
    form: str,
) -> None:
    """Compare the formulas of a spec with what a framework really holds, computes and keeps.

    Without --against, the spec is exported, built and traced at random numbers for every symbol that --set leaves free:

    \b
      archspec verify gpt2 --trials 5
      archspec verify gpt2 --set layers=2 --set B=2 --set S=16 --against torch:my_package.models:make_gpt2
      archspec verify llama3_8b --against safetensors:model.safetensors.index.json

    Exit status 1 on any difference. --against imports and runs the code that it names.
    """  # noqa: D301  # click keeps the lines apart that stand under this mark
    from archspec.loading import load
    from archspec.policy import Policy, parse_choice
    from archspec.verify.against import ALL
    from archspec.verify.against import against as compare_against
    from archspec.verify.errors import CannotVerify
    from archspec.verify.outcome import Outcome
    from archspec.verify.targets import parse_keywords, parse_target

    unknown = [one for one in quantities if one not in ALL]
    if unknown:
        raise click.UsageError(f"`{unknown[0]}` cannot be compared: it is one of {', '.join(ALL)}")
    model = load(spec)
    policy = Policy(attention=attention, backend="cpu")
    chosen = tuple(dict.fromkeys(parse_choice("precision", one) or one for one in precisions)) or PRECISIONS
    wanted = quantities or ALL
    try:
        if against is None:
            if keywords or inputs:
                raise click.UsageError("--kwargs and --inputs go with --against")
            outcome = _trials(model, policy, settings, framework, trials, seed, wanted, chosen)
        else:
            target = parse_target(against)
            with _busy(f"{model.name} against {against}"):
                comparison = compare_against(
                    model, target, policy, settings, keywords=parse_keywords(keywords), inputs=inputs,
                    quantities=wanted, precisions=chosen, tensors=tensors,
                )  # fmt: skip
            outcome = Outcome([comparison])
    except CannotVerify as error:
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(1) from None
    write(_text(outcome, form))
    if not outcome.passed:
        raise click.exceptions.Exit(1)


def _trials(
    model: Model,
    policy: Any,
    settings: dict[str, Setting],
    framework: str,
    trials: int,
    seed: int,
    wanted: tuple[str, ...],
    precisions: tuple[str, ...],
) -> Outcome:
    from archspec.verify.trials import verify

    frameworks = ("torch", "keras") if framework == "all" else (framework,)
    with _progress(trials * len(frameworks)) as step:
        return verify(
            model, policy, settings, frameworks=frameworks, trials=trials, seed=seed, quantities=wanted,
            precisions=precisions, progress=step,
        )  # fmt: skip


def _text(outcome: Outcome, form: str) -> str:
    if form == "json":
        from json import dumps

        return dumps(outcome.to_dict(), ensure_ascii=False, indent=2)
    from archspec.verify.show import shown

    return shown(outcome, width(), colourful(sys.stdout))


def _busy(text: str) -> AbstractContextManager[Any]:
    """A moving sign on a terminal."""
    if not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(text)


class _progress:
    """A bar on a terminal, with the time that is left; nothing elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Any:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.__enter__()
            self._task = self._bar.add_task("drawing numbers", total=self._total)
        return self._step

    def __exit__(self, *error: Any) -> None:
        if self._bar is not None:
            self._bar.__exit__(*error)

    def _step(self, text: str, done: int) -> None:
        if self._bar is not None:
            self._bar.update(self._task, description=text, completed=done)

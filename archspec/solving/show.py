"""An answer for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.report.style import Style
from archspec.report.terminal import settings
from archspec.report.units import short, with_unit

if TYPE_CHECKING:
    from archspec.solving.answer import Solution

_LABEL = 9
_PHASES = {
    "forward": "the forward pass",
    "loss": "the loss",
    "backward": "the backward pass",
    "step": "the optimizer's step",
}
_NAMES = {
    "memory.weights": "weights",
    "memory.gradients": "gradients",
    "memory.optimizer": "optimizer",
    "kv_cache": "cache",
    "activations.peak": "activations",
}
_REST = {
    "backward": "gradients, activations and temporaries",
    "step": "temporaries",
}


def solution_text(solution: Solution, width: int, colour: bool) -> str:
    """The answer, its formula, where most is held, and what the next value would need."""
    question, style = solution.question, Style(colour)
    name, unit = question.unknown, question.entry.unit
    lines = [style(f"{name} = {solution.value}", "name") + f"  of {question.model.name}, {question.quantity}"]

    def add(label: str, *texts: str) -> None:
        for number, line in enumerate(line for text in texts for line in _wrapped(text, width - _LABEL)):
            lines.append(f"{style(f'{label:<{_LABEL - 1}}', 'label') if not number else ' ' * (_LABEL - 1)} {line}")

    add("formula", solution.formula)
    if solution.symbolic and solution.symbolic_formula:
        add("symbols", solution.symbolic_formula)
    device = f", usable on {question.budget.device}" if question.budget.device else ""
    add("budget", with_unit(question.budget.bytes, unit) + device)
    bound = "" if solution.exact else ", a bound"
    add("needs", f"{with_unit(solution.needs, unit)}{bound}; {short(solution.headroom, unit)} left")
    if solution.beyond is None and not solution.falling:
        add("limited", f"by {rules_text(solution)}, not by the budget")
    if solution.limit.phase or solution.limit.parts:
        add("held" if solution.beyond is None else "limited", limit_text(solution, unit))
    add("next", next_text(solution, unit))
    known = [one for one in settings(solution.report) if not one.startswith(f"{name}=")]
    add("with", " ".join(known))
    if solution.report.assumptions:
        add("assumes", ", ".join(solution.report.assumptions))
    return "\n".join(lines)


def limit_text(solution: Solution, unit: str) -> str:
    """Where most is held, and what it consists of."""
    limit = solution.limit
    names = {**_NAMES, "rest": _REST.get(limit.phase, "activations and temporaries")}
    parts = ", ".join(f"{names[name]} {short(size, unit)}" for name, size in limit.parts.items())
    word = "most in" if solution.beyond is None else "by"
    if not limit.phase:
        return parts if solution.beyond is None else f"by {parts}"
    at = f" at `{limit.path}`" if limit.path else ""
    return f"{word} {_PHASES.get(limit.phase, limit.phase)}{at}: {parts}"


def rules_text(solution: Solution) -> str:
    """The requirements that rule out what lies next to the answer."""
    return " and ".join(f"`{text}`" for text in solution.restricted) or "what the model can be"


def next_text(solution: Solution, unit: str) -> str:
    """What the nearest value that does not fit would need, and which requirements stand between."""
    name, beyond = solution.question.unknown, solution.beyond
    word = "smaller" if solution.falling else "larger"
    if beyond is None:
        return f"no {word} {name} is allowed"
    value, needs = beyond
    over = short(needs - solution.question.budget.bytes, unit)
    between = f" (none between: {rules_text(solution)})" if solution.restricted else ""
    return f"{name} = {value} needs {with_unit(needs, unit)}, {over} too much{between}"


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters, where words allow."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > max(width, 20):
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines

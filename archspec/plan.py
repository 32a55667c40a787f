"""Plans: how a model is trained or run, from a `plan` block or from the command line's flags, as a policy.

A flag is read by the same grammar as the line of a plan that says the same (`--lora "rank = 16 on q_proj"`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from archspec.errors.diagnostic import Diagnostic, Diagnostics, SpecError
from archspec.errors.suggest import did_you_mean
from archspec.optimizers import OPTIMIZERS
from archspec.policy import CHOICES, LINES, LOSSES, STEPS, Lora, Mesh, Policy, parse_choice
from archspec.syntax import tree
from archspec.syntax.source import Place, Source

AXES: dict[str, tuple[str, ...]] = {
    "data": ("zero",),
    "tensor": ("sequence",),
    "pipeline": ("interleave", "microbatches"),
    "context": (),
    "expert": (),
}
"""The axes of a mesh of devices, and the options of each."""

GIVEN = frozenset(("plan", "train", *LINES))
"""What the tests of a spec may give of a plan: its name, or what its lines say."""
_QUOTED = frozenset(("weights", "teacher"))
"""What may hold signs that only a text can: `gptq:bits=8`."""
_FLAGS = frozenset(("sequence",))
_PLACEHOLDER = "plan it for model {\n"


def apply_plan(plan: tree.Plan, source: Source, policy: Policy, diagnostics: Diagnostics) -> Policy:
    """A policy with what a plan says put in. Errors go to `diagnostics`; what is wrong is left out."""
    reader = _Reader(source, diagnostics)
    changes: dict[str, Any] = {}
    for line in plan.lines:
        for name, value in reader.read(line).items():
            changes[name] = (*changes.get(name, ()), *value) if isinstance(value, tuple) else value
    return policy.with_(**changes)


def apply_line(key: str, text: str, policy: Policy) -> Policy:
    """A policy with one line of a plan put in, of which the command line or a keyword gives the key and the rest.

    Raises `SpecError` when the line is not one of a plan, or what it says is wrong.
    """
    from archspec.syntax.parser import parse

    diagnostics = Diagnostics()
    if key in _QUOTED and '"' not in text:
        text = f'"{text}"'
    source = Source(f"--{key}", f"{_PLACEHOLDER}{key} {text}\n}}")
    file = parse(source, diagnostics)
    plans = [item for item in file.items if isinstance(item, tree.Plan)]
    if not diagnostics and len(plans) == 1:
        policy = apply_plan(plans[0], source, policy, diagnostics)
    if diagnostics:
        raise SpecError(list(diagnostics))
    return policy


class _Reader:
    """Reads the lines of one plan."""

    def __init__(self, source: Source, diagnostics: Diagnostics) -> None:
        self.source = source
        self.diagnostics = diagnostics

    def read(self, line: tree.PlanLine) -> dict[str, Any]:
        """The fields of a policy that a line sets."""
        if isinstance(line, tree.Chosen):
            return self._chosen(line)
        if isinstance(line, tree.Counted):
            return {line.key: self._count(line, line.key, line.count, 1)}
        if isinstance(line, tree.Picked):
            return {"frozen" if line.key == "freeze" else line.key: line.patterns}
        if isinstance(line, tree.Adapters):
            return self._adapters(line)
        return self._shares(line)

    def _chosen(self, line: tree.Chosen) -> dict[str, Any]:
        value: str | None = line.value
        if line.key == "teacher":
            return {"teacher": line.value}
        if line.key == "weights":
            return self._weights(line)
        if line.key in CHOICES:
            value, known = parse_choice(line.key, line.value), CHOICES[line.key]
        else:
            known = known_values(line.key)
            value = line.value if line.value in known else None
        if value is None:
            self._unknown(line, line.key, line.value, known)
            return {}
        return {line.key: value}

    def _weights(self, line: tree.Chosen) -> dict[str, Any]:
        from archspec.formats import find

        try:
            return {"weights": find(line.value).text}
        except SpecError as error:
            place = Place(self.source, line.start, line.end)
            for one in error.diagnostics:
                self.diagnostics.add(Diagnostic(one.id, one.severity, one.message, place, one.notes, one.fix))
            return {}

    def _adapters(self, line: tree.Adapters) -> dict[str, Any]:
        found: dict[str, int | Fraction] = {}
        for setting in line.settings:
            if setting.name not in ("rank", "dropout", "alpha"):
                self._unknown(setting, "lora", setting.name or "", ("rank", "dropout", "alpha"))
            elif isinstance(setting.value, tree.Number):
                found[setting.name] = setting.value.value
        rank, dropout = found.get("rank", 0), Fraction(found.get("dropout", 0))
        if not isinstance(rank, int) or rank < 1:
            self._wrong(line, "lora rank", rank, "a positive integer")
            return {}
        if not 0 <= dropout < 1:
            self._wrong(line, "lora dropout", dropout, "at least 0 and below 1")
            return {}
        return {"lora": Lora(rank, line.patterns, dropout)}

    def _shares(self, line: tree.Shares) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for share in line.shares:
            if share.axis not in AXES:
                self._unknown(share, "shard", share.axis, AXES)
                continue
            fields[share.axis] = self._count(share, share.axis, share.count, 1)
            for option, number in share.options:
                if option not in AXES[share.axis]:
                    self._unknown(share, f"{share.axis}'s option", option, AXES[share.axis])
                elif option in _FLAGS:
                    fields[option] = number is None or number.value == 1
                elif number is None:
                    self._wrong(share, option, "nothing", f"a number, as in `{option} 1`")
                else:
                    fields[option] = self._count(share, option, number, 0 if option == "zero" else 1)
        if fields.get("zero", 0) > 3:
            self._wrong(line, "zero", fields.pop("zero"), "a stage from 0 to 3")
        return {"mesh": Mesh(**fields)}

    def _count(self, node: tree.Node, name: str, number: tree.Number, least: int) -> int:
        if isinstance(number.value, int) and number.value >= least:
            return number.value
        self._wrong(node, name, number.text, "a positive integer")
        return 1

    # --- errors -------------------------------------------------------------------------------------

    def _unknown(self, node: tree.Node, name: str, value: str, known: Iterable[str]) -> None:
        known = list(known)
        place = Place(self.source, node.start, node.end)
        choices, fix = ", ".join(known) or "nothing", did_you_mean(value, known)
        self.diagnostics.error("unknown-value", place, fix=fix, name=name, value=value, choices=choices)

    def _wrong(self, node: tree.Node, name: str, value: object, wanted: str) -> None:
        place = Place(self.source, node.start, node.end)
        self.diagnostics.error("wrong-plan-value", place, name=name, value=value, wanted=wanted)


def known_values(key: str) -> tuple[str, ...]:
    """What a choice of a plan can be."""
    return _KNOWN[key]()


def _devices() -> tuple[str, ...]:
    from archspec.devices import devices

    return tuple(devices())


_KNOWN: dict[str, Callable[[], tuple[str, ...]]] = {
    "optimizer": lambda: tuple(OPTIMIZERS),
    "step": lambda: STEPS,
    "loss": lambda: LOSSES,
    "device": _devices,
}

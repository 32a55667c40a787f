"""A model of PyTorch, named by its function or its configuration file, to a text that was compared with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from archspec.errors.diagnostic import SpecError
from archspec.importing.configurations import Looks, look_around, without
from archspec.importing.describing import one_line, subject_of
from archspec.importing.errors import CannotImport
from archspec.importing.garbage import seldom
from archspec.importing.gate import QUANTITIES, Gap, compare
from archspec.importing.lift.spellings import leaves
from archspec.importing.looking import Ask, Expect, Viewer
from archspec.importing.naming.reals import uneven
from archspec.importing.opaque import measure_opaque
from archspec.importing.process import Refused, Worker
from archspec.importing.requirements import Divides, first_question, requirements, turns
from archspec.importing.settling import NO_EXPRESSION, Solved, fits, settled
from archspec.importing.write.text import text

SECONDS = 120.0
Step = Callable[[str], None]


@dataclass
class Imported:
    """A text, and what is to be said about it. gaps: what differs from the model. unknown: operations without a
    spelling. notes: numbers that were left as they are, and why.
    """

    text: str
    gaps: list[Gap] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    compared: str = ""

    @property
    def exact(self) -> bool:
        """Whether nothing differs and nothing is missing."""
        return not self.gaps and not self.unknown and not self.error


@dataclass(frozen=True)
class Source:
    """What to import. kind: `torch` or `keras` (module and attribute), `config`, `keras file` or `onnx` (path). given:
    arguments that were set.
    """

    kind: str
    said: str
    module: str = ""
    attribute: str = ""
    path: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    inputs: Sequence[str] = ()

    def question(self) -> dict[str, Any]:
        """What the process is asked first."""
        return {
            "source": self.kind, "module": self.module, "attribute": self.attribute, "path": self.path,
            "given": dict(self.given), "inputs": list(self.inputs), "leaves": list(leaves()),
        }  # fmt: skip


def import_model(
    source: Source, *, seconds: float = SECONDS, partial: bool = False, step: Step = lambda _: None,
    today: date | None = None,
) -> Imported:  # fmt: skip
    """The spec of a model. Its code is run, in a process of its own, at several sizes.

    partial: operations without a spelling become opaque layers. Raises `CannotImport`.
    """
    with Worker(seconds) as worker:
        return import_with(worker.ask, source, partial=partial, step=step, today=today, expect=worker.expect)


def import_with(
    ask: Ask, source: Source, *, partial: bool = False,
    step: Step = lambda _: None, today: date | None = None, expect: Expect = lambda _: None,
) -> Imported:  # fmt: skip
    """As `import_model`, with answers from wherever they come. expect: is told what will be asked."""
    with seldom():
        step("starting")
        try:
            about = ask(source.question())
        except Refused as error:
            raise CannotImport(f"{source.said}: {error}") from None
        viewer = Viewer(ask, expect, light=about.get("light", False))
        return _imported(about, viewer, source, partial, step, today or date.today())


def _imported(
    about: dict[str, Any], viewer: Viewer, source: Source, partial: bool, step: Step, today: date
) -> Imported:
    solved = _solved(about, viewer, step)
    found = _finished(about, viewer, source, partial, step, today, solved)
    sizes = set(solved.looks.axes) - {"B"}
    if not found.error or not sizes:
        return found
    # Right at each size, but not at all at once: rounded otherwise on two ways that meet, say.
    fewer = settled(viewer, without(viewer, solved.looks, sizes, NO_EXPRESSION))
    again = _finished(about, viewer, source, partial, step, today, fewer)
    return again if again.exact else found


def _finished(
    about: dict[str, Any], viewer: Viewer, source: Source, partial: bool, step: Step, today: date, solved: Solved
) -> Imported:
    """The text at all its looks, compared."""
    looks = solved.looks
    base = looks.looks[0]
    unknown = [
        f"{one.function} in {one.path or 'the model'}{f', {one.count} times' if one.count > 1 else ''}"
        f"{f': {one.reason}' if one.reason else ''}"
        for one in base.lifter.unknown.values()
    ]
    if unknown and not partial:
        listed = "\n  ".join(unknown[:20])
        raise CannotImport(
            f"{source.said}: {_counted(len(unknown))} no spelling in the library (--partial keeps them as opaque "
            f"layers):\n  {listed}"
        )
    own = {**base.values, **about["numbers"]}
    settings = [base.values, *looks.rest, *([own] if own != base.values else [])]
    viewer.expect(measured=settings)
    required = requirements(viewer, looks, step)
    step("writing")
    measured: list[tuple[Mapping[str, int], Mapping[str, Any]]] = []
    for number, values in enumerate(settings):
        step(f"measuring {number + 1}")
        try:
            measured.append((values, viewer.measure(values)))
        except Refused as error:
            raise CannotImport(f"{source.said}: the model cannot be measured: {error}") from None
    if own != base.values:  # the base was moved: what the text has as defaults is what the model has
        about = {"defaults": about["numbers"], "published": measured[-1][1]["params"], **about}
    if unknown:
        measure_opaque(base, measured[0][1])
    written = _written(source, about, solved, required, today, measured[0][1])
    found = Imported(written, unknown=unknown, notes=_notes(looks))
    step("comparing")
    found.gaps, found.error = _compared(written, solved.names, measured, about.get("published"))
    if not found.exact:
        found.text = _with_gaps(found)
    known = ("params", "buffers", "outputs", "layer outputs") if "record" in measured[0][1] else QUANTITIES
    found.compared = f"{', '.join(known)} at {len(measured)} settings"
    return found


def _solved(about: dict[str, Any], viewer: Viewer, step: Step) -> Solved:
    """The model at all its looks. Raises `CannotImport`."""
    numbers, axes = about["numbers"], about["axes"]
    own = {**numbers, **axes}
    viewer.expect([own], shown=[own])
    try:
        around = look_around(viewer, numbers, axes, step, fits)
        viewer.expect([first_question(around)])
    except CannotImport:
        if viewer.is_shown(own):
            raise
    else:
        if viewer.is_shown(own):
            solved = settled(viewer, around)
            looks = solved.looks
            # What cannot be chosen stays as it is: a text with another number there would be about another model.
            if all(looks.looks[0].values[name] == one or name in looks.numbers for name, one in numbers.items()):
                return solved
            return settled(viewer, look_around(viewer, numbers, axes, step))
    return _solved(about, viewer, step)


def _counted(number: int) -> str:
    return "one operation has" if number == 1 else f"{number} operations have"


def _written(
    source: Source, about: dict[str, Any], solved: Solved, required: Sequence[Divides], today: date,
    measured: Mapping[str, Any],
) -> str:  # fmt: skip
    """The formatted text."""
    from archspec.printing import format_text

    base = solved.looks.looks[0]
    subject = subject_of(source.said, about, solved, today, measured)
    subject.requires += [one.text(solved.names) for one in required] + turns(base.root.items, solved.solution)
    if differing := uneven(base.root, solved.samples):
        subject.doc += (
            "\nReal numbers are those of the first place, at the base, where they differ; they change no size: "
            f"{', '.join(differing)}."
        )
    plain = text(base.root, solved.samples, solved.solution, subject, base.lifter.values)
    return format_text(plain, "import.arch")


def _notes(looks: Looks) -> list[str]:
    return [f"`{name}` stays as it is: {one_line(reason)}" for name, reason in looks.fixed.items()]


def _compared(
    written: str, names: Mapping[str, str],
    measured: Sequence[tuple[Mapping[str, int], Mapping[str, Any]]], published: int | None,
) -> tuple[list[Gap], str]:  # fmt: skip
    """What differs at the settings that were measured, and in the parameters at the text's own defaults."""
    from archspec.loading import load_text

    renamed = [
        ({names[name]: one for name, one in values.items() if name in names}, found) for values, found in measured
    ]
    try:
        model = load_text(written)
        symbolic = model.size(backend="cpu")  # it must have a size with axes as symbols too, not only at those values
        gaps = compare(model, renamed)
        if published is not None and (said := symbolic["params"]) != published:
            gaps.append(Gap("params", {}, said, published))
        return gaps, ""
    except SpecError as error:
        return [], str(error)


def _with_gaps(found: Imported) -> str:
    """The text with what is wrong with it, as comments at its top."""
    lines = [f"differs: {one.text}" for one in found.gaps]
    lines += [f"opaque: {one}" for one in found.unknown]
    lines += [f"wrong: {line}" for line in found.error.splitlines()[:6]]
    return "".join(f"# {line}\n" for line in lines) + found.text

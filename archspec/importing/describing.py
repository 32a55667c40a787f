"""What is said about an imported text besides its layers: name, inputs, docstring, test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from archspec.importing.lift.lifter import tensors_in
from archspec.importing.naming.fit import fit
from archspec.importing.naming.layers import identifier
from archspec.importing.settling import Solved
from archspec.importing.write.text import Subject


def subject_of(
    said: str, about: Mapping[str, Any], solved: Solved, today: date, measured: Mapping[str, Any]
) -> Subject:
    """What the text is called, takes and gives, and its docstring. said: the source, as a person named it. measured:
    at the base.
    """
    looks, names = solved.looks, solved.names
    base = looks.looks[0]
    defaults = {**base.values, **about.get("defaults", {})}
    inputs: list[tuple[str, Sequence[str], str]] = []
    known = solved.vectors((*looks.numbers, *looks.axes))
    for name, code in base.trace["inputs"].items():
        for value in tensors_in(code):
            shape = next((one[2] for one in about["inputs"] if one[0] == name or len(about["inputs"]) == 1), None)
            if shape is None:  # the function gave the tensors themselves
                written = [fit(one, known) or str(one[0]) for one in solved.samples.shapes[value]]
            else:
                written = [names.get(str(size), str(base.values.get(str(size), size))) for size in shape]
            dtype = base.lifter.value(value).dtype
            inputs.append((name, written, "" if dtype.startswith("float") else f": {dtype}"))
    title = identifier(about["class"], set()).replace("_", "") if not about["class"].isidentifier() else about["class"]
    outputs = list(base.trace["outputs"].get("d", {})) if isinstance(base.trace["outputs"], dict) else []
    sizes = ", ".join(f"{name} = {value}" for name, value in base.values.items() if name in names)
    doc = (
        f"{about['class']} of {about['module']}, imported from {said} on {today.isoformat()}.\n\n"
        f"Traced at {sizes or 'its only size'}, and at {len(looks.looks) - 1} other settings of these."
    )
    if about.get("note"):
        doc += f"\n{about['note']}"
    for name, reason in looks.fixed.items():
        if name in about["axes"]:
            doc += f"\n`{name}` is {base.values[name]}: {one_line(reason)}"
    stiff = [name for name in names if name not in looks.numbers and name not in looks.axes]  # entries of lists
    return Subject(
        title, doc,
        {names[name]: str((base.values if name in stiff else defaults)[name]) for name in names
         if name not in looks.axes}, inputs, outputs, solved.vectors(looks.numbers), solved.vectors(looks.axes),
        _ties(base.trace), _test(title, about, defaults, measured),
        [f"{names[name]} == {base.values[name]}" for name in stiff],
    )  # fmt: skip


def _test(title: str, about: Mapping[str, Any], defaults: Mapping[str, Any], measured: Mapping[str, Any]) -> str:
    count = about.get("published", measured["params"])
    return f'test "the parameters of the model that it was imported from" {{ {title}.params == {count:_} }}'


def one_line(reason: str) -> str:
    """The first line of a reason, as it may stand in a docstring."""
    return reason.partition("\n")[0][:100].replace('"""', "'''")


def _ties(trace: Mapping[str, Any]) -> list[list[str]]:
    """Parameters under several names: all names of each."""
    names: dict[int, list[str]] = {}
    for name, one in trace["held"].items():
        if one["role"] == "param":
            names.setdefault(one["v"], []).append(name)
    return [one for one in names.values() if len(one) > 1]

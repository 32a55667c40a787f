"""The memory of a model as one bar in a terminal, part by part, beside what a device has."""

from __future__ import annotations

from archspec.devices import find_device
from archspec.report.parts import Held, Parts
from archspec.report.report import Report
from archspec.report.style import Style
from archspec.report.units import share, short

_FILLS = {
    "weights": "█",
    "gathered weights": "▙",
    "optimizer": "▓",
    "teacher": "▚",
    "gradients": "▒",
    "kept activations": "░",
    "temporaries": "▞",
    "cache": "▒",
    "activations": "░",
}
"""Fills that differ without colours too."""
_PAINT = {
    "weights": "part1",
    "gathered weights": "part7",
    "optimizer": "part2",
    "teacher": "part6",
    "gradients": "part3",
    "kept activations": "part4",
    "temporaries": "part5",
    "cache": "part3",
    "activations": "part4",
}
_FREE = "·"


def bar_text(report: Report, width: int, colour: bool = False) -> str:
    """Memory of training if the report's policy has an optimizer, else of inference, as a bar with a legend.

    Raises `SpecError` where a symbol has no value.
    """
    style = Style(colour)
    held = Parts(report.model, report.policy).at(report.given)
    device = find_device(report.policy.device) if report.policy.device else None
    whole = max(held.total, device.memory if device else 0)
    parts = {name: amount for name, amount in held.parts.items() if amount}
    lines = [*_title(report, held, width, style), _bar(parts, held.total, whole, width, style)]
    if device is not None:
        lines.append(_limit(device.name, device.memory, held.total, whole, width, style))
    label = max(map(len, parts))
    for name, amount in parts.items():
        sign = style(_FILLS[name] * 2, _PAINT[name])
        lines.append(f"{sign} {name:<{label}}  {short(amount, 'bytes'):>10}  {share(amount, held.total):>7}")
    return "\n".join(lines)


def _title(report: Report, held: Held, width: int, style: Style) -> list[str]:
    quantity = "memory.training" if report.policy.optimizer else "memory.inference"
    total, where = short(held.total, "bytes"), f"largest in {held.phase}{f', {held.path}' if held.path else ''}"
    first = f"{style(report.model.name, 'name')}  {style(quantity, 'label')} {total}"
    if not held.phase:
        return [first]
    fits = len(report.model.name) + len(quantity) + len(total) + len(where) + 6 <= width
    return [f"{first}   {where}"] if fits else [first, where]


def _bar(parts: dict[str, int], total: int, whole: int, width: int, style: Style) -> str:
    """The parts side by side: each has its share of the columns, and one at least, so that none is lost."""
    used = max(len(parts), (2 * total * width + whole) // (2 * whole))
    columns = _columns(list(parts.values()), used)
    cells = [style(_FILLS[name] * count, _PAINT[name]) for (name, _), count in zip(parts.items(), columns, strict=True)]
    return "".join(cells) + style(_FREE * (width - used), "dim")


def _columns(amounts: list[int], count: int) -> list[int]:
    """Columns for amounts, in all `count`: by the largest remainders, at least one each."""
    total = sum(amounts)
    found = [max(1, amount * count // total) for amount in amounts]
    while sum(found) != count:
        step = 1 if sum(found) < count else -1
        lacks = [
            (step * (amount * count - has * total), place)
            for place, (amount, has) in enumerate(zip(amounts, found, strict=True))
            if step > 0 or has > 1
        ]
        found[max(lacks)[1]] += step
    return found


def _limit(name: str, memory: int, total: int, whole: int, width: int, style: Style) -> str:
    """A mark below the bar where the device ends, and whether it fits."""
    at = max(0, (2 * memory * width + whole) // (2 * whole) - 1)
    spare = memory - total
    said = f"{short(spare, 'bytes')} to spare" if spare >= 0 else f"{short(-spare, 'bytes')} too much"
    text, mark = f"{name} {short(memory, 'bytes')}: {said}", f"{' ' * at}▲"
    if len(text) < at:
        mark = f"{' ' * (at - len(text) - 1)}{text} ▲"
    else:
        mark = f"{mark} {text}" if at + 2 + len(text) <= width else f"{mark}\n{text}"
    return style(mark, "bold" if spare >= 0 else "bad")

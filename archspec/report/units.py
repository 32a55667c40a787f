"""Numbers as people read them. Exact integers throughout: no float enters, so numbers of any size come out right."""

from __future__ import annotations

_BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_COUNTS = ("", "K", "M", "B", "T")
_FLOPS = ("", "K", "M", "G", "T", "P", "E", "Z")


def exact(number: int) -> str:
    """`124,439,808`."""
    return f"{number:,}"


def short(number: int, unit: str) -> str:
    """Three digits or so, with the usual letter: `124.4 M` elements, `162.9 MiB`, `8.18 G` FLOPs."""
    if unit == "bytes":
        return _scaled(number, 1024, _BYTES)
    if unit == "FLOPs":
        return _scaled(number, 1000, _FLOPS)
    return exact(number) if abs(number) < 10_000 else _scaled(number, 1000, _COUNTS)


def with_unit(number: int, unit: str) -> str:
    """`162.9 MiB (170,827,264 B)`, `124,439,808 (124.4 M)`, `8,178,368,512 (8.18 GFLOPs)`."""
    rough = short(number, unit)
    if unit == "bytes":
        return f"{rough} ({exact(number)} B)" if abs(number) >= 1024 else f"{exact(number)} B"
    if abs(number) < 10_000:
        return exact(number) if unit == "elements" else f"{exact(number)} FLOPs"
    return f"{exact(number)} ({rough}{'FLOPs' if unit == 'FLOPs' else ''})"


def _scaled(number: int, base: int, letters: tuple[str, ...]) -> str:
    size = abs(number)
    step = 0
    while step < len(letters) - 1 and size >= base ** (step + 1):
        step += 1
    if step < len(letters) - 1 and _rounded(size, base**step, 1) >= 10 * base:
        step += 1  # 999.96 K is 1.00 M
    sign = "-" if number < 0 else ""
    letter = f" {letters[step]}" if letters[step] else ""
    if step == 0:
        return f"{sign}{size}{letter}"
    unit = base**step
    decimals = 2 if size < 10 * unit else 1 if size < 1000 * unit else 0
    whole, part = divmod(_rounded(size, unit, decimals), 10**decimals)
    text = f"{whole:,}.{part:0{decimals}d}" if decimals else f"{whole:,}"
    return f"{sign}{text}{letter}"


def _rounded(size: int, unit: int, decimals: int) -> int:
    """`size / unit` in units of the last decimal, rounded half up."""
    return (2 * size * (1, 10, 100)[decimals] + unit) // (2 * unit)


def share(part: int, whole: int) -> str:
    """A share in per cent: `12.3 %`, `<0.1 %`; nothing of nothing is a dash."""
    if whole <= 0:
        return "-"
    thousandths = (2000 * part + whole) // (2 * whole)
    if part and not thousandths:
        return "<0.1 %"
    return f"{thousandths // 10}.{thousandths % 10} %"

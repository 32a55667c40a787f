"""Finding the formulas of a function that makes models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from time import monotonic

from archspec.discovering.axis import Axis, check_axes, parse_axes
from archspec.discovering.classes import by_class
from archspec.discovering.interpolate import Point, Reach, Sampler
from archspec.discovering.line import NotPolynomial, Refused
from archspec.discovering.result import UNITS, Discovery
from archspec.discovering.session import Session
from archspec.verify.errors import CannotVerify
from archspec.verify.targets import parse_keywords, parse_target

SECONDS = 60.0
REACHES = {
    "params": Reach(7, 36),
    "activations.saved": Reach(5, 12, 2**27),
    "flops.forward": Reach(5, 24),
}
"""What is kept is measured on real tensors, which takes memory and time: 128 MiB at most, as far as is foreseen."""
_LATER = (1, 2, 4)
"""How many places later axes start whose start nobody gave, where the first sizes are refused."""
Progress = Callable[[str], None]
Evaluate = Callable[[str, dict[str, int]], int]
"""A quantity at values. Raises `Refused` where the person's code does not allow them, else `CannotVerify`."""


def discover(
    target: str,
    over: str,
    quantity: str = "params",
    *,
    keywords: str = "",
    inputs: Sequence[str] = (),
    seconds: float = SECONDS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Discovery:
    """The formula of a quantity over some arguments of `torch:package.module:callable`, which is imported and run in a
    process of its own.

    over: as `parse_axes` reads it. keywords, inputs: as for `archspec verify`. Raises `CannotVerify`.
    """
    one = (quantity,)
    found = discover_all(target, over, one, keywords=keywords, inputs=inputs, seconds=seconds, seed=seed,
                         progress=progress)  # fmt: skip
    return next(iter(found))


def discover_all(
    target: str,
    over: str,
    quantities: Iterable[str],
    *,
    keywords: str = "",
    inputs: Sequence[str] = (),
    seconds: float = SECONDS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Iterator[Discovery]:
    """The formulas of several quantities, one after the other, from one process. As `discover` otherwise."""
    quantities = list(quantities)
    for quantity in quantities:
        if quantity not in UNITS:
            raise CannotVerify(f"`{quantity}` cannot be discovered: it is one of {', '.join(UNITS)}")
    if parse_target(target).kind != "torch":
        raise CannotVerify(f"`{target}` is not torch:package.module:callable: other frameworks are not evaluated")
    fixed = parse_keywords(keywords)
    check_axes(parse_axes(over), fixed)
    given = [one for one in (keywords, *inputs) if one]
    with Session(target, keywords, inputs, seconds) as session:
        for quantity in quantities:
            yield explore(session.value, quantity, over, target, given, seed, progress, session.left)


def explore(
    evaluate: Evaluate,
    quantity: str,
    over: str,
    target: str = "",
    given: Sequence[str] = (),
    seed: int = 0,
    progress: Progress | None = None,
    left: Callable[[], float] = lambda: float("inf"),
) -> Discovery:
    """The formula of a quantity that can be evaluated. Raises `CannotVerify`."""
    begin = monotonic()
    axes = parse_axes(over, 1 if quantity == "params" else 2)
    free = [axis.name for axis in axes if f"{axis.name}:{axis.step}:" not in "".join(over.split())]

    def function(point: Point) -> int:
        if progress is not None:
            progress(f"{quantity}, evaluation {len(sampler.known) + 1}")
        return evaluate(quantity, dict(zip((axis.name for axis in axes), point, strict=True)))

    sampler = Sampler(function)
    try:
        axes = _started(axes, free, sampler)
        pieces = by_class(axes, sampler, seed, REACHES[quantity], left)
    except Refused as error:
        raise CannotVerify(f"{error}\nWhere small sizes are not allowed, a start helps: --over NAME:1:8") from None
    except NotPolynomial as error:
        again = _twice(function, sampler)
        raise CannotVerify(again or f"{quantity}: {error}") from None
    return Discovery(target, quantity, tuple(given), pieces, sampler.known, monotonic() - begin)


def _started(axes: list[Axis], free: list[str], sampler: Sampler) -> list[Axis]:
    """The axes, where the first sizes are refused with later starts of those whose start nobody gave: some models take
    no batch of 1. One that starts later may be enough; else all do.
    """
    refused: Refused | None = None
    ways = [dict.fromkeys(free, 0), *({name: 1} for name in free), *(dict.fromkeys(free, one) for one in _LATER)]
    for way in ways:
        moved = [axis.with_(start=axis.at(way.get(axis.name, 0))) for axis in axes]
        try:
            sampler(tuple(axis.start for axis in moved))
            return moved
        except Refused as error:
            refused = refused or error
    assert refused is not None, "it was tried"
    raise refused


def _twice(function: Callable[[Point], int], sampler: Sampler) -> str:
    """What is wrong where the same values do not give the same; nothing where they do."""
    point, before = next(iter(sampler.known.items()))
    now = function(point)
    return f"the same sizes give {before} and {now}: what is not always the same has no formula" * (now != before)


__all__ = ["REACHES", "SECONDS", "UNITS", "Discovery", "discover", "discover_all", "explore", "parse_axes"]

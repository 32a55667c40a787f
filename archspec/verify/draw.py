"""Random numbers for every symbol of a model that keep its requirements."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from archspec.algebra import AlgebraError, Facts, compare, evaluate, free_symbols, mod
from archspec.derivation import Derivation
from archspec.elaborate.entry import GivenValue
from archspec.elaborate.program import Assumption
from archspec.errors.diagnostic import SpecError
from archspec.model import Model
from archspec.policy import Policy
from archspec.verify.choices import Choices, choose, text
from archspec.verify.defaults import derived_defaults, written_default
from archspec.verify.errors import CannotVerify
from archspec.verify.ranges import Range, ranges

ATTEMPTS = 60
REPAIRS = 400
KINDS = {
    "moderate": "moderate sizes",
    "one turn": "each loop run once",
    "large": "large widths",
}
"""What trials are like, in turn: some of any size; each loop run once; widths far beyond what memory would hold."""

Numbers = dict[str, int]


@dataclass(frozen=True)
class Drawn:
    """The numbers of a trial.

    given: as the model takes them. varied: from how many numbers each symbol was drawn. choices: what is other than the
    defaults among flags, rates and lengths of lists.
    """

    kind: str
    given: dict[str, GivenValue]
    varied: dict[str, int]
    choices: dict[str, GivenValue] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What the trial is like, for people."""
        return f"{KINDS[self.kind]}; {text(self.choices)}" if self.choices else KINDS[self.kind]


def draw(
    model: Model,
    policy: Policy,
    seed: int,
    trial: int,
    fixed: Mapping[str, GivenValue],
    works: Callable[[dict[str, GivenValue]], object],
) -> Drawn:
    """Numbers for a trial. Raises `CannotVerify` if none are found.

    fixed: values that are not drawn. works: raises `SpecError` where the model is wrong at some numbers.
    """
    dice = random.Random(f"{model.name}/{seed}/{trial}")
    choices = choose(model, trial, dice, fixed, lambda chosen: model.derive(policy, {**fixed, **chosen}))
    kind = tuple(KINDS)[trial % len(KINDS)]
    try:
        return _draw(model, policy, dice, kind, fixed, choices, works)
    except CannotVerify:
        if not choices:
            raise
        needed = choose(model, 0, dice, fixed, lambda _: None)  # where no size fits the choices, those of a default
        return _draw(model, policy, dice, kind, fixed, needed, works)


def _draw(
    model: Model,
    policy: Policy,
    dice: random.Random,
    kind: str,
    fixed: Mapping[str, GivenValue],
    choices: Choices,
    works: Callable[[dict[str, GivenValue]], object],
) -> Drawn:
    """Numbers for a trial whose flags, rates and lists are chosen."""
    derivation = _base(model, policy, {**choices, **fixed}, dice)
    program = derivation.program
    sizes = ranges(model, program, kind == "large")
    sizes = {name: one for name, one in sizes.items() if name.partition("[")[0] not in fixed}
    once = sizes
    if kind == "one turn":
        once = {name: Range("turns", 1, 1) if one.kind == "turns" else one for name, one in sizes.items()}
    known = {name: info.value for name, info in program.symbols.items() if info.value is not None}
    required = [one for one in derivation.assumptions if one.origin == "require"]
    last = "no numbers keep its requirements"
    for attempt in range(ATTEMPTS):
        # After a while loops may turn more than once, and then more and more symbols stay at their defaults, which are
        # known to be right together.
        if attempt == ATTEMPTS // 3 and once is not sizes:
            kind, once = "moderate", sizes
        share = 1.0 if attempt < ATTEMPTS * 2 // 3 else 2.0 - 2 * attempt / ATTEMPTS
        chosen = {name for name in once if name not in known or dice.random() < share}
        numbers = {**known, **{name: _pick(dice, once[name], attempt) for name in sorted(chosen)}}
        if not _repair(dice, numbers, required, {name: once[name] for name in sorted(chosen)}):
            continue
        given = _given(model, numbers, choices, fixed)
        try:
            works(given)
        except SpecError as error:
            last = str(error).partition("\n")[0]
            continue
        except (AlgebraError, CannotVerify) as error:
            last = str(error)
            continue
        return Drawn(kind, given, {name: once[name].count for name in once if name in chosen}, choices)
    raise CannotVerify(f"no numbers for {model.name} after {ATTEMPTS} attempts: {last}")


def _base(model: Model, policy: Policy, fixed: dict[str, GivenValue], dice: random.Random) -> Derivation:
    """The model with its symbols; each parameter with a computed default is one of its own half of the time."""
    base = model.derive(policy, fixed)
    known = {name: info.value for name, info in base.program.symbols.items() if info.value is not None}
    computed = derived_defaults(model, known)
    own = {name: value for name, value in computed.items() if name not in fixed and dice.random() < 0.5}
    try:
        return model.derive(policy, {**fixed, **own}) if own else base
    except SpecError:
        return base


def _pick(dice: random.Random, size: Range, attempt: int) -> int:
    """A number of a range; pictures grow with the attempts, for a deep model needs large ones."""
    if size.kind == "picture":
        return dice.randint(size.least, size.most) + 12 * attempt
    return dice.randint(size.least, size.most)


def _repair(dice: random.Random, numbers: Numbers, required: list[Assumption], sizes: dict[str, Range]) -> bool:
    """Redraw symbols of violated requirements until all hold."""
    for _ in range(REPAIRS):
        violated = [one for one in required if not _holds(one, numbers)]
        if not violated:
            return True
        one = dice.choice(violated)
        names = [name for name in sorted(_names(one)) if name in sizes]
        if not names:
            return False
        name = dice.choice(names)
        solved = _solved(one, name, numbers, sizes[name])
        numbers[name] = _multiple(dice, one, name, numbers, sizes[name]) if solved is None else solved
    return False


def _solved(one: Assumption, name: str, numbers: Numbers, size: Range) -> int | None:
    """The number for a symbol with which two sides are equal, where they must be and are linear in it."""
    if one.op != "==" or one.modulus is not None:
        return None
    sides = [
        (_number(one.left, values), _number(one.right, values)) for values in ({**numbers, name: x} for x in (1, 2))
    ]
    apart = [left - right for left, right in sides if left is not None and right is not None]
    if len(apart) < 2 or apart[0] == apart[1] or apart[0] % (apart[0] - apart[1]):
        return None
    found = 1 + apart[0] // (apart[0] - apart[1])
    return found if size.least <= found <= size.most else None


def _multiple(dice: random.Random, one: Assumption, name: str, numbers: Numbers, size: Range) -> int:
    """Another number for a symbol: a multiple of the modulus where `symbol % modulus == 0` is required."""
    plain = one.modulus is not None and name not in free_symbols(one.modulus)
    if not plain or dice.random() < 0.2:
        return dice.randint(size.least, size.most)
    assert one.modulus is not None
    step = _number(one.modulus, numbers)
    if step is None or step < 1 or step > 4 * size.most:
        return dice.randint(size.least, size.most)
    return step * dice.randint(1, max(1, size.most // step))


def _names(one: Assumption) -> frozenset[str]:
    modulus = free_symbols(one.modulus) if one.modulus is not None else frozenset()
    return free_symbols(one.left) | free_symbols(one.right) | modulus


def _holds(one: Assumption, numbers: Numbers) -> bool:
    left, right = _number(one.left, numbers), _number(one.right, numbers)
    if left is None or right is None:
        return True  # it names what is no symbol here: the elaboration decides
    if one.modulus is not None:
        modulus = _number(one.modulus, numbers)
        if not modulus:
            return False
        rest = mod(left, modulus, Facts())
        left = rest if isinstance(rest, int) else left
    return compare(left, one.op, right, Facts()) is not False


def _number(dim: object, numbers: Numbers) -> int | None:
    if isinstance(dim, int):
        return dim
    if free_symbols(dim) - numbers.keys():  # type: ignore[arg-type]  # an int or a polynomial
        return None
    try:
        return evaluate(dim, numbers)  # type: ignore[arg-type]
    except AlgebraError:
        return None


# --- as the model takes it --------------------------------------------------------------------------


def _given(model: Model, numbers: Numbers, choices: Choices, fixed: Mapping[str, GivenValue]) -> dict[str, GivenValue]:
    """Numbers by symbol as values by parameter: `depths[0]`, `depths[1]` are entries of the list `depths`."""
    given: dict[str, GivenValue] = {}
    for name in numbers:
        head = name.partition("[")[0]
        if head != name and head not in given:
            given[head] = _listed(head, numbers, choices.get(head) or _shape_of(model, head))
        elif head == name:
            given[name] = numbers[name]
    return {**choices, **given, **fixed}


def _listed(path: str, numbers: Numbers, default: object) -> GivenValue:
    if isinstance(default, tuple | list):
        return tuple(_listed(f"{path}[{place}]", numbers, one) for place, one in enumerate(default))
    if path in numbers:
        return numbers[path]
    assert isinstance(default, int | str | bool) or default is not None
    return default  # type: ignore[return-value]  # a flag or text inside a list of lists


def _shape_of(model: Model, name: str) -> object:
    """The default of a list parameter: its flags and texts stay, its numbers are replaced."""
    return written_default(model, name)


def flat(values: Mapping[str, GivenValue]) -> Iterator[tuple[str, int]]:
    """The numbers among values, by symbol."""
    for name, value in values.items():
        if isinstance(value, tuple | list):
            yield from flat({f"{name}[{place}]": one for place, one in enumerate(value)})
        elif isinstance(value, int) and not isinstance(value, bool):
            yield name, value

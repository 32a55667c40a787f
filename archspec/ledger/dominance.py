"""Which of many expressions can be the largest.

Most pairs are told apart by numbers: at points where one symbol is large and the others small, or the other way
round, each is the larger one somewhere. Of the rest, most are plain: each term of the smaller one is at most a term
of the larger one. What then remains is left to a proof, for some pairs at most: a maximum of more arguments is no
less true.
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from archspec.algebra import AlgebraError, Atom, Dim, Facts, FloorDiv, Max, Monomial, Poly, compare, symbol
from archspec.algebra.evaluate import Evaluation
from archspec.algebra.poly import Coefficient, from_atom
from archspec.algebra.prove import lower_bound
from archspec.elaborate.program import Program

LARGE = 4096
OTHERS = 512
MAX_PROOFS = 20
"""So many pairs are left to a proof by the algebra, which takes some milliseconds each where there is none."""
MAX_ABSORBED = 60
"""Terms of a difference that are looked at."""


def maximum_of(sizes: Collection[Dim], program: Program) -> Dim:
    """The largest of some sizes, without those that are found never to be larger than another one."""
    facts = program.facts
    points = _points(sizes, program)
    kept: list[tuple[Dim, list[Coefficient]]] = []
    proofs = 0
    sampled = [(size, [_value(size, point) for point in points]) for size in sizes]
    for size, values in sorted(sampled, key=lambda one: one[1], reverse=True):
        larger = [above for above, others in kept if all(a >= b for a, b in zip(others, values, strict=True))]
        if any(absorbs(above - size, facts) for above in larger):
            continue
        covered = False
        for above in larger[: MAX_PROOFS - proofs]:
            proofs += 1
            covered = compare(above, ">=", size, facts) is True
            if covered:
                break
        if not covered:
            kept.append((size, values))
    arguments = [size for size, _ in kept]
    if len(arguments) == 1:
        return arguments[0]
    # As the algebra lists them; it would look for proofs for all pairs once more.
    return from_atom(Max(tuple(sorted(arguments, key=lambda size: (isinstance(size, int), repr(size))))))


def absorbs(difference: Dim, facts: Facts) -> bool:
    """Whether each negative term of a difference is at most some positive ones, which are used up by it."""
    if isinstance(difference, int):
        return difference >= 0
    positive = {monomial: Fraction(c) for monomial, c in difference.by_monomial.items() if c > 0}
    negative = [(monomial, Fraction(-c)) for monomial, c in difference.by_monomial.items() if c < 0]
    if len(negative) > MAX_ABSORBED or len(positive) > MAX_ABSORBED:
        return False
    # The products of most factors have the fewest terms that can hold them.
    for monomial, wanted in sorted(negative, key=lambda one: len(one[0]), reverse=True):
        for larger, there in positive.items():
            if not there:
                continue
            factor = _times(larger, monomial, facts)
            if factor:
                used = min(there, wanted / factor)
                positive[larger] = there - used
                wanted -= used * factor
            if not wanted:
                break
        if wanted:
            return False
    return True


def _times(larger: Monomial, monomial: Monomial, facts: Facts) -> int:
    """A number so that `larger` is at least that many times `monomial`, all factors being at least 0; 0 if unknown."""
    rest = dict(larger)
    factor = 1
    floors: list[tuple[FloorDiv, int]] = []
    for atom, exponent in monomial:
        there = rest.get(atom, 0)
        if exponent > 0 and there >= exponent:
            rest[atom] = there - exponent
        elif exponent < 0 and there == exponent:
            del rest[atom]
        elif isinstance(atom, FloorDiv) and exponent > 0:
            floors.append((atom, exponent))
        else:
            return 0
    for small, exponent in floors:
        wide = next((one for one, there in rest.items() if there >= exponent and _divides(one, small)), None)
        if wide is None:
            return 0
        assert isinstance(wide, FloorDiv)
        rest[wide] -= exponent
        factor *= (small.denominator // wide.denominator) ** exponent  # type: ignore[operator]  # `_divides`: numbers
    for atom, exponent in rest.items():
        low = lower_bound(atom, facts)
        if exponent and (exponent < 0 or low is None or low < 1):
            return 0
        factor *= (low or 1) ** exponent
    return factor if all((lower_bound(atom, facts) or 0) >= 0 for atom, _ in larger) else 0


def _divides(wide: Atom, small: FloorDiv) -> bool:
    """Whether `wide` is a floor of the same over a divisor, so that ⌊p/(r·n)⌋·r <= ⌊p/n⌋."""
    if not isinstance(wide, FloorDiv) or wide.numerator != small.numerator:
        return False
    n, m = wide.denominator, small.denominator
    return isinstance(n, int) and isinstance(m, int) and m % n == 0


def arguments(size: Dim) -> tuple[Dim, ...]:
    """The arguments of a maximum that stands alone, or the expression itself."""
    if isinstance(size, Poly) and len(size.by_monomial) == 1:
        ((monomial, coefficient),) = size.by_monomial.items()
        if coefficient == 1 and len(monomial) == 1 and isinstance(monomial[0][0], Max) and monomial[0][1] == 1:
            return monomial[0][0].args
    return (size,)


def _points(sizes: Collection[Dim], program: Program) -> list[Evaluation]:
    """Points at which the facts hold: the usual sizes first, which decide the order, then the extremes."""
    names = sorted({name for size in sizes if isinstance(size, Poly) for name in size.symbols})
    least = {name: _least(name, program) for name in names}
    known = {name: info.value for name, info in program.symbols.items()}
    usual = {name: known.get(name) or (8 if name == "B" else 224) for name in names}
    # Small parameters, and axes of inputs that are long enough for no floor to be 0.
    long = {name: low if known.get(name) else usual[name] for name, low in least.items()}
    tried = [usual, least, long]
    for name in names:
        tried.append({**least, name: least[name] * LARGE})
        tried.append({**long, name: long[name] * LARGE})
        tried.append({**{other: low * OTHERS for other, low in least.items()}, name: least[name]})
    points = [Evaluation(values) for values in tried]
    return [point for point in points if _possible(point, program.facts)] or points[:1]


def _least(name: str, program: Program) -> int:
    info = program.symbols.get(name)
    (atom,) = symbol(name, info.lower if info is not None else 1).by_monomial
    return max(program.facts.lower(atom[0][0]) or 1, 1)  # type: ignore[arg-type]  # a symbol's only atom is itself


def _possible(point: Evaluation, facts: Facts) -> bool:
    try:
        return all(point.value(fact) >= 0 for fact in facts.nonneg) and all(
            point.value(ratio).denominator == 1 for ratio in facts.ratios
        )
    except AlgebraError:  # facts about the index of a loop hold for no number of a model
        return True


def _value(size: Dim, point: Evaluation) -> Coefficient:
    try:
        return point.value(size)
    except AlgebraError:
        return 0

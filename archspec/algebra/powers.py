"""Powers with an exponent that holds symbols, and logarithms to the base 2."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from archspec.algebra.atoms import Log2, Power
from archspec.algebra.division import content, quotient, times_term
from archspec.algebra.errors import AlgebraError
from archspec.algebra.facts import NO_FACTS, Facts
from archspec.algebra.poly import ONE, Dim, collapse, from_atom, monomial_power, term, terms

_TRIAL = 100_000  # primes up to here are found in a base; what remains stays one factor


def power(base: Dim, exponent: Dim, facts: Facts = NO_FACTS) -> Dim:
    """`base ** exponent`. A symbolic exponent is split: `6**(2*i + 1)` is `6 * (2**i)**2 * (3**i)**2`.

    Raises AlgebraError for 0 to a negative power, and for a base that is not positive under a symbolic exponent.
    """
    if isinstance(exponent, int):
        return base**exponent if exponent >= 0 else quotient(1, base**-exponent)
    if isinstance(base, int):
        if base <= 0:
            raise AlgebraError(f"{base} to the power of {exponent!r}")
        result: Dim = 1
        for prime, times in prime_factors(base):
            result = result * _raise(prime, exponent * times)
        return result
    number, monomial = content(base)
    if number < 0:
        raise AlgebraError(f"the power of {base!r}, which may be negative, to {exponent!r}")
    result = power(number.numerator, exponent)
    if number.denominator != 1:
        result = quotient(result, power(number.denominator, exponent))
    for atom, times in monomial:
        if isinstance(atom, Power):
            result = result * power(atom.base, atom.exponent * exponent * times)
        else:
            result = result * _raise(from_atom(atom), exponent * times)
    if len(base.by_monomial) == 1:
        return result
    return result * _raise(times_term(base, 1 / Fraction(number), monomial_power(monomial, -1)), exponent)


def _raise(base: Dim, exponent: Dim) -> Dim:
    """A prime, an atom or a sum without common factor raised to `exponent`, split into its terms."""
    result: Dim = 1
    fractions: Dim = 0
    for coefficient, monomial in terms(exponent):
        times = coefficient // 1
        if coefficient != times:
            # Only the sum of the fractional parts is known to be an integer.
            fractions = fractions + term(coefficient - times, monomial)
        if times and monomial:
            result = result * _whole_power(_one_power(base, term(1, monomial)), times)
        elif times:
            result = result * _whole_power(base, times)
    return result if fractions == 0 else result * _one_power(base, fractions)


def _one_power(base: Dim, exponent: Dim) -> Dim:
    if isinstance(exponent, int):
        return power(base, exponent)
    if base == 2 and len(exponent.by_monomial) == 1:
        ((monomial, coefficient),) = exponent.by_monomial.items()
        if coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1 and isinstance(monomial[0][0], Log2):
            return monomial[0][0].arg
    return from_atom(Power(base, exponent))


def _whole_power(base: Dim, exponent: int) -> Dim:
    if exponent >= 0:
        return base**exponent
    if isinstance(base, int):
        return collapse({ONE: Fraction(1, base**-exponent)})
    return quotient(1, base**-exponent)


@lru_cache(maxsize=256)
def prime_factors(number: int) -> tuple[tuple[int, int], ...]:
    """The primes of a positive integer with their exponents, smallest first."""
    found: list[tuple[int, int]] = []
    divisor = 2
    while divisor * divisor <= number and divisor <= _TRIAL:
        times = 0
        while number % divisor == 0:
            number //= divisor
            times += 1
        if times:
            found.append((divisor, times))
        divisor += 1 if divisor == 2 else 2
    return (*found, (number, 1)) if number > 1 else tuple(found)


def log2(a: Dim) -> Dim:
    """The exponent of 2 that `a` is. AlgebraError for a number that is no power of two."""
    if isinstance(a, int):
        if a <= 0 or a & (a - 1):
            raise AlgebraError(f"{a} is not a power of two")
        return a.bit_length() - 1
    if len(a.by_monomial) > 1:
        return from_atom(Log2(a))
    ((monomial, coefficient),) = a.by_monomial.items()
    result: Dim = 0
    rest = []
    for atom, times in monomial:
        if isinstance(atom, Power) and atom.base == 2:
            result = result + atom.exponent * times
        else:
            rest.append((atom, times))
    above, below = coefficient.numerator, coefficient.denominator
    if above > 0 and not above & (above - 1) and not below & (below - 1):
        result = result + (above.bit_length() - below.bit_length())
        coefficient = 1
    argument = term(coefficient, tuple(rest))
    return result + (log2(argument) if isinstance(argument, int) else from_atom(Log2(argument)))

"""The ledger: what a model holds, keeps and computes, as terms that can be filtered and grouped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archspec.algebra import Dim, Facts, divide
from archspec.elaborate.program import Assumption, Program
from archspec.ledger.peak import Peak, peak, whole
from archspec.ledger.spread import Spread
from archspec.policy import Policy

if TYPE_CHECKING:
    from archspec.ledger.training import Training

ROLES = ("param", "buffer", "output", "saved", "forward", "backward", "again", "cache", "gradient", "state")


@dataclass(frozen=True)
class Term:
    """`amount` elements (roles of memory) or multiply-adds × 2 (roles `forward`, `backward` and `again`: what
    checkpointed layers compute anew for the backward pass).

    active: of a parameter, how many elements one token meets. trainable: whether a parameter is trained.
    stored: the bytes of that part in the format that weights have; None: as many as its dtype takes.
    local: the part that one of several devices has of it; None: all of it. Roles `gradient` and `state` are there when
    the model is trained, `state` (bytes for a dtype of 8 bits) only with an optimizer.
    """

    role: str
    dtype: str
    path: str
    kind: str
    amount: Dim
    active: Dim = 0
    trainable: bool = True
    local: Dim | None = None
    stored: Dim | None = None

    @property
    def share(self) -> Dim:
        """What one device has of it."""
        return self.amount if self.local is None else self.local


class Ledger:
    """All terms of a program, in the order in which it makes them."""

    def __init__(self, terms: Iterable[Term], assumptions: Iterable[Assumption] = ()) -> None:
        self.terms = list(terms)
        self.assumptions = list(assumptions)
        self.least: dict[Dim, int] = {}
        self.spread: Spread | None = None
        self.policy = Policy()
        self._trainings: dict[tuple[Dim, ...], Training] = {}
        self._peaks: dict[tuple[Dim, ...], Peak] = {}

    def elements(self, keep: Callable[[Term], bool]) -> Dim:
        """The sum of the amounts of the terms that `keep` picks."""
        return total(term.amount for term in self.terms if keep(term))

    def peak(self, program: Program, bits: Callable[[str], Dim]) -> Peak:
        """The largest sum of live storages, found once for each choice of bits."""
        dtypes = {term.dtype for term in self.terms if term.role == "output"}
        dtypes.update(tensor.dtype for tensor in program.inputs.values())
        key = tuple(bits(dtype) for dtype in sorted(dtypes))
        if key not in self._peaks:
            part = self.spread.part if self.spread is not None else whole
            self._peaks[key] = peak(program, bits, program.facts, part)
        return self._peaks[key]

    def training(self, program: Program, bits: Callable[[str], Dim]) -> Training:
        """The points of a training step, found once for each choice of bits."""
        from archspec.ledger.training import training

        key = tuple(bits(dtype) for dtype in ("act", "param", "grad", "state", "mask:act", "stat:act"))
        if key not in self._trainings:
            self._trainings[key] = training(program, self, self.policy, bits)
        return self._trainings[key]

    def size(self, keep: Callable[[Term], bool], bits: Callable[[str], Dim]) -> Dim:
        """Bytes that one device has of the terms that `keep` picks; `bits`: how many bits an element of a dtype has."""
        by_dtype: dict[str, list[Dim]] = {}
        stored: Dim = 0
        for term in self.terms:
            if term.stored is not None and keep(term):
                stored = stored + term.stored
            elif keep(term):
                by_dtype.setdefault(term.dtype, []).append(term.share)
        whole = total(bits(dtype) * total(amounts) for dtype, amounts in by_dtype.items())
        return divide(whole, 8, Facts()) + stored


def total(amounts: Iterable[Dim]) -> Dim:
    """The sum of many formulas."""
    result: Dim = 0
    for amount in amounts:
        result = result + amount
    return result


def bits_of(policy: Policy) -> Callable[[str], Dim]:
    """Bits per element under a policy."""
    return policy.bits


def symbolic_bits(policy: Policy) -> Callable[[str], Dim]:
    """Bits per element with the bytes of the dtype classes as symbols: `bytes_act`, `bytes_param`, `bytes_mask`, …"""
    from archspec.algebra import symbol

    def bits(dtype: str) -> Dim:
        family = dtype.partition(":")[0]
        if family in ("act", "param", "mask", "stat", "grad", "state"):
            return 8 * symbol(f"bytes_{family}")
        return policy.bits(dtype)

    return bits

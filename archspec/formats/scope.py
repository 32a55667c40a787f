"""Which parameters of a model a format is for, by what they are and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from archspec.algebra import Dim
from archspec.elaborate.program import Parameter, Program

LINEAR = {"Linear": False, "Conv1D": True}
"""The layers whose `weight` is a matrix that libraries quantise. True: stored with the inputs first (GPT-2)."""


@dataclass(frozen=True)
class Scope:
    """A rule. keep_last: the last linear layer outside of all loops, the output projection, stays as it is.
    keep_routers: so do linear layers with one output for each expert. only_experts: nothing else is converted.
    """

    keep_last: bool = True
    keep_routers: bool = True
    only_experts: bool = False


def in_experts(parameter: Parameter) -> bool:
    """Whether a parameter belongs to the experts of a mixture."""
    return any(loop.active is not None for loop in parameter.loops)


class Layout:
    """What rules ask about a model."""

    def __init__(self, program: Program) -> None:
        banks = (loop for parameter in program.parameters for loop in parameter.loops if loop.active is not None)
        self.experts: list[Dim] = list(dict.fromkeys(loop.count for loop in banks))
        outside = [one for one in program.parameters if is_linear(one) and not one.loops]
        self.last = outside[-1] if outside else None

    def is_router(self, parameter: Parameter) -> bool:
        """Whether a linear layer has one output for each expert."""
        return is_linear(parameter) and not in_experts(parameter) and rows_and_columns(parameter)[0] in self.experts

    def chosen(self, parameter: Parameter, scope: Scope, only: tuple[str, ...], keep: tuple[str, ...]) -> bool:
        """Whether a format is for a parameter. only: paths that take the place of the rule, among linear layers; keep:
        paths that stay as they are.
        """
        if not is_linear(parameter) or matches(parameter, keep):
            return False
        if only:
            return matches(parameter, only)
        if scope.only_experts and not in_experts(parameter):
            return False
        if scope.keep_last and parameter is self.last:
            return False
        return not (scope.keep_routers and self.is_router(parameter))


def matches(parameter: Parameter, patterns: tuple[str, ...]) -> bool:
    """Whether the path of a parameter, or of its layer, fits one of some patterns."""
    return any(fnmatchcase(parameter.path, one) or fnmatchcase(parameter.owner, one) for one in patterns)


def is_linear(parameter: Parameter) -> bool:
    """Whether a parameter is the matrix of a linear layer."""
    named = parameter.path.endswith("weight") and parameter.role == "param"
    return named and parameter.kind in LINEAR and len(parameter.tensor.shape) == 2


def rows_and_columns(parameter: Parameter) -> tuple[Dim, Dim]:
    """Outputs and inputs of the matrix of a linear layer."""
    one, other = parameter.tensor.shape
    return (other, one) if LINEAR[parameter.kind] else (one, other)

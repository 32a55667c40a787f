"""Small numbers for the symbols of a model, true to what it requires."""

from __future__ import annotations

import random

from archspec.algebra import AlgebraError, Dim, Poly, evaluate, free_symbols
from archspec.elaborate.entry import GivenValue
from archspec.elaborate.program import Assumption, SymbolInfo
from archspec.errors.diagnostic import SpecError
from archspec.model import Model
from archspec.policy import Policy
from archspec.syntax import tree

Drawn = dict[str, GivenValue]

ROUNDS = 12
"""So often a broken requirement is repaired before another draw is made."""
TRIES = 60


def draw_values(model: Model, policy: Policy, chance: random.Random) -> Drawn:
    """Values for all symbols of a model, lists as lists. Raises ValueError if no draw fits."""
    derivation = model.derive(policy)
    symbols = derivation.program.symbols
    required = [one for one in derivation.assumptions if one.origin == "require"]
    for _ in range(TRIES):
        values = {name: _draw(info, chance) for name, info in symbols.items()}
        if not _repaired(values, required, chance):
            continue
        given = as_given(model, values)
        try:
            model.check_requirements(model.derive(policy, given), given)
            model.derive(policy.with_(mode="eval"), given)
        except SpecError:
            continue  # a picture that gets too small, say
        return given
    raise ValueError(f"no small numbers fit {model.name}")


def _draw(info: SymbolInfo, chance: random.Random) -> int:
    """Images large enough to be halved some times, counts of layers and the like very small, everything else small."""
    name = info.name.partition("[")[0]
    if name in ("H", "W", "image"):
        return chance.choice((32, 33, 40, 64))
    if name in ("S", "T", "B"):
        return chance.randint(1, 4)
    if info.default is not None and info.default <= 1:
        return info.default
    if name in ("layers", "decoder_layers", "depths", "convs"):
        return chance.randint(1, 4)
    return chance.randint(2, 6)


def _repaired(values: dict[str, int], required: list[Assumption], chance: random.Random) -> bool:
    """Change symbols until every requirement holds; False if that fails."""
    for _ in range(ROUNDS):
        broken = [one for one in required if not holds(one, values)]
        if not broken:
            return True
        for one in broken:
            _repair(one, values, chance)
    return False


def holds(assumption: Assumption, values: dict[str, int]) -> bool:
    """Whether a requirement holds for numbers."""
    try:
        left, right = evaluate(assumption.left, values), evaluate(assumption.right, values)
        if assumption.modulus is not None:
            left %= evaluate(assumption.modulus, values)
    except (AlgebraError, ZeroDivisionError):
        return False
    op = assumption.op
    return {
        "==": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[op]


def _repair(one: Assumption, values: dict[str, int], chance: random.Random) -> None:
    names = sorted(_single(one.left) or free_symbols(one.left))
    if not names:
        return
    name = chance.choice(names)
    if one.modulus is not None and one.op == "==" and _single(one.left) and not free_symbols(one.right):
        try:
            modulus = evaluate(one.modulus, values)
        except AlgebraError:
            return
        values[name] = modulus * chance.randint(1, 3) + evaluate(one.right, values)
    elif one.op in ("<=", "<") and _single(one.left):
        values[name] = max(1, min(values[name], evaluate(one.right, values) - (one.op == "<")))
    else:
        values[name] += 1


def _single(dim: Dim) -> frozenset[str]:
    """The name of the symbol that an expression is."""
    if isinstance(dim, Poly) and len(dim.by_monomial) == 1 and len(dim.symbols) == 1 and repr(dim) in dim.symbols:
        return dim.symbols
    return frozenset()


def as_given(model: Model, values: dict[str, int]) -> Drawn:
    """`depths[0]` and `depths[1]` as the list `depths`; what in a list is no integer stays as it is by default."""
    given: Drawn = {name: value for name, value in values.items() if "[" not in name}
    for formal in model.definition.layer.formals:
        default = model.defaults.get(formal.name, _literal(formal.default))
        if isinstance(default, tuple):
            given[formal.name] = _filled(formal.name, default, values)
    return given


def _literal(node: tree.Expression | None) -> object:
    if isinstance(node, tree.ListLiteral):
        return tuple(_literal(item) for item in node.items)
    return node.value if isinstance(node, tree.Number | tree.Flag | tree.Text) else None


def _filled(name: str, default: object, values: dict[str, int]) -> GivenValue:
    if isinstance(default, tuple):
        return [_filled(f"{name}[{index}]", entry, values) for index, entry in enumerate(default)]
    assert isinstance(default, bool | int | str), f"{name} is no literal"
    return values.get(name, default)

"""The block type of each tensor of a GGUF file: the rules of `recipes` applied to a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from archspec.algebra import Dim, compare, roundup, substitute
from archspec.elaborate.frame import product
from archspec.elaborate.program import Parameter, Program
from archspec.formats.blocks import BLOCKS
from archspec.formats.catalogue import Format
from archspec.formats.copies import copies_of
from archspec.formats.deciding import Deciding
from archspec.formats.names import tensors
from archspec.formats.places import EVERYWHERE
from archspec.formats.recipes import ALWAYS_F32, AS_IT_CAME, ATTENTION_V, CATEGORIES, FALLBACK, Rule
from archspec.formats.scope import LINEAR, Layout, in_experts, is_linear, matches
from archspec.formats.series import Numbering, layers_around, numbering
from archspec.ledger.turns import every_turn

ALIGNMENT = 32
"""Tensors of a GGUF file begin at multiples of so many bytes (ggml/include/gguf.h, `GGUF_DEFAULT_ALIGNMENT`)."""


@dataclass(frozen=True)
class Typed:
    """Copies of a parameter with one type. elements: of all copies; aligned: their bytes in the file."""

    type: str
    copies: Dim
    elements: Dim
    aligned: Dim


def role_of(path: str) -> str:
    """The role that a weight has for llama.cpp, by its path; `other` where no pattern fits."""
    for role, patterns in CATEGORIES:
        if any(fnmatchcase(path, pattern) for pattern in patterns.split()):
            return role
    return "other"


class Types:
    """Decides on the types of a model's tensors."""

    def __init__(self, program: Program, chosen: Format, deciding: Deciding) -> None:
        assert chosen.recipe is not None
        self.recipe = chosen.recipe
        self.chosen = chosen
        self.deciding = deciding
        self.program = program
        self.layout = Layout(program)
        untied = [one for one in program.parameters if one.tied_to is None and one.role == "param"]
        self.roles = {one: role_of(one.path) for one in untied}
        for one in untied:
            if self.roles[one] == "other" and self.layout.is_router(one):
                self.roles[one] = "ffn_gate_inp"
        self.tied = "output" not in self.roles.values()
        self._numberings: dict[str, Numbering | None] = {}

    def of(self, parameter: Parameter) -> Iterator[Typed]:
        """The types of a parameter's copies."""
        if self._stays(parameter) is not None:
            yield from self._all(parameter, str(self._stays(parameter)))
            return
        role = self.roles[parameter]
        if self.chosen.options.get("pure") or not self.recipe.quantises:
            yield from self._all(parameter, self.recipe.default)
        elif role == "output" or (role == "token_embd" and self.tied):
            yield from self._all(parameter, self._output(parameter))
        else:
            yield from self._by_rule(parameter, role)

    def _stays(self, parameter: Parameter) -> str | None:
        """The type of what is not quantised."""
        shape = parameter.tensor.shape
        role = self.roles.get(parameter, "other")
        if len(shape) < 2 or not parameter.path.endswith("weight") or role in ALWAYS_F32:
            return "F32"
        source = self.recipe.default if not self.recipe.quantises else "F16"
        if role in AS_IT_CAME or matches(parameter, self.chosen.keep):
            return source
        return source if self.chosen.only and not matches(parameter, self.chosen.only) else None

    def _output(self, parameter: Parameter) -> str:
        default = self.recipe.default
        if default == "Q8_0" or not self.deciding.divides(BLOCKS[default].weights, _row(parameter)):
            return "Q8_0"
        return "Q6_K"

    def _by_rule(self, parameter: Parameter, role: str) -> Iterator[Typed]:
        """Some turns by the first rule of the role that is not for every layer, the others by the next."""
        default = self.recipe.default
        if self.recipe.experts is not None and in_experts(parameter):
            yield from self._all(parameter, self.recipe.experts)
            return
        eight = any(self.deciding.equal(count, 8) for count in self.layout.experts)
        if eight and (role in ATTENTION_V or role == "attn_k"):
            yield from self._all(parameter, "Q8_0")
            return
        if eight and role == "attn_output":
            yield from self._all(parameter, self.recipe.eight_experts or default)
            return
        group = "attn_v" if role in ATTENTION_V else role
        rules = [rule for rule in self.recipe.rules if rule.role == group and (not rule.grouped or self._grouped(4))]
        some = rules[0] if rules and rules[0].place is not EVERYWHERE else None
        rest = next((rule.type for rule in rules if rule.place is EVERYWHERE), default)
        if some is None:
            yield from self._all(parameter, self._wide(rest, group))
        else:
            yield from self._split(parameter, group, some, rest)

    def _split(self, parameter: Parameter, group: str, some: Rule, rest: str) -> Iterator[Typed]:
        numbers = self._numbering(group)
        simple = all(turns == {} for turns, _ in copies_of(parameter, self.deciding))
        if numbers is None or not simple:
            yield from self._one_by_one(parameter, group, some, rest)
            return
        series = numbers.of[parameter]
        chosen = some.place.count(series, numbers.total, self.deciding.facts)
        for type_, turns in ((some.type, chosen), (rest, series.turns - chosen)):
            if turns == 0:
                continue
            type_ = self._fitting(self._wide(type_, group), _row(parameter))
            size = self._per_layer(parameter)
            experts = self._experts(parameter)
            yield Typed(type_, turns * experts, turns * size, turns * self._aligned(type_, size))

    def _one_by_one(self, parameter: Parameter, group: str, some: Rule, rest: str) -> Iterator[Typed]:
        """Tensors with the numbers of the list of all of the role; there must be numbers for the symbols."""
        listed = [
            one
            for one in tensors(self.program, self.deciding.values, stacked=True)
            if one.parameter.tied_to is None and self._group(one.parameter) == group
        ]
        for place, one in enumerate(listed):
            if one.parameter is not parameter:
                continue
            type_ = some.type if some.place.holds(place, len(listed)) else rest
            row = one.shape[-2] if LINEAR.get(parameter.kind) else one.shape[-1]
            type_ = self._fitting(self._wide(type_, group), row)
            size = product(one.shape)
            yield Typed(type_, one.stacked or 1, size, self._aligned(type_, size))

    def _all(self, parameter: Parameter, type_: str) -> Iterator[Typed]:
        """One type for all copies, or one for those of each row length."""
        facts = self.deciding.facts
        for turns, loops in copies_of(parameter, self.deciding):
            fitting = self._fitting(type_, substitute(_row(parameter), turns, facts))
            own = substitute(product(parameter.tensor.shape), turns, facts)
            banks = tuple(loop for loop in loops if loop.active is not None)
            layers = tuple(loop for loop in loops if loop.active is None)
            size = every_turn(own, banks, facts)
            aligned = every_turn(self._aligned(fitting, size), layers, facts)
            yield Typed(fitting, every_turn(1, loops, facts), every_turn(own, loops, facts), aligned)

    # --- conditions --------------------------------------------------------------------------------

    def _group(self, parameter: Parameter) -> str:
        role = self.roles.get(parameter, "other")
        return "attn_v" if role in ATTENTION_V else role

    def _numbering(self, group: str) -> Numbering | None:
        if group not in self._numberings:
            members = [one for one in self.roles if self._group(one) == group]
            by_layer = group == "ffn_down" and bool(self.layout.experts)
            self._numberings[group] = numbering(members, by_layer, self.deciding.facts)
        return self._numberings[group]

    def _wide(self, type_: str, group: str) -> str:
        """A model of 80 layers whose heads share keys is "70B": its small `attn_v` gets more bits."""
        if group != "attn_v" or type_ not in ("Q3_K", "Q4_K") or not self._grouped(2):
            return type_
        numbers = self._numbering(group)
        layers = numbers.total if numbers is not None else 0
        return "Q5_K" if self.deciding.equal(layers, 80) else type_

    def _grouped(self, least: int) -> bool:
        """Whether at least so many query heads share a key head."""
        rows = {role: one.tensor.shape for one, role in reversed(self.roles.items()) if is_linear(one)}
        if "attn_q" in rows and "attn_v" in rows:
            queries, values = rows["attn_q"][0], rows["attn_v"][0]
            if compare(queries, "==", values, self.deciding.facts):
                return False
            return self.deciding.at_least(queries, least * values)
        if "attn_qkv" in rows and "attn_output" in rows:
            # The rows of the fused matrix are queries, keys and values; attention gives as many as there are queries.
            (_, whole), (queries, _) = self._oriented("attn_qkv"), self._oriented("attn_output")
            if compare(whole, "==", 3 * queries, self.deciding.facts):
                return False
            return self.deciding.at_least(2 * queries, least * (whole - queries))
        return "attn_kv_b" in rows

    def _oriented(self, role: str) -> tuple[Dim, Dim]:
        """Inputs and outputs of the first matrix of a role."""
        one = next(one for one in self.roles if self.roles[one] == role and is_linear(one))
        left, right = one.tensor.shape
        return (left, right) if LINEAR[one.kind] else (right, left)

    def _fitting(self, type_: str, row: Dim) -> str:
        """A type whose blocks fit a row: itself, its fallback, or float16."""
        if self.deciding.divides(BLOCKS[type_].weights, row):
            return type_
        if type_ in FALLBACK and self.deciding.divides(BLOCKS[FALLBACK[type_]].weights, row):
            return FALLBACK[type_]
        return "F16"

    def _per_layer(self, parameter: Parameter) -> Dim:
        return product(parameter.tensor.shape) * self._experts(parameter)

    def _experts(self, parameter: Parameter) -> Dim:
        """How many copies are one tensor."""
        banks = tuple(loop for loop in parameter.loops if loop not in layers_around(parameter))
        return every_turn(1, banks, self.deciding.facts)

    def _aligned(self, type_: str, elements: Dim) -> Dim:
        return roundup(BLOCKS[type_].bytes(elements), ALIGNMENT, self.deciding.facts)


def _row(parameter: Parameter) -> Dim:
    """How long a row is: GGUF has the outputs of every linear layer first."""
    shape = parameter.tensor.shape
    if not shape:
        return 1
    return shape[0] if LINEAR.get(parameter.kind) else shape[-1]

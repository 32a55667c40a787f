"""Integers, numbers, flags, texts and lists of a spec as Python expressions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

from archspec.export import names
from archspec.export.problems import refuse
from archspec.policy import Policy, dtype_named
from archspec.syntax import tree
from archspec.syntax.source import Place, Source

ATOM, POWER, SIGN, PRODUCT, SUM, COMPARISON, NOT, AND, OR, CHOICE = range(10)
"""How tightly an expression binds, the tightest first."""

PRECEDENCE = {
    "**": POWER,
    "*": PRODUCT,
    "/": PRODUCT,
    "//": PRODUCT,
    "%": PRODUCT,
    "+": SUM,
    "-": SUM,
    "and": AND,
    "or": OR,
} | dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), COMPARISON)


@dataclass(frozen=True)
class Py:
    """A Python expression: how tightly it binds, and the names of the spec that it uses.

    real: a number that is no integer; listed: a list, where an integer would do too.
    """

    text: str
    prec: int = ATOM
    uses: frozenset[str] = frozenset()
    real: bool = False
    listed: bool = False

    def within(self, prec: int) -> str:
        """The text as an operand of something that binds so tightly."""
        return self.text if self.prec <= prec else f"({self.text})"


Resolve = Callable[[tree.Name], Py]

TRAINING = "policy.mode"


@dataclass(frozen=True)
class Scalars:
    """Writes expressions of one layer. `resolve`: what a name is; `training`: what says that the model is trained."""

    resolve: Resolve
    source: Source
    policy: Policy
    training: str = "self.training"

    def write(self, node: tree.Expression) -> Py:
        """The Python of an expression without tensors."""
        if isinstance(node, tree.Number):
            return Py(names.number(node.value), real=isinstance(node.value, Fraction))
        if isinstance(node, tree.Text):
            return Py(names.text(node.value))
        if isinstance(node, tree.Flag):
            return Py(repr(bool(node.value)))
        if isinstance(node, tree.Name):
            return self.resolve(node)
        if isinstance(node, tree.Unary):
            return self._unary(node)
        if isinstance(node, tree.Binary):
            return self._binary(node)
        if isinstance(node, tree.Choice):
            return self._choice(node)
        if isinstance(node, tree.ListLiteral | tree.Group):
            return self._list(node)
        if isinstance(node, tree.Index):
            value, index = self.write(node.value), self.write(node.index)
            return Py(f"{value.within(ATOM)}[{index.text}]", uses=value.uses | index.uses)
        if isinstance(node, tree.Slice):
            return self._slice(node)
        if isinstance(node, tree.Call):
            return self._call(node)
        if isinstance(node, tree.Attribute):
            return self._policy(node)
        self.refuse(node)

    def refuse(self, node: tree.Node) -> NoReturn:
        """Say that an expression cannot be exported."""
        shown = names.comment(self.source.text[node.start : node.end])
        refuse("export-expression", Place(self.source, node.start, node.end), shown=shown)

    def fold(self, node: tree.Expression) -> bool | None:
        """Whether a condition holds, as far as the policy alone decides it."""
        if isinstance(node, tree.Flag):
            return bool(node.value)
        if isinstance(node, tree.Unary) and node.op == "not":
            inner = self.fold(node.operand)
            return None if inner is None else not inner
        if not isinstance(node, tree.Binary):
            return None
        if node.op in ("and", "or"):
            left, right = self.fold(node.left), self.fold(node.right)
            decisive = node.op == "or"
            if decisive in (left, right):
                return decisive
            return None if left is None or right is None else not decisive
        if node.op in ("==", "!="):
            one, other = _asked(node.left), _asked(node.right)
            asked, value = (one, node.right) if one is not None else (other, node.left)
            if asked is not None and asked != "mode" and isinstance(value, tree.Text):
                answer = self._answers().get(asked) == value.value
                return answer == (node.op == "==")
        return None

    def _answers(self) -> dict[str, str]:
        return self.policy.answers()

    def _policy(self, node: tree.Attribute) -> Py:
        asked = _asked(node)
        if asked == "mode":
            return Py(f'"train" if {self.training} else "eval"', CHOICE)
        if asked in self._answers():
            return Py(names.text(self._answers()[asked]))
        self.refuse(node)

    def _unary(self, node: tree.Unary) -> Py:
        value = self.write(node.operand)
        if node.op == "not":
            return Py(f"not {value.within(NOT)}", NOT, value.uses)
        return Py(f"{node.op}{value.within(SIGN)}", SIGN, value.uses, value.real)

    def _binary(self, node: tree.Binary) -> Py:
        if node.op in ("and", "or"):
            return self._junction(node)
        if node.op in ("==", "!="):
            trained = self._trained(node)
            if trained is not None:
                return trained
        left, right = self.write(node.left), self.write(node.right)
        return self.joined(left, node.op, right)

    def joined(self, left: Py, op: str, right: Py) -> Py:
        """Two operands and what stands between them."""
        prec = PRECEDENCE[op]
        real = left.real or right.real
        shown = "//" if op == "/" and not real else op
        if op == "**":
            text = f"{left.within(ATOM)}**{right.within(SIGN)}"
        elif prec == COMPARISON:
            text = f"{left.within(SUM)} {op} {right.within(SUM)}"
        else:
            text = f"{left.within(prec)} {shown} {right.within(prec - 1)}"
        return Py(text, prec, left.uses | right.uses, real)

    def _junction(self, node: tree.Binary) -> Py:
        """`and`, `or`, with the parts left out that the policy decides."""
        for one, other in ((node.left, node.right), (node.right, node.left)):
            known = self.fold(one)
            if known is not None and known == (node.op == "and"):
                return self.write(other)
        decided = self.fold(node)
        if decided is not None:
            return Py(repr(decided))
        left, right = self.write(node.left), self.write(node.right)
        for side, rest in ((left, right), (right, left)):
            if side.text in ("True", "False"):
                return rest if side.text == repr(node.op == "and") else Py(side.text)
        prec = PRECEDENCE[node.op]
        return Py(f"{left.within(prec)} {node.op} {right.within(prec)}", prec, left.uses | right.uses)

    def _trained(self, node: tree.Binary) -> Py | None:
        """`policy.mode == "train"` is asked when the model runs, not when it is exported."""
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if _asked(one) == "mode" and isinstance(other, tree.Text) and other.value in ("train", "eval"):
                wanted = (other.value == "train") == (node.op == "==")
                uses = frozenset((TRAINING,))
                return Py(self.training, uses=uses) if wanted else Py(f"not {self.training}", NOT, uses)
        return None

    def _choice(self, node: tree.Choice) -> Py:
        known = self.fold(node.condition)
        if known is not None:
            return self.write(node.then if known else node.other)
        then, condition, other = self.write(node.then), self.write(node.condition), self.write(node.other)
        text = f"{then.within(OR)} if {condition.within(OR)} else {other.within(CHOICE)}"
        return Py(text, CHOICE, then.uses | condition.uses | other.uses, then.real or other.real)

    def _list(self, node: tree.ListLiteral | tree.Group) -> Py:
        items = [self.write(item) for item in node.items]
        inner = ", ".join(item.text for item in items)
        uses = frozenset[str]().union(*(item.uses for item in items))
        return Py(f"({inner},)" if len(items) == 1 else f"({inner})", uses=uses)

    def _slice(self, node: tree.Slice) -> Py:
        value = self.write(node.value)
        bounds = [None if bound is None else self.write(bound) for bound in (node.lower, node.upper)]
        inner = ":".join("" if bound is None else bound.within(SUM) for bound in bounds)
        uses = value.uses.union(*(bound.uses for bound in bounds if bound is not None))
        return Py(f"{value.within(ATOM)}[{inner}]", uses=uses)

    def _call(self, node: tree.Call) -> Py:
        function = node.function
        if not isinstance(function, tree.Name) or any(argument.name for argument in node.arguments):
            self.refuse(node)
        arguments = [self.write(argument.value) for argument in node.arguments]
        uses = frozenset[str]().union(*(argument.uses for argument in arguments))
        made = _function(function.name, arguments)
        if made is None:
            self.refuse(node)
        return Py(made.text, made.prec, uses)


def _asked(node: tree.Expression) -> str | None:
    """`attention` of `policy.attention`."""
    if isinstance(node, tree.Attribute) and isinstance(node.value, tree.Name) and node.value.name == "policy":
        return node.name
    return None


def _function(name: str, given: list[Py]) -> Py | None:
    texts = [one.text for one in given]
    if name in ("min", "max", "len", "sum", "range"):
        return Py(f"{name}({', '.join(texts)})")
    if name == "axis" and len(given) == 2:
        return Py(f"{texts[0]}[{texts[1]}]") if given[0].listed or texts[0].startswith("(") else given[0]
    if name == "at_most" and len(given) == 1:
        return given[0]  # what is built is as large as may be
    if name == "prod" and len(given) == 1:
        return Py(f"math.prod({texts[0]})")
    if name == "ceil_div" and len(given) == 2:
        return Py(f"-(-{given[0].within(SIGN)} // {given[1].within(SIGN)})", SIGN)
    if name == "round_up" and len(given) == 2:
        return Py(f"-(-{given[0].within(SIGN)} // {given[1].within(SIGN)}) * {given[1].within(SIGN)}", PRODUCT)
    if name == "log2" and len(given) == 1:
        return Py(f"{given[0].within(ATOM)}.bit_length() - 1", SUM)
    return None


def dtype(name: str) -> str | None:
    """`torch.float32` for a precision of the spec; None for the classes that the policy decides."""
    official = dtype_named(name)
    if official is None or official in ("act", "mask", "stat"):
        return None
    return {"float8": "torch.float8_e4m3fn", "int4": "torch.int8"}.get(official, f"torch.{official}")

"""Which parentheses can go: those that change nothing, and help nobody to read."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.printing.marks import Marker, nodes
from archspec.syntax import tree
from archspec.syntax.tables import tables

_ANY, _PIPE, _OR, _AND, _NOT, _COMPARED, _SUM, _PRODUCT, _SIGNED, _POWER, _POSTFIX = range(-1, 10)
_BINARY = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM, "**": _POWER} | dict.fromkeys(("*", "/", "//", "%"), _PRODUCT)


def superfluous(marker: Marker, file: tree.File) -> set[int]:
    """The numbers of the brackets that can be left out."""
    dropped: set[int] = set()
    grouped = {marker.at[node.start] for node in nodes(file) if isinstance(node, tree.Group)}
    grouped |= {marker.at[node.start] + 1 for node in nodes(file) if isinstance(node, tree.Each)}
    for node in nodes(file):
        for child, needed in _children(node):
            first, last = marker.at[child.start] - 1, marker.before[child.end] + 1
            pairs: list[tuple[int, int]] = []
            while (
                marker.partner.get(first) == last
                and marker.pieces[first].kind == "LEFT_PARENTHESIS"
                and not marker.pieces[first].joined
                and first not in grouped
            ):
                pairs.append((first, last))
                first, last = first - 1, last + 1
            for pair in pairs[1:] if _wanted(marker, node, child, needed) else pairs:
                if not _noted(marker, *pair):
                    dropped.update(pair)
    return dropped


def _noted(marker: Marker, first: int, last: int) -> bool:
    """Whether comments stand beside one of two brackets."""
    return any(marker.pieces[number].notes for number in (first, first + 1, last, last + 1))


def _wanted(marker: Marker, node: tree.Node, child: tree.Node, needed: int) -> bool:
    """Whether a child needs its parentheses, or reads better with them."""
    own = _strength(child)
    if own < needed:
        return True
    if isinstance(child, tree.Choice | tree.Pipe) and not isinstance(node, tree.Assign):
        return True  # a choice or a pipe among arguments
    if isinstance(node, tree.Binary | tree.Unary) and own < _SIGNED:
        return True  # `(a and b) or c`, `not (a == b)`: they tell how the author thinks of it
    piece = marker.pieces[marker.at[child.start]]
    # A keyword in parentheses is a name, and what begins with `[` could be taken for axes of a name.
    return piece.text in tables().keywords or piece.kind == "LEFT_BRACKET" or isinstance(child, tree.Number)


def _strength(node: tree.Node) -> int:
    match node:
        case tree.Choice():
            return _ANY
        case tree.Pipe():
            return _PIPE
        case tree.Binary():
            return _BINARY.get(node.op, _COMPARED)
        case tree.Unary():
            return _NOT if node.op == "not" else _SIGNED
    return _POSTFIX


def _children(node: tree.Node) -> Iterator[tuple[tree.Node, int]]:
    """The expressions in a record, and how tightly each must bind to stand there without parentheses."""
    match node:
        case tree.Binary(op="**"):
            yield from ((node.left, _POSTFIX), (node.right, _SIGNED))
        case tree.Binary():
            own = _BINARY.get(node.op, _COMPARED)
            yield from ((node.left, own + (own == _COMPARED)), (node.right, own + 1))
        case tree.Unary():
            yield node.operand, _NOT if node.op == "not" else _SIGNED
        case tree.Pipe():
            yield node.value, _OR
        case tree.Stage():
            yield node.layer, _POSTFIX
        case tree.Call():
            yield node.function, _POSTFIX
        case tree.Attribute() | tree.Index() | tree.Slice():
            yield node.value, _POSTFIX
        case tree.Group() | tree.ListLiteral():
            yield from ((item, _ANY) for item in node.items)
        case tree.Argument():
            yield node.value, _ANY
        case tree.Assign():
            yield node.value, _PIPE
        case tree.Condition():
            yield node.value, _SUM
        case tree.Repeat():
            yield node.count, _OR
        case tree.Each():
            yield node.values, _OR
        case tree.Where() | tree.FlopsDecl():
            yield node.value, _OR
        case tree.Require() | tree.If():
            yield node.condition, _OR
    for name in ("when", "last", "default"):
        value = getattr(node, name, None)
        if isinstance(value, tree.Node):
            yield value, _OR

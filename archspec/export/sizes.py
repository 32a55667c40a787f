"""Sizes of the local algebra as integer Python."""

from __future__ import annotations

from archspec.algebra import Dim, free_symbols, to_python
from archspec.export.scalars import ATOM, OR, PRECEDENCE, SIGN, Py


def dim(value: Dim, texts: dict[str, Py]) -> Py:
    """A size of the local algebra, with the Python of each symbol in it."""
    if isinstance(value, int):
        return Py(repr(value), ATOM if value >= 0 else SIGN)
    import ast

    symbols = sorted(free_symbols(value))
    if len(symbols) == 1 and value == _alone(symbols[0], value):
        return texts[symbols[0]]
    stand_ins = {name: f"v{index}" for index, name in enumerate(symbols)}
    parsed = ast.parse(to_python(value, stand_ins), mode="eval").body
    uses = frozenset[str]().union(*(texts[name].uses for name in symbols))
    return _written(parsed, {stand_ins[name]: texts[name] for name in symbols}, uses)


def _alone(name: str, value: Dim) -> Dim | None:
    from archspec.algebra import terms
    from archspec.algebra.atoms import Sym

    found = list(terms(value))
    if len(found) == 1 and found[0][0] == 1:
        monomial = list(found[0][1])
        if len(monomial) == 1 and monomial[0][1] == 1 and isinstance(monomial[0][0], Sym):
            return value
    return None


def _written(node: object, texts: dict[str, Py], uses: frozenset[str]) -> Py:
    """Integer Python with the usual blanks, its names replaced."""
    import ast

    operators = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Pow: "**", ast.Mod: "%"}
    if isinstance(node, ast.Name):
        return Py(texts[node.id].text, texts[node.id].prec, uses) if node.id in texts else Py(node.id, uses=uses)
    if isinstance(node, ast.Constant):
        return Py(repr(node.value), uses=uses)
    if isinstance(node, ast.UnaryOp):
        return Py(f"-{_written(node.operand, texts, uses).within(SIGN)}", SIGN, uses)
    if isinstance(node, ast.BinOp):
        op = operators[type(node.op)]
        prec = PRECEDENCE[op]
        left, right = _written(node.left, texts, uses), _written(node.right, texts, uses)
        if op == "**":
            return Py(f"{left.within(ATOM)}**{right.within(ATOM)}", prec, uses)
        return Py(f"{left.within(prec)} {op} {right.within(prec - 1)}", prec, uses)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return Py(f"{node.func.id}({', '.join(_written(one, texts, uses).text for one in node.args)})", uses=uses)
    text = ast.unparse(node)  # type: ignore[arg-type]  # a sum over a range: rare, and shown as it comes
    for name, py in texts.items():
        text = text.replace(name, py.within(ATOM))
    return Py(text, OR, uses)


def size_hint(axis: int, rank: int) -> str:
    """A name for a size, by where it stands."""
    if rank >= 3 and axis == 1:
        return "channels"
    if rank == 4 and axis > 1:
        return ("height", "width")[axis - 2]
    return "features" if axis == rank - 1 else "length"

"""The arguments of a layer as text: no defaults, the first ones by position."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from archspec.importing.lift.rules.registry import Word
from archspec.importing.lift.spellings import formals
from archspec.importing.program import Call, Real, Slot, Template
from archspec.syntax import tree


def real(number: float) -> str:
    """A real number as the notation writes it, always with a point or an exponent. Its value changes no size: what
    stands behind six digits is mostly what computing it left over.
    """
    number = float(f"{number:.6g}")
    text = (
        f"{Decimal(repr(float(number))).normalize():f}" if 1e-4 <= abs(number) < 1e16 or number == 0 else repr(number)
    )
    if "e" not in text and "." not in text:
        text += ".0"
    mantissa, mark, exponent = text.partition("e")
    return f"{mantissa}{mark}{int(exponent)}" if mark else text


def quoted(text: str) -> str:
    """A text between quotes, with nothing in it that would end it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def value(template: Template, texts: Mapping[int, str], reals: list[float]) -> str:
    """A template with its numbers put in."""
    if isinstance(template, bool):
        return "true" if template else "false"
    if isinstance(template, Slot):
        return texts[template.place]
    if isinstance(template, Real):
        return real(reals[template.place])
    if isinstance(template, Word):
        return str(template)
    if isinstance(template, str):
        return quoted(template)
    if isinstance(template, tuple):
        return "[" + ", ".join(value(one, texts, reals) for one in template) + "]"
    return str(template)


def written(call: Call, texts: Mapping[int, str]) -> str:
    """A layer with its arguments, those left out that are what they would be anyway."""
    known = formals(call.layer)
    found: dict[str, str] = {name: value(one, texts, call.reals) for name, one in call.arguments}
    parts: list[str] = []
    positional = True
    for name, formal in known.items():
        if name not in found:
            positional = False
            continue
        if formal.default is not None and _default(formal.default, found, known) == found[name]:
            positional = False
            continue
        positional = positional and formal.default is None
        # A second size, such as a kernel, is read more easily without its name where it is required.
        parts.append(found[name] if positional else f"{name} = {found[name]}")
    return f"{call.layer}({', '.join(parts)})" if parts else call.layer


def _default(node: tree.Expression, found: Mapping[str, str], known: Mapping[str, tree.Formal]) -> str:
    if isinstance(node, tree.Name):
        if node.name in found:
            return found[node.name]
        formal = known.get(node.name)
        return _default(formal.default, found, known) if formal is not None and formal.default is not None else ""
    if isinstance(node, tree.Flag):
        return "true" if node.value else "false"
    if isinstance(node, tree.Text):
        return quoted(node.value)
    if isinstance(node, tree.Number):
        return real(float(node.value)) if "." in node.text or "e" in node.text else str(node.value)
    if isinstance(node, tree.Unary) and node.op == "-" and isinstance(node.operand, tree.Number):
        return "-" + _default(node.operand, found, known)
    return ""

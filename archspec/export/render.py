"""The text of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.elaborate.frame import Frame
from archspec.errors.diagnostic import SpecError
from archspec.export import names
from archspec.export.code import Line, live, render
from archspec.export.scalars import Scalars
from archspec.export.writer import Writer, with_attributes
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.export.project import Built

INDENT = "    "
BODY = INDENT * 2


def class_text(w: Writer, built: Built) -> str:
    """The class of a composite. Says, in `built`, which sizes its constructor takes."""
    layer = w.frame.layer
    formals = [formal for formal in layer.formals if formal.name in built.formals]
    used = w.settle(w.init, [*w.stored, *(formal.name for formal in formals)])
    built.axes = [name for name, kind in w.kinds.items() if kind == "axis" and name in used]
    wheres = [name for name in w.stored if w.kinds[name] == "where"]
    found = w.attribute_names()
    parameters = [f"{w.ident(name)}: int" for name in built.axes]
    resolved: list[Line] = []
    for formal in formals:
        parameters.append(formal_text(w, formal, formals, resolved))
    if built.by_keyword and parameters:
        parameters.insert(0, "*")
    head = f"class {built.name}(nn.Module):"
    lines = [head, *names.docstring(layer.doc, INDENT), ""]
    lines.extend([*(f"{INDENT}{one}" for one in dict.fromkeys(w.annotations)), ""] if w.annotations else [])
    lines.extend(_def("__init__", parameters, "None"))
    lines.append(f"{BODY}super().__init__()")
    lines.extend(render([*resolved], BODY))
    lines.extend(f"{BODY}self.{found[name]} = {w.ident(name)}" for name in w.stored if name not in wheres)
    body = render(w.init, BODY)
    lines.extend(_with_wheres(body, w, wheres, found))
    lines.append("")
    lines.extend(forward_text(w, built))
    return with_attributes("\n".join(lines), found)


def _with_wheres(body: list[str], w: Writer, wheres: list[str], found: dict[str, str]) -> list[str]:
    """Named integers that `forward` needs are kept as soon as they are known."""
    lines: list[str] = []
    for line in body:
        lines.append(line)
        for name in wheres:
            if line.startswith(f"{BODY}{w.ident(name)} = "):
                lines.append(f"{BODY}self.{found[name]} = {w.ident(name)}")
    return lines


def _def(name: str, parameters: list[str], result: str, indent: str = INDENT) -> list[str]:
    whole = f"{indent}def {name}(self{''.join(', ' + one for one in parameters)}) -> {result}:"
    if len(whole) <= 112:
        return [whole]
    short = f"{indent}{INDENT}self, {', '.join(parameters)}"
    if len(short) <= 112:
        return [f"{indent}def {name}(", short, f"{indent}) -> {result}:"]
    inner = [f"{indent}{INDENT}{one}," for one in ("self", *parameters)]
    return [f"{indent}def {name}(", *inner, f"{indent}) -> {result}:"]


def formal_text(w: Writer, formal: tree.Formal, formals: list[tree.Formal], resolved: list[Line]) -> str:
    """`hidden: int = 4`; a default that hangs on other parameters is worked out in the constructor."""
    ident, annotation = w.ident(formal.name), w.types[formal.name]
    if formal.default is None:
        return f"{ident}: {annotation}"
    value = Scalars(w.in_init, w.frame.definition.source, w.project.policy).write(formal.default)
    if value.uses:
        resolved.append(Line(f"{ident} = {value.within(8)} if {ident} is None else {ident}"))
        return f"{ident}: {annotation} | None = None"
    return f"{ident}: {annotation} = {value.text}"


def forward_text(w: Writer, built: Built) -> list[str]:
    """The method `forward` of a composite."""
    signature = w.frame.layer.signature
    assert signature is not None
    parameters = [f"{w.ident(declared.name)}: Tensor" for declared in signature.inputs]
    parameters.extend(f"{w.ident(name)}: {w.types[name]}" for name in built.runtime)
    if built.needs_device:
        parameters.append("device: torch.device | None = None")
    outputs = [w.ident(declared.name) for declared in signature.outputs]
    lines = _def("forward", parameters, result_type(len(outputs)))
    lines.extend(names.docstring(signature_text(w.frame, signature), BODY))
    body = render([*w.header, *w.forward], BODY)
    last = f"{BODY}{outputs[0]} = " if len(outputs) == 1 else ""
    if last and body and body[-1].startswith(last):
        body[-1] = f"{BODY}return {body[-1][len(last):]}"
        return [*lines, *body]
    return [*lines, *body, f"{BODY}return {', '.join(outputs)}"]


def result_type(count: int) -> str:
    """The type of so many outputs."""
    return "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"


def signature_text(frame: Frame, signature: tree.Signature) -> str:
    """The signature of a layer as the spec writes it."""
    return names.comment(frame.definition.source.text[signature.start : signature.end])


def turn_text(child: Writer, outputs: list[str], attribute: str) -> str:
    """The class of one turn of a loop."""
    exported = [name for name in child.exported_live]
    captured = child.captured(exported)
    child.settle(child.init, [*child.stored, *captured, *child.exported_uses(exported)])
    found = child.attribute_names()
    parameters = [f"{child.ident(name)}: {child.types.get(name, 'int')}" for name in captured]
    assert child.parent is not None
    lines = [f"class {child.name}(nn.Module):", f'{INDENT}"""One turn of `{attribute}` in `{child.parent.name}`."""', ""]
    lines.extend(_def("__init__", parameters, "None"))
    lines.append(f"{BODY}super().__init__()")
    lines.extend(f"{BODY}self.{found[name]} = {child.ident(name)}" for name in child.stored)
    lines.extend(render(child.init, BODY))
    for name in exported:
        lines.append(f"{BODY}self.{child.ident(name)} = {child.exports[name]().text}")
    lines.append("")
    inputs = [f"{child.ident(name)}: Tensor" for name in child.inputs]
    inputs.extend(f"{'device' if name == 'device' else child.ident(name)}: {kind}" for name, kind in child.arguments.items())
    inputs.extend(f"{child.ident(name)}: nn.Module" for name in child.modules)
    results = [child.ident(name) for name in outputs]
    lines.extend(_def("forward", inputs, result_type(len(results)) if results else "None"))
    body = render([*child.header, *child.forward], BODY)
    last = f"{BODY}{results[0]} = " if len(results) == 1 else ""
    if last and body and body[-1].startswith(last):
        body[-1] = f"{BODY}return {body[-1][len(last):]}"
        results = []
    lines.extend(body)
    if results:
        lines.append(f"{BODY}return {', '.join(results)}")
    return with_attributes("\n".join(lines), found)


__all__ = ["SpecError", "class_text", "forward_text", "formal_text", "live", "turn_text"]

"""The text of classes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archspec.elaborate.frame import Frame
from archspec.export import names
from archspec.export.code import Line, render
from archspec.export.scalars import Scalars
from archspec.export.writer import Writer, with_attributes
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.export.project import Built

INDENT = "    "
BODY = INDENT * 2


def class_texts(w: Writer, built: Built) -> list[str]:
    """The class of a composite, and before it those of the turns of its loops. Says, in `built`, which sizes its
    constructor takes.
    """
    layer = w.frame.layer
    formals = [formal for formal in layer.formals if formal.name in built.formals]
    _name_turns(w)
    used = w.settle(w.init, [*w.stored, *(formal.name for formal in formals)])
    built.axes = [name for name, kind in w.kinds.items() if kind == "axis" and name in used]
    parameters = [f"{w.ident(name)}: int" for name in built.axes]
    resolved: list[Line] = []
    for formal in formals:
        parameters.append(formal_text(w, formal, formals, resolved))
    if built.by_keyword and parameters:
        parameters.insert(0, "*")
    lines = [f"class {built.name}({w.project.base(built)}):", *names.docstring(layer.doc, INDENT), ""]
    lines.extend([*(f"{INDENT}{one}" for one in dict.fromkeys(w.annotations)), ""] if w.annotations else [])
    lines.extend(_constructor(w, parameters, render([*resolved], BODY), []))
    lines.append("")
    lines.extend(forward_text(w, built))
    return [*_turn_texts(w), with_attributes("\n".join(lines), w.attribute_names())]


def _name_turns(w: Writer) -> None:
    """Classes of turns are called as one of what the loop makes: `T5Block`, unless a layer has that name."""
    for child, _, attribute in w.children:
        name = f"{w.name}{names.singular(names.camel(attribute))}"
        layer = w.frame.definition.scope.lookup(name)
        child.name = w.project.class_name(name if layer is None else f"{name}Turn")
        _name_turns(child)


def _turn_texts(w: Writer) -> list[str]:
    texts: list[str] = []
    for child, outputs, attribute in w.children:
        text = turn_text(child, outputs, attribute)
        texts.extend([*_turn_texts(child), text])
    return texts


def _constructor(w: Writer, parameters: list[str], first: list[str], last: list[str]) -> list[str]:
    """`__init__`. What `forward` needs is kept: parameters at once, named integers as soon as they are known."""
    found = w.attribute_names()
    own = w.own_names()
    lines = [*_def("__init__", parameters, "None"), f"{BODY}super().__init__()", *first]
    lines.extend(f"{BODY}self.{found[name]} = {w.ident(name)}" for name in w.stored if name not in own)
    for line in render(w.init, BODY):
        lines.append(line)
        for name in w.stored:
            if name in own and line.strip().startswith(f"{w.ident(name)} = "):
                indent = line[: len(line) - len(line.lstrip())]
                lines.append(f"{indent}self.{found[name]} = {w.ident(name)}")
    return [*lines, *last]


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
    parameters = [f"{w.ident(declared.name)}: {w.project.dialect.tensor}" for declared in signature.inputs]
    parameters.extend(f"{w.ident(name)}: {w.types[name]}" for name in built.runtime)
    if built.needs_device:
        parameters.extend(["device: torch.device | None = None", "dtype: torch.dtype | None = None"])
    outputs = [w.ident(declared.name) for declared in signature.outputs]
    body = render([*w.header, *w.forward], BODY)
    lines = _def(w.project.dialect.method, [*parameters, *_mode(w, body)], _result(w, len(outputs)))
    lines.extend(names.docstring(signature_text(w.frame, signature), BODY))
    return [*lines, *_returning(body, outputs)]


def _mode(w: Writer, body: list[str]) -> list[str]:
    """The argument that says whether the model is trained, which Keras passes on to every layer that has it."""
    asked = w.project.dialect.framework == "keras" and any(re.search(r"\btraining\b", line) for line in body)
    return ["training: bool = False"] if asked else []


def _result(w: Writer, count: int) -> str:
    return result_type(count).replace("Tensor", w.project.dialect.tensor)


def result_type(count: int) -> str:
    """The type of so many outputs."""
    return "Tensor" if count == 1 else f"tuple[{', '.join(['Tensor'] * count)}]"


def signature_text(frame: Frame, signature: tree.Signature) -> str:
    """The signature of a layer as the spec writes it."""
    return names.comment(frame.definition.source.text[signature.start : signature.end])


def turn_text(child: Writer, outputs: list[str], attribute: str) -> str:
    """The class of one turn of a loop."""
    exported = list(child.exported)
    captured = child.captured(exported)
    child.settle(child.init, [*child.stored, *captured, *child.exported_uses(exported)])
    parameters = [f"{child.ident(name)}: {child.types.get(name, 'int')}" for name in captured]
    assert child.parent is not None
    doc = f'{INDENT}"""One turn of `{attribute}` in `{child.parent.name}`."""'
    lines = [f"class {child.name}({child.project.dialect.base}):", doc, ""]
    last = [f"{BODY}self.{child.ident(name)} = {child.exports[name]().text}" for name in exported]
    lines.extend(_constructor(child, parameters, [], last))
    lines.append("")
    inputs = [f"{child.ident(name)}: {child.project.dialect.tensor}" for name in child.inputs]
    for name, kind in child.arguments.items():
        inputs.append(f"{name if name in ('device', 'dtype') else child.ident(name)}: {kind}")
    inputs.extend(f"{child.ident(name)}: {child.project.dialect.base}" for name in child.modules)
    results = [child.ident(name) for name in outputs]
    body = render([*child.header, *child.forward], BODY)
    inputs.extend(_mode(child, body))
    lines.extend(_def(child.project.dialect.method, inputs, _result(child, len(results)) if results else "None"))
    lines.extend(_returning(body, results))
    return with_attributes("\n".join(lines), child.attribute_names())


def _returning(body: list[str], results: list[str]) -> list[str]:
    """The body of `forward`, with what it gives at its end."""
    last = f"{BODY}{results[0]} = " if len(results) == 1 else ""
    if last and body and body[-1].startswith(last):
        return [*body[:-1], f"{BODY}return {body[-1][len(last) :]}"]
    return [*body, f"{BODY}return {', '.join(results)}"] if results else body

"""Classes of single layers that have parameters of their own and are spelled as functions of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.elaborate.values import Definition
from archspec.export import names
from archspec.export.code import wrapped
from archspec.export.functions import Lines
from archspec.export.observe import Use
from archspec.export.render import BODY, INDENT, result_type
from archspec.export.scalars import dtype
from archspec.export.spellings import Spelled, modules_in
from archspec.syntax import tree

if TYPE_CHECKING:
    from archspec.export.project import Built, Project


def primitive_class(project: Project, definition: Definition, use: Use, binding: tree.Binding, built: Built) -> str:
    """A class for a layer with parameters of its own, which it hands to a function."""
    from archspec.export.declaring import fresh_tensor, keras_weight
    from archspec.export.project import annotation

    layer = definition.layer
    signature = layer.signature
    assert signature is not None and binding.call is not None
    pool = names.Pool()
    making = Lines(layer, definition, project, pool, from_inputs=False)
    made: list[str] = []
    annotations: list[str] = []
    attributes: dict[str, str] = {}
    for statement in layer.body:
        if not isinstance(statement, tree.ParamDecl):
            continue
        condition = None if statement.when is None else making.scalars.write(statement.when).text
        for declared in statement.tensors:
            sizes = [making.scalars.write(axis).text for axis in declared.axes]  # type: ignore[arg-type]
            wanted = dtype(declared.dtype) if declared.dtype is not None else None
            if project.dialect.framework == "keras":
                line, absent = keras_weight(names.checked(declared.name), statement.kind, sizes, wanted)
            else:
                value = fresh_tensor(declared.name, statement.kind, sizes, wanted)
                line, absent = _attribute(names.checked(declared.name), statement, value)
            attributes[declared.name] = f"self.{declared.name}"
            if statement.kind == "buffer" and project.dialect.framework == "torch":
                annotations.append(f"{INDENT}{declared.name}: Tensor")
            if condition is None:
                made.append(line)
            else:
                made.extend([f"if {condition}:", f"{INDENT}{line}", "else:", f"{INDENT}{absent}"])
    running = Lines(layer, definition, project, pool, making.idents, attributes=dict(attributes))
    inputs = [running.ident(declared.name) for declared in signature.inputs]
    for formal in layer.formals:
        if formal.name not in attributes:
            running.attributes[formal.name] = f"self.{running.ident(formal.name)}"
    device = f"{inputs[0]}.device" if inputs else "device"
    framework = project.dialect.framework
    inside = modules_in(binding, framework)
    modules = {id(inner): f"self.\x02{place}\x02" for place, inner in enumerate(inside)}
    call = Spelled(running.scalars, definition, framework, frozenset(), device, modules=modules).write(binding.call)
    kept = [formal.name for formal in layer.formals if formal.name in call.uses and formal.name not in attributes]
    own = names.Pool(frozenset((*kept, *attributes)))
    body = call.text
    for place, inner in enumerate(inside):
        assert isinstance(inner.function, tree.Attribute)
        attribute = own.take(names.snake(inner.function.name))
        text = Spelled(making.scalars, definition, framework, frozenset(), made=inner).write(inner).text
        body = body.replace(f"\x02{place}\x02", attribute)
        made.append(f"self.{attribute} = {text}")
    formals = [formal for formal in layer.formals if formal.name in making.used or formal.name in kept]
    built.axes, built.formals = list(making.axes), [formal.name for formal in formals]
    parameters = [f"{making.ident(name)}: int" for name in making.axes]
    for formal in formals:
        default = "" if formal.default is None else f" = {making.scalars.write(formal.default).text}"
        parameters.append(f"{making.ident(formal.name)}: {annotation(use, formal)}{default}")
    lines = [f"class {built.name}({project.dialect.base}):", *names.docstring(layer.doc, INDENT), ""]
    lines.extend([*annotations, ""] if annotations else [])
    lines.append(f"{INDENT}def __init__({', '.join(('self', *parameters))}) -> None:")
    lines.append(f"{BODY}super().__init__()")
    lines.extend(f"{BODY}self.{making.ident(name)} = {making.ident(name)}" for name in kept)
    lines.extend(f"{BODY}{line}" for line in (*making.shapes.values(), *made))
    lines.append("")
    tensor = project.dialect.tensor
    head = ", ".join(("self", *(f"{one}: {tensor}" for one in inputs)))
    result = result_type(len(signature.outputs)).replace("Tensor", tensor)
    lines.append(f"{INDENT}def {project.dialect.method}({head}) -> {result}:")
    lines.extend(f"{BODY}{line}" for line in running.shapes.values())
    lines.append(f"{BODY}return {body}")
    return "\n".join(f"{indent}{piece}" for line in lines for indent, piece in _pieces(line))


def _pieces(line: str) -> list[tuple[str, str]]:
    """A line with its indentation, cut where it is too long."""
    text = line.lstrip()
    indent = line[: len(line) - len(text)]
    whole = not text or '"""' in text or text.startswith(("class ", "def "))
    return [(indent, text)] if whole else [(indent, piece) for piece in wrapped(text, indent)]


def _attribute(name: str, statement: tree.ParamDecl, value: str) -> tuple[str, str]:
    quoted = names.text(name)
    if statement.kind == "buffer":
        how = ", persistent=False" if statement.transient else ""
        return f"self.register_buffer({quoted}, {value}{how})", f"self.register_buffer({quoted}, None)"
    return f"self.{name} = nn.Parameter({value})", f"self.register_parameter({quoted}, None)"

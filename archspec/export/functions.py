"""Functions and classes of single layers, from their spelling alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archspec.elaborate.values import Definition
from archspec.export import keras_helpers, names
from archspec.export.code import WIDTH, split_arguments, wrapped
from archspec.export.observe import Use
from archspec.export.problems import refuse
from archspec.export.render import BODY, INDENT, result_type
from archspec.export.scalars import TRAINING, Py, Scalars, dtype
from archspec.export.spellings import Spelled, modules_in
from archspec.export.writer import is_image
from archspec.syntax import tree
from archspec.syntax.source import Place

if TYPE_CHECKING:
    from archspec.export.project import Built, Project

BANK = '''def NAME(experts: nn.ModuleList, rows: Tensor, chosen: Tensor | None = None) -> Tensor:
    """Each expert on its own rows, which come in the order of the experts: as many to each as `chosen` names it.

    Without `chosen`, or where it has no values (`meta`, fake tensors), every expert gets as many: costs are the same.
    """
    flat = torch.flatten(rows, 0, -2)
    if chosen is None or chosen.is_meta or type(chosen) is not Tensor:
        parts = torch.tensor_split(flat, len(experts))
    else:
        counts = torch.bincount(torch.flatten(chosen), minlength=len(experts))
        parts = torch.split(flat, counts.tolist())
    done = torch.cat([expert(part) for expert, part in zip(experts, parts, strict=True) if len(part) > 0])
    return torch.unflatten(done, 0, rows.shape[:-1])'''

FLAT = '''def NAME(outputs: Tensor | Sequence[Any]) -> tuple[Tensor, ...]:
    """Nested outputs in order: `y, (h, c)` as `y, h, c`."""
    if isinstance(outputs, Tensor):
        return (outputs,)
    return tuple(one for part in outputs for one in NAME(part))'''


@dataclass
class Helper:
    """A function of the file: its parameters after the inputs."""

    name: str
    formals: list[str]
    training: bool = False
    needs_device: bool = False
    needs_dtype: bool = False


@dataclass
class Lines:
    """The names of a primitive as Python: what a spelling or a shape uses is computed before it.

    attributes: names that are attributes of the class. shapes: lines that read sizes off the inputs.
    """

    layer: tree.Layer
    definition: Definition
    project: Project
    pool: names.Pool
    idents: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    from_inputs: bool = True
    axes: dict[str, None] = field(default_factory=dict)
    training: str = "self.training"

    def ident(self, name: str) -> str:
        """The Python variable of a name."""
        if name not in self.idents:
            self.idents[name] = self.pool.take(names.identifier(name))
        return self.idents[name]

    @property
    def scalars(self) -> Scalars:
        """Writes numbers."""
        return Scalars(self.resolve, self.definition.source, self.project.policy, self.training)

    def resolve(self, node: tree.Name) -> Py:
        """A name of the layer."""
        name = node.name
        if name in self.attributes:
            return Py(self.attributes[name], uses=frozenset((name,)))
        if name in {formal.name for formal in self.layer.formals}:
            self.used.add(name)
            listed = isinstance(self.project.observed.of(self.definition).sample(name), tuple)
            return Py(self.ident(name), uses=frozenset((name,)), listed=listed)
        for statement in self.layer.body:
            if isinstance(statement, tree.Where) and statement.name == name:
                if name not in self.shapes:
                    value = self.scalars.write(statement.value)
                    self.shapes[name] = f"{self.ident(name)} = {value.text}"
                return Py(self.ident(name), uses=frozenset((name,)))
        return self._input_or_axis(node)

    def _channels_last(self, declared: tree.TensorDecl, position: int) -> bool:
        """Whether an input is an image, and images have their channels last."""
        if not self.project.channels_last:
            return False
        ranks = [ranks[position] for ranks in self.project.observed.of(self.definition).ranks if position < len(ranks)]
        behind = declared.axes[2:]
        starred = len(behind) == 1 and isinstance(behind[0], tree.Star) and isinstance(declared.axes[1], tree.Name)
        return is_image(declared) or (starred and bool(ranks) and min(ranks) > 3)

    def _input_or_axis(self, node: tree.Name) -> Py:
        name = node.name
        signature = self.layer.signature
        assert signature is not None
        for declared in signature.inputs:
            if declared.name == name and self.from_inputs:
                return Py(self.ident(name), uses=frozenset((name,)))
        for position, declared in enumerate(signature.inputs):
            text = _shape_text(declared, name, self.ident(declared.name), self._channels_last(declared, position))
            if text is None:
                continue
            if self.project.dialect.framework == "keras":
                text = keras_helpers.late(text)
            if self.from_inputs:
                self.shapes.setdefault(name, f"{self.ident(name)} = {text}")
            else:
                self.axes[name] = None
            return Py(self.ident(name), uses=frozenset((name,)))
        refuse("export-expression", Place(self.definition.source, node.start, node.end), shown=name)


def _shape_text(declared: tree.TensorDecl, name: str, ident: str, channels_last: bool = False) -> str | None:
    """How an axis, or the axes of a star, is read off an input."""
    if channels_last:
        return _turned(declared, name, ident)
    stars = [index for index, axis in enumerate(declared.axes) if isinstance(axis, tree.Star)]
    for index, axis in enumerate(declared.axes):
        behind = len(declared.axes) - index - 1
        if isinstance(axis, tree.Star) and axis.name == name:
            return f"{ident}.shape[{index or ''}:{-behind if behind else ''}]"
        if isinstance(axis, tree.Name) and axis.name == name:
            return f"{ident}.shape[{index - len(declared.axes) if stars and stars[0] < index else index}]"
    return None


def _turned(declared: tree.TensorDecl, name: str, ident: str) -> str | None:
    """How an axis is read off an image, `[B, c, …]` in the spec, whose channels are last."""
    for index, axis in enumerate(declared.axes):
        if isinstance(axis, tree.Star) and axis.name == name:
            return f"{ident}.shape[1:-1]"
        if isinstance(axis, tree.Name) and axis.name == name:
            return f"{ident}.shape[{index if index == 0 else -1 if index == 1 else index - 1}]"
    return None


def helper(project: Project, definition: Definition, use: Use, binding: tree.Binding, name: str) -> tuple[Helper, str]:
    """A function for a layer: sizes are read off its inputs."""
    from archspec.export.project import annotation

    layer = definition.layer
    signature = layer.signature
    assert signature is not None and binding.call is not None
    pool = names.Pool(frozenset(names.RESERVED | {name}))
    lines = Lines(layer, definition, project, pool, training="training")
    inputs = [lines.ident(declared.name) for declared in signature.inputs]
    device = f"{inputs[0]}.device" if inputs else "device"
    call = Spelled(lines.scalars, definition, project.dialect.framework, frozenset(), device).write(binding.call)
    formals = [formal for formal in layer.formals if formal.name in lines.used]
    floats = not inputs and any(declared.dtype in (None, "act") for declared in signature.outputs)
    torch = project.dialect.framework == "torch"
    made = Helper(name, [one.name for one in formals], TRAINING in call.uses, not inputs and torch, floats and torch)
    parameters = [f"{one}: {project.dialect.tensor}" for one in inputs]
    for formal in formals:
        default = "" if formal.default is None else f" = {lines.scalars.write(formal.default).text}"
        parameters.append(f"{lines.ident(formal.name)}: {annotation(use, formal)}{default}")
    if made.training:
        parameters.append("training: bool = False")
    if made.needs_device:
        parameters.append("device: torch.device | None = None")
    if made.needs_dtype:
        parameters.append("dtype: torch.dtype | None = None")
    result = result_type(len(signature.outputs)).replace("Tensor", project.dialect.tensor)
    head = f"def {name}({', '.join(parameters)}) -> {result}:"
    text = [head]
    if len(head) > WIDTH:
        text = [f"def {name}(", f"{INDENT}{', '.join(parameters)}", f") -> {result}:"]
    text.extend(names.docstring(layer.doc, INDENT))
    text.extend(f"{INDENT}{line}" for line in lines.shapes.values())
    if made.needs_dtype:
        text.extend(_cast(signature, call.text))
    else:
        text.append(f"{INDENT}return {call.text}")
    text = [f"{line[: len(line) - len(line.lstrip())]}{piece}" for line in text for piece in _pieces(line)]
    return made, "\n".join(text)


def _pieces(line: str) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    return [line.strip()] if line.strip().startswith('"""') or not line.strip() else wrapped(line.strip(), indent)


def _cast(signature: tree.Signature, text: str) -> list[str]:
    """Floats that come from no input are computed in float32 and given in the precision of the model."""
    if len(signature.outputs) == 1:
        return [f"{INDENT}made = {text}", f"{INDENT}return made if dtype is None else made.to(dtype)"]
    names_of = [f"out_{index}" for index in range(len(signature.outputs))]
    lines = [f"{INDENT}{', '.join(names_of)} = {text}"]
    if text.startswith("("):
        lines = [f"{INDENT}{one} = {part}" for one, part in zip(names_of, split_arguments(text[1:-1]), strict=True)]
    given = [
        f"{one}.to(dtype)" if declared.dtype in (None, "act") else one
        for one, declared in zip(names_of, signature.outputs, strict=True)
    ]
    asked = [f"{INDENT}if dtype is None:", f"{INDENT * 2}return {', '.join(names_of)}"]
    return [*lines, *asked, f"{INDENT}return {', '.join(given)}"]


def primitive_class(project: Project, definition: Definition, use: Use, binding: tree.Binding, built: Built) -> str:
    """A class for a layer with parameters of its own, which it hands to a function."""
    from archspec.export.project import annotation
    from archspec.export.statements import fresh_tensor, keras_weight

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
    running = Lines(layer, definition, project, pool, making.idents, attributes=attributes)
    inputs = [running.ident(declared.name) for declared in signature.inputs]
    for formal in layer.formals:
        if formal.name not in attributes:
            running.attributes[formal.name] = f"self.{running.ident(formal.name)}"
    device = f"{inputs[0]}.device" if inputs else "device"
    framework = project.dialect.framework
    modules: dict[int, str] = {}
    for inner in modules_in(binding, framework):
        attribute = names.snake(inner.function.name if isinstance(inner.function, tree.Attribute) else "inner")
        text = Spelled(making.scalars, definition, framework, frozenset(), made=inner).write(inner).text
        modules[id(inner)] = f"self.{attribute}"
        made.append(f"self.{attribute} = {text}")
    call = Spelled(running.scalars, definition, framework, frozenset(), device, modules=modules).write(binding.call)
    kept = [formal.name for formal in layer.formals if formal.name in call.uses and formal.name not in attributes]
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
    lines.append(f"{BODY}return {call.text}")
    return "\n".join(lines)


def _attribute(name: str, statement: tree.ParamDecl, value: str) -> tuple[str, str]:
    quoted = names.text(name)
    if statement.kind == "buffer":
        how = ", persistent=False" if statement.transient else ""
        return f"self.register_buffer({quoted}, {value}{how})", f"self.register_buffer({quoted}, None)"
    return f"self.{name} = nn.Parameter({value})", f"self.register_parameter({quoted}, None)"

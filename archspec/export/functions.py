"""Functions and classes of single layers, from their spelling alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archspec.elaborate.values import Definition
from archspec.export import keras_helpers, names
from archspec.export.code import WIDTH, split_arguments, wrapped
from archspec.export.naming import is_image
from archspec.export.observe import Use
from archspec.export.problems import refuse
from archspec.export.render import INDENT, result_type
from archspec.export.scalars import TRAINING, Py, Scalars
from archspec.export.spellings import Spelled
from archspec.syntax import tree
from archspec.syntax.source import Place

if TYPE_CHECKING:
    from archspec.export.project import Project


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

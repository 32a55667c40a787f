"""What PyTorch's exporter writes beside a graph: all tensors of the model by their names, and what each operator was
made of.

`torch.onnx.export(dynamo=True)` keeps the signature of the exported program, in which parameters, buffers and constants
are told apart, and beside each operator the line of that program which it comes from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_SIGNATURE = "pkg.torch.export.ExportedProgram.graph_signature"
_LINE = "pkg.torch.onnx.fx_node"
_SCOPES = "pkg.torch.onnx.name_scopes"
_ENTRY = re.compile(
    r"^(\w+): (PARAMETER|BUFFER|CONSTANT_TENSOR) target='([^'\n]{1,300})'(?: persistent=(\w+))?", re.MULTILINE
)
_OLDER = re.compile(
    r"InputKind\.(PARAMETER|BUFFER|CONSTANT_TENSOR): \d+>, arg=TensorArgument\(name='(\w+)'\), "
    r"target='([^'\n]{1,300})'(?:, persistent=(\w+))?"
)
_TARGET = re.compile(r"\[target=([\w.]+)\]")
_TAKEN = re.compile(r"%(\w+)")
_TENSORS = 100_000
_LONGEST = 200_000
"""Characters of one text that are looked at."""


@dataclass(frozen=True)
class Known:
    """A tensor of the model. role: `param`, `buffer` or `constant`. target: its name in the module tree. transient: it
    is in no checkpoint.
    """

    role: str
    target: str
    transient: bool = False

    @property
    def owner(self) -> str:
        """The path of the module that has it."""
        return self.target.rpartition(".")[0]


@dataclass
class Meant:
    """What initialisers are. roles: `param`, `buffer`, `transient` (a buffer in no checkpoint) or `constant`, by name.
    apart: whether a vector that several layers take may be one of each, because equal ones were stored once. idle:
    tensors of the model that no operator takes. notes: sentences on what the file cannot tell. told: what it shows to
    be otherwise than in the model that was exported, as differences. lost: functions of parameters that were worked
    out, each with a parameter whose size is not in the file.
    """

    roles: dict[str, str] = field(default_factory=dict)
    apart: bool = False
    idle: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)


_ROLES = {"PARAMETER": "param", "BUFFER": "buffer", "CONSTANT_TENSOR": "constant"}


def signature(graph: Any) -> dict[str, Known]:
    """The tensors of the exported program by their names in it; empty where the file does not say."""
    text = next((one.value for one in graph.metadata_props if one.key == _SIGNATURE), "")
    found: dict[str, Known] = {}
    if not isinstance(text, str) or len(text) > 500 * _TENSORS:
        return found
    for name, kind, target, lasting in _ENTRY.findall(text):
        found[name] = Known(_ROLES[kind], target, lasting == "False")
    for kind, name, target, lasting in _OLDER.findall(text) if not found else ():
        found[name] = Known(_ROLES[kind], target, lasting == "False")
    return found if len(found) <= _TENSORS else {}


def line_of(node: Any) -> str:
    """The line of the program that an operator comes from; empty where an optimiser made it."""
    return str(_said(node, _LINE))[:_LONGEST]


def scope_path(node: Any) -> str:
    """The path of the innermost module that an operator ran in."""
    scopes = re.findall(r"'([^']*)'", str(_said(node, _SCOPES))[:4000])
    return scopes[-2] if len(scopes) > 1 else ""


def function_of(line: str) -> str:
    """The function that a line calls, such as `torch.ops.aten.linear.default`."""
    found = _TARGET.search(line)
    return found[1] if found else ""


def taken_by(line: str, tensors: dict[str, Known]) -> list[Known]:
    """The tensors of the model among a line's arguments, in order."""
    arguments = line.partition("](args = ")[2]
    return [tensors[one] for one in _TAKEN.findall(arguments) if one in tensors]


def _said(node: Any, key: str) -> Any:
    return next((one.value for one in node.metadata_props if one.key == key), "")

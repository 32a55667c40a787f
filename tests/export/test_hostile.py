"""A spec that tries to get out of its texts and names: what is exported does nothing but make layers."""

from __future__ import annotations

import ast
import builtins
import keyword

import pytest

pytest.importorskip("torch")

import exported as ex  # imports torch

from archspec.errors.diagnostic import SpecError
from archspec.export import export
from archspec.loading import load_text

PAYLOADS = [
    "'); raise SystemExit('out')  #",
    '\\"); raise SystemExit(1)  #',
    '\\"\\"\\"\\nraise SystemExit(1)\\n\\"\\"\\"',
    "\\\\",
    '\\\\\\"); raise SystemExit(1) #',
    "{__import__('os').system('true')}",
    "%s %(x)s {0}",
    "\\n\\nraise SystemExit(1)\\n",
    "\\\\N{BULLET} \\\\x41 \\\\u0041",
    "\u2028raise SystemExit(1)",
    "\u202e\u200b\x7f",
]
DOCS = [
    "'''); raise SystemExit(1)",
    'a \\" quote, a backslash \\',
    'ends with a quote "',
    '"begins" with one',
    'two "" in a row',
    "\\N{BULLET} \\x4 \\u12 \\",
    "line\u2028separator\x0b and \x0c others",
    "{braces} %s",
]

SPEC = """\"\"\"DOC\"\"\"
layer Choosing(kind: text = "TEXT") {
  \"\"\"DOC\"\"\"
  x[B, d] -> y[B, d]
  if kind == "TEXT" { y = x -> Linear(d) as one } else { y = x -> Linear(d) as two }
}
model Hostile(d = 4, kind: text = "TEXT") {
  \"\"\"DOC\"\"\"
  x[B, d] -> y[B, d]
  require d % 2 == 0, "TEXT"
  y = x -> Choosing(kind) as first -> Choosing("TEXT") as second -> GELU(approximate = "tanh")
}
"""


def harmless(source: str) -> dict[str, object]:
    """Check exported source as a tree, and run it."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {alias.name for alias in node.names} <= {"torch", "math"}
        elif isinstance(node, ast.ImportFrom):
            assert node.module in {"__future__", "collections.abc", "typing", "torch", "torch.nn"}
        elif isinstance(node, ast.Name):
            assert node.id not in {"exec", "eval", "compile", "open", "__import__", "globals", "vars", "SystemExit"}
        elif isinstance(node, ast.Attribute):
            assert node.attr not in {"system", "load", "hub", "__globals__", "__class__", "__subclasses__"}
    for statement in tree.body:
        assert isinstance(statement, ast.Expr | ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
        assert not isinstance(statement, ast.Expr) or isinstance(statement.value, ast.Constant)
    return ex.load_source(source)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_texts(payload: str) -> None:
    spec = SPEC.replace("TEXT", payload).replace("DOC", "doc")
    try:
        model = load_text(spec)
    except SpecError:
        return  # the notation has no such text: nothing is exported
    namespace = harmless(export(model, "torch"))
    import torch

    assert namespace["Hostile"]()(torch.zeros(2, 4)).shape == (2, 4)


@pytest.mark.parametrize("payload", DOCS)
def test_docs(payload: str) -> None:
    try:
        model = load_text(SPEC.replace("DOC", payload).replace("TEXT", "text"))
    except SpecError:
        return
    namespace = harmless(export(model, "torch"))
    assert namespace["Hostile"].__doc__


NAMES = sorted(
    {*keyword.kwlist, *keyword.softkwlist, "self", "cls", "super", "torch", "nn", "F", "Tensor", "Any", "Sequence"}
    | {"device", "dtype", "training", "turn", "one", "forward", "__init__", "__class__", "__mangled", "_private"}
    | {"T_destination", "parameters", "math", "settings", "changes", "hidden", "annotations", "x", "Module"}
    | {name for name in dir(builtins) if name.islower() and not name.startswith("_")}
)

NAMED = """
layer NAME_L(NAME) {
  x[B, d] -> y[B, d]
  where inner = NAME * 2
  y = x -> Linear(inner) -> Linear(d)
}
model M(NAME = 3, d = 4) {
  x[B, d] -> y[B, d]
  h = x -> NAME_L(NAME)
  each NAME_i in [3, 4] as items at k { h = h -> Linear(NAME_i) as a -> Linear(d) as b }
  y = h + x -> ReLU
}
"""
PLACES = [
    "model M(NAME = 3) { x[B, d] -> y[B, 2*NAME]\n y = x -> Linear(2*NAME) }",
    "model M(d = 4) { x[NAME, d] -> y[NAME, d]\n y = x -> Linear(d) }",
    "model M(d = 4) { NAME[B, d] -> y[B, d]\n y = NAME -> Linear(d) }",
    "model M(d = 4) { x[B, d] -> NAME[B, d]\n NAME = x -> Linear(d) }",
    "model M(d = 4) { x[B, d] -> y[B, d]\n NAME = x -> Linear(d)\n y = NAME + x }",
    "model M(d = 4) { x[B, d] -> y[B, d]\n where NAME = 2*d\n y = x -> Linear(NAME) -> Linear(d) }",
    "model M(d = 4) { x[B, d] -> y[B, d]\n y = x -> Linear(d) as NAME }",
    "model M(d = 4) { x[B, d] -> y[B, d]\n y = x\n repeat 2 as NAME { y = y -> Linear(d) } }",
    "model M(d = 4) { x[B, d] -> y[B, d]\n y = x\n"
    " repeat 2 as t at NAME { y = y -> Linear(d + NAME) as u -> Linear(d) } }",
    "model M(d = 4) { x[B, d] -> y[B, d]\n y = x\n"
    " each NAME in [4, 5] as t { y = y -> Linear(NAME) as u -> Linear(d) } }",
    "layer NAME(k) { x[B, d] -> y[B, k]\n y = x -> Linear(k) }\n"
    "model M(d = 4) { x[B, d] -> y[B, d]\n y = x -> NAME(d) as inner }",
    "model NAME(d = 4) { x[B, d] -> y[B, d]\n y = x -> Linear(d) }",
    "model Base(d = 4) { x[B, d] -> y[B, d]\n y = x -> Linear(d) }\nmodel NAME = Base(d = 4)",
]


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    """Every name in every place: exported and runnable, or refused with a message."""
    import torch

    for place in PLACES:
        wanted = name if "NAME(d = 4)" in place or place.endswith("NAME = Base(d = 4)") else None
        if "model Base" in place:
            wanted = name
        try:
            model = load_text(place.replace("NAME", name), wanted if "model NAME" in place else None)
            source = export(model, "torch")
        except SpecError:
            continue
        namespace = harmless(source)
        made = next(value for key, value in reversed(list(namespace.items())) if callable(value))
        assert made()(torch.zeros(2, 4)).shape[0] == 2, place


@pytest.mark.parametrize(
    "call",
    [
        'torch.load("evil")',
        'torch.hub("evil")',
        "torch.compile(x)",
        'nn.Module("x")',
        "F.os(x)",
        'torch.save(x, "evil")',
        "nn.functional(x)",
        "torch.classes(x)",
        "nn.__class__(x)",
        "torch.set_default_device(x)",
        "torch.manual_seed(0)",
        "F.has_torch_function(x)",
        "torch.abs(x, out = x).add(x)",
        "torch.utils.cpp_extension(x)",
        "torch.cat([torch.load(x)])",
    ],
)
def test_spellings_call_what_is_allowed(call: str) -> None:
    spec = f"layer Bad {{ x[B] -> y[B]\n torch {call} }}\nmodel M {{ x[B] -> y[B]\n y = x -> Bad }}"
    with pytest.raises(SpecError):
        export(load_text(spec), "torch")

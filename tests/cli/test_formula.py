"""`archspec formula`."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
import sympy

from tests.cli.conftest import Archspec

PARAMS = "layers*d*(8*d + 5) + classes*(d + 1)"


def test_one_formula_stands_alone(archspec: Archspec) -> None:
    """It can be read by a program; what it takes for granted goes to stderr."""
    result = archspec("formula", "gpt2", "params")
    found = sympy.sympify(result.stdout)
    layers, d, vocab, context = sympy.symbols("layers d vocab context")
    assert sympy.expand(found - (layers * (12 * d**2 + 13 * d) + context * d + vocab * d + 2 * d)) == 0
    assert "# assuming d % heads == 0" in result.stderr


def test_several_are_named(archspec: Archspec, spec: Path) -> None:
    """In the order in which they are asked for; without any, those that are not nothing."""
    assert archspec("formula", spec, "flops.forward", "params").stdout.splitlines() == [
        "flops.forward = 16*layers*d**2*B + 2*d*classes*B",
        f"params        = {PARAMS}",
    ]
    names = [line.split()[0] for line in archspec("formula", spec).stdout.splitlines()]
    assert names[:2] == ["params", "activations.outputs"]
    assert "kv_cache" not in names


def test_settings_are_put_in(archspec: Archspec, spec: Path) -> None:
    """What is given is a number in the formula; defaults stay symbols."""
    assert archspec("formula", spec, "params", "--set", "d=2").stdout == "42*layers + 3*classes\n"


def test_python(archspec: Archspec, spec: Path) -> None:
    """A function for each quantity, of the symbols by name, exact."""
    namespace: dict[str, object] = {}
    exec(archspec("formula", spec, "params", "activations.saved", "--format", "python").stdout, namespace)
    assert namespace["params"](d=4, layers=3, classes=10) == 494  # type: ignore[operator]
    result = archspec("formula", "resnet50", "activations.saved", "--backend", "cpu", "--format", "python").stdout
    exec(result, namespace)
    depths = {f"depths_{i}": depth for i, depth in enumerate((3, 4, 6, 3))}
    kept = namespace["activations_saved"](**depths, width=64, groups=1, B=2, H=224, W=224)  # type: ignore[operator]
    assert kept == 170_827_264


def test_latex_and_mathml(archspec: Archspec, spec: Path) -> None:
    """For documents; MathML is well-formed."""
    assert archspec("formula", spec, "params", "--format", "latex").stdout.startswith(r"\mathrm{layers} \, d")
    for name in ("params", "activations.peak"):
        ElementTree.fromstring(archspec("formula", spec, name, "--format", "mathml").stdout)


def test_json(archspec: Archspec, spec: Path) -> None:
    """All notations, with the symbols and what is taken for granted."""
    found = json.loads(archspec("formula", spec, "params", "kv_cache", "--format", "json").stdout)
    assert found["schema"] == "archspec/formulas/1"
    assert list(found["quantities"]) == ["params", "kv_cache"]
    assert found["quantities"]["params"]["formula"] == PARAMS
    assert found["quantities"]["params"]["value"] == 494
    assert found["quantities"]["kv_cache"]["python"] == "0"


def test_assume(archspec: Archspec) -> None:
    """Conditions simplify: no ceilings are left when the sizes divide."""
    arguments = ("formula", "resnet50", "activations.saved", "--backend", "cpu")
    assert "⌈" in archspec(*arguments).stdout
    result = archspec(*arguments, "--assume", "H % 32 == 0", "--assume", "W % 32 == 0")
    assert "⌈" not in result.stdout
    assert "# assuming H % 32 == 0" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["parms"], 2, "there is no quantity `parms`"),
        (["--assume", "H %"], 2, "--assume takes a condition such as `H % 32 == 0`, not `H %`"),
        (["--assume", "B > 1 } layer x { y[B] -> z[B]"], 2, "--assume takes a condition"),
        (["--assume", "nothing == 3"], 1, "nothing is named `nothing` here"),
        (["--assume", "B < 0"], 1, "`B < 0` does not hold"),
        (["--format", "csv"], 2, "'csv' is not one of"),
    ],
)
def test_errors(archspec: Archspec, spec: Path, arguments: list[str], code: int, message: str) -> None:
    """What is wrong is said, and nothing is printed."""
    result = archspec("formula", spec, *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr

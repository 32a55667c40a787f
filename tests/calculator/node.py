"""The interpreter under node: what the page computes, without a page."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import archspec.calculator

NODE = shutil.which("node")
INTERPRETER = Path(archspec.calculator.__file__).parent / "interpreter.js"

needs_node = pytest.mark.skipif(NODE is None, reason="NODE IS MISSING: the calculator's numbers are not tested")

_RUN = """
const formulas = require(process.argv[1]);
const { datas, asked } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const answers = asked.map(([which, settings]) => {
  const values = Object.fromEntries(Object.entries(settings.values).map(([name, value]) => [name, BigInt(value)]));
  return formulas.compute(datas[which], { ...settings, values });
});
console.log(JSON.stringify(answers, (_, value) => (typeof value === "bigint" ? value.toString() : value)));
"""


def compute(datas: dict[str, Any], asked: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """What the page shows for some settings, each of one of the models."""
    assert NODE is not None
    told = json.dumps({"datas": datas, "asked": asked})
    command = [NODE, "-e", _RUN, str(INTERPRETER)]
    done = subprocess.run(command, input=told, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def run(script: str, *arguments: str) -> Any:
    """What a script prints as JSON; `process.argv[1]` is the interpreter, the arguments follow."""
    assert NODE is not None
    command = [NODE, "-e", script, str(INTERPRETER), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)

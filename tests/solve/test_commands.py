"""`solve` and `fit` as commands: what they print, and their JSON against the schemas."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

import archspec as package
from archspec.devices import devices
from archspec.resources import folder

SOLVED = (
    ("gpt2", "--for", "B", "--device", "RTX-4090", "--train", "adamw", "--set", "S=1024", "--formulas"),
    ("gpt2", "--for", "S", "--budget", "20GiB", "--set", "B=2"),
    ("gpt2", "--for", "d", "--budget", "20GiB", "--set", "B=2", "--set", "S=64"),
    ("gpt2", "--for", "layers", "--budget", "1_000_000_000", "--quantity", "params"),
    ("resnet18", "--for", "depths[1]", "--budget", "4GB", "--set", "B=2", "--set", "H=64", "--set", "W=64"),
)


def valid(text: str, name: str) -> dict:
    """JSON that a schema describes."""
    with open(f"{folder('grammar')}/{name}.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    found = json.loads(text)
    Draft202012Validator(schema).validate(found)
    return found


@pytest.mark.parametrize("arguments", SOLVED, ids=lambda arguments: arguments[2])
def test_solve_as_json(arguments, archspec):
    done = archspec("solve", *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    found = valid(done.stdout, "solve")
    assert found["for"] == arguments[2]
    assert found["value"] == found["symbols"][found["for"]]
    assert found["headroom"] == found["budget"]["value"] - found["needs"]
    assert found["next"] is None or found["next"]["over"] == found["next"]["needs"] - found["budget"]["value"]
    if found["limit"]["parts"]:
        assert sum(found["limit"]["parts"].values()) == found["needs"]
    assert ("python" in found) == (found["method"] == "closed")


def test_solve_as_text(archspec):
    done = archspec("solve", *SOLVED[0])
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "B = 13  of gpt2, memory.training"
    assert lines[1].startswith("formula  B = ⌊(budget - ")
    assert lines[2].startswith("symbols  B = ⌊(budget - 4*(")
    labels = [line.split("  ")[0] for line in lines if not line.startswith(" ")]
    assert labels == ["B = 13", "formula", "symbols", "budget", "needs", "limited", "next", "with", "assumes"]
    assert max(map(len, lines)) <= 100
    assert any("usable on RTX-4090" in line for line in lines)
    assert any(line.startswith("next     B = 14 needs ") and line.endswith("too much") for line in lines)


def test_a_requirement_that_limits(archspec):
    done = archspec("solve", *SOLVED[1])
    assert "limited  by `S <= context`, not by the budget" in done.stdout
    assert "next     no larger S is allowed" in done.stdout


def test_a_plan_with_a_device(tmp_path, archspec):
    path = tmp_path / "plans.arch"
    path.write_text("plan small for gpt2 {\n  optimizer adamw\n  precision bf16\n  device L4\n}\n", encoding="utf-8")
    done = archspec("solve", path, "--plan", "small", "--for", "B", "--set", "S=256", "--format", "json")
    assert done.exit_code == 0, done.output
    found = valid(done.stdout, "solve")
    assert (found["quantity"], found["budget"]) == (
        "memory.training",
        {"value": devices()["L4"].memory, "device": "L4"},
    )
    other = archspec(
        "solve", path, "--plan", "small", "--for", "B", "--set", "S=256", "--budget", "8GiB", "--format", "json"
    )
    assert json.loads(other.stdout)["budget"] == {"value": 8 * 2**30}


@pytest.mark.parametrize("arguments", [(), ("--train", "adamw"), ("--precision", "fp16"), ("--device", "H100")])
def test_fit_as_json(arguments, archspec):
    done = archspec("fit", "gpt2", "--set", "B=8", "--set", "S=512", *arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    found = valid(done.stdout, "fit")
    assert [one["name"] for one in found["devices"]] == (
        ["H100"] if "--device" in arguments else [d.name for d in sorted(devices().values(), key=lambda d: d.memory)]
    )
    for device in found["devices"]:
        memory = devices()[device["name"]].memory
        for name, need in found["needs"].items():
            assert device["headroom"][name] == memory - need["value"]
            assert device["fits"][name] == (need["value"] <= memory)
    if "--train" not in arguments:
        assert list(found["needs"])[:2] == ["fp32", "bf16"]
        assert list(found["needs"])[-3:] == ["int8", "nf4", "q4_k_m"]


def test_needs_are_those_of_the_report():
    model = package.load("gpt2")
    table = package.fit(model, B=8, S=512, train="adamw")
    for name in ("fp32", "mixed-bf16", "bf16"):
        assert table.needs[name].bytes == model.size(B=8, S=512, train="adamw", precision=name)["memory.training"]
    table = package.fit(model, B=8, S=512)
    report = model.size(B=8, S=512, precision="bf16")
    assert table.needs["bf16"].bytes == report["memory.inference"]
    # Only the 12 * 12 * 768**2 weights of the blocks' matrices change: 2 bytes each, then 1, and 2 for each row.
    rows = 12 * (3 + 1 + 4 + 1) * 768
    assert report["memory.inference"] - table.needs["int8"].bytes == 12 * 12 * 768**2 - 2 * rows


def test_fit_as_text(archspec):
    done = archspec("fit", "gpt2", "--set", "B=8", "--set", "S=1024", "--train", "adamw")
    lines = done.stdout.splitlines()
    assert lines[3].split() == ["device", "memory", "fp32", "mixed-bf16", "bf16"]
    assert lines[5].split()[0] == "needs"
    row = next(line for line in lines if line.startswith("T4 "))
    assert row.split()[:4] == ["T4", "14.7", "GiB", "yes"]
    row = next(line for line in lines if line.startswith("M1-16GB "))
    assert row.split()[3:5] == ["no", "-3.40"]


def test_a_format_that_does_not_fit_is_explained(tmp_path, archspec):
    path = tmp_path / "odd.arch"
    path.write_text("model Odd(d = 31) {\n  x[B, d] -> y[B, d]\n  y = x -> Linear(d) as up\n}\n", encoding="utf-8")
    done = archspec("fit", path, "--set", "B=2", "--format", "json")
    assert done.exit_code == 0, done.output
    found = valid(done.stdout, "fit")
    refused = {name for name, need in found["needs"].items() if need["value"] is None}
    assert all(device["fits"][name] is None for device in found["devices"] for name in refused)
    shown = archspec("fit", path, "--set", "B=2")
    assert all(f"{name}: " in shown.stdout for name in refused)


def test_python():
    solution = package.solve("gpt2", "B", device="L4", S=64)
    assert int(solution) == solution.value
    assert str(solution).startswith(f"B = {solution.value}  of gpt2, memory.inference")
    assert repr(solution) == f"<archspec solution B = {solution.value} of gpt2>"
    assert str(package.fit("gpt2", B=1, S=8)).startswith("gpt2  memory.inference")

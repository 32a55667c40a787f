"""The wheel holds grammar and specs, and works where no checkout is near."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the project's own backend from the checkout."""
    hatchling = pytest.importorskip("hatchling.build", reason="the build backend is not installed")
    folder = tmp_path_factory.mktemp("dist")
    before = os.getcwd()
    os.chdir(ROOT)
    try:
        return folder / hatchling.build_wheel(str(folder))
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel was unpacked into, which is all that installing a pure wheel does."""
    folder = tmp_path_factory.mktemp("site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def _python(installed: Path, work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in an empty folder, with the unpacked wheel in front of everything that is installed."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "ARCHSPEC_CACHE_DIR": str(work / "cache")}
    line = [sys.executable, *arguments]
    return subprocess.run(line, cwd=work, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_wheel_holds_every_spec_and_the_grammar(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("grammar", "specs"):
        for file in (ROOT / folder).rglob("*"):
            if file.is_file():
                assert f"archspec/_data/{file.relative_to(ROOT).as_posix()}" in names


def test_the_wheel_holds_nothing_but_the_package(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"archspec"}


def test_its_metadata_names_the_distribution_and_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        read = {name.rsplit("/", 1)[-1]: name for name in archive.namelist() if ".dist-info/" in name}
        metadata = archive.read(read["METADATA"]).decode()
        entry_points = archive.read(read["entry_points.txt"]).decode()
    assert "\nName: archspec-lang\n" in metadata
    assert "archspec = archspec.__main__:main" in entry_points
    assert any(name.startswith("LICENSE") for name in read)


def test_it_sizes_a_model_elsewhere(installed: Path, tmp_path: Path) -> None:
    done = _python(installed, tmp_path, "-m", "archspec", "size", "gpt2", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["quantities"]["params"]["value"] == 124_439_808


def test_it_reads_grammar_and_specs_from_inside_the_wheel(installed: Path, tmp_path: Path) -> None:
    program = "from archspec.resources import folder; print(folder('grammar')); print(folder('specs'))"
    done = _python(installed, tmp_path, "-c", program)
    data = installed / "archspec" / "_data"
    assert done.stdout.split() == [str(data / "grammar"), str(data / "specs")], done.stderr

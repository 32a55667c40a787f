"""The pages: whole in themselves, safe whatever a spec says, the same each time, and small."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import archspec
from archspec.calculator import calculator_data, calculator_html, calculator_page
from archspec.report.units import exact, short
from tests.calculator.node import needs_node, run

HOSTILE = '''
model Evil(d = 8) {
  """Ends a script: </script><script>alert(1)</script> & <!-- <b> \u2028."""
  x[B, d] -> y[B, d]
  require d % 2 == 0, "</script><img src=x onerror=alert(1)>"
  y = x -> Linear(d)
}
'''


def test_no_text_of_a_spec_gets_out_of_the_data() -> None:
    page = calculator_page([archspec.load_text(HOSTILE)])
    assert page.count("<script") == page.count("</script>") == 2
    assert "alert(1)</script>" not in page
    assert "onerror=alert(1)>" not in page
    told = json.loads(re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)[0])
    assert "</script><script>alert(1)</script>" in told["models"][0]["meaning"]


def test_nothing_is_asked_of_anyone_and_no_text_is_run() -> None:
    page = calculator_page([archspec.load("MLP")])
    assert not re.search(r"\b(src|href)=(?!\"data:,\")", page)
    assert not re.search(r"https?:|\bfetch\b|XMLHttpRequest|\bimport\b|\beval\b|\bFunction\b|innerHTML|url\(", page)
    assert "default-src 'none'" in page


def test_the_same_each_time() -> None:
    pages = [calculator_html(archspec.load("MLP")) for _ in range(2)]
    assert pages[0] == pages[1]
    # Whatever the order of sets is in that run.
    program = (
        "import archspec; from archspec.calculator import calculator_html as c; print(c(archspec.load('MLP')), end='')"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60)
    assert other.stdout.decode() == pages[0]


def test_the_section_alone_has_no_scripts_that_run() -> None:
    section = calculator_html(archspec.load("MLP"), assets=False)
    assert section.count("<script") == 1
    assert "<style" not in section


def test_a_model_is_small() -> None:
    text = json.dumps(calculator_data(archspec.load("gpt2")), separators=(",", ":"))
    assert len(text) < 100_000


@needs_node
def test_numbers_are_written_as_in_reports() -> None:
    numbers = [
        0,
        1,
        999,
        1000,
        1023,
        1024,
        9999,
        10_000,
        999_949,
        999_950,
        124_439_808,
        10**12 - 1,
        7 * 10**25,
        3 << 70,
    ]
    units = ("bytes", "elements", "FLOPs")
    script = """
    const { exact, short } = require(process.argv[1]);
    const numbers = JSON.parse(process.argv[2]).map(BigInt);
    const rows = numbers.map((n) => [exact(n), ...["bytes", "elements", "FLOPs"].map((unit) => short(n, unit))]);
    console.log(JSON.stringify(rows));
    """
    rows = run(script, json.dumps([str(number) for number in numbers]))
    for number, (digits, *rough) in zip(numbers, rows, strict=True):
        assert digits == exact(number)
        for unit, text in zip(units, rough, strict=True):
            if unit != "elements" or number >= 10_000:
                assert text == short(number, unit)


def test_the_command_writes_one_file(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "archspec", "calculator", "MLP", "-o", "out.html"]
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(line, cwd=tmp_path, env=paths, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "out.html: MLP\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]
    assert (tmp_path / "out.html").read_text(encoding="utf-8") == calculator_page([archspec.load("MLP")])

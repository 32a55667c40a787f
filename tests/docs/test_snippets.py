"""What the documentation shows is what happens. `python -m tests.docs.refresh` writes outputs as they are now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archspec.elaborate.expressions import MAX_BITS, MAX_EXPONENT, MAX_TERMS
from archspec.elaborate.externals import MAX_PARTS
from archspec.elaborate.frame import MAX_DEPTH, MAX_ERRORS, MAX_STEPS
from archspec.elaborate.functions import MAX_RANGE
from archspec.elaborate.loops import MAX_PEELED
from archspec.elaborate.statements import MAX_LIST
from archspec.syntax import limits
from tests.docs import folder
from tests.docs.optimizers import optimizer_table
from tests.docs.snippets import PAGES, ROOT, Block, blocks, commands, matches
from tests.docs.written import written_pages

LANGUAGES = {"arch", "bash", "console", "json", "latex", "python", "text", ""}
BLOCKS = [block for source in PAGES if source not in written_pages() for block in blocks(source)]


def of(language: str) -> list[Block]:
    """The blocks of a language."""
    return [block for block in BLOCKS if block.language == language]


def names(block: Block) -> str:
    """A block as a test's name."""
    return block.name


@pytest.mark.parametrize("block", of("arch"), ids=names)
def test_specs_load_and_hold_or_fail_as_shown(block: Block, tmp_path: Path) -> None:
    folder.prepare(block.page, tmp_path)
    file = folder.written(block, tmp_path)
    status, output = folder.archspec(tmp_path, "check", file)
    if block.complaint is not None:
        assert matches(block.complaint.text, output), output
        return
    assert status == 0, output
    if "\ntest " in block.text and not block.is_tested_below:
        status, output = folder.archspec(tmp_path, "test", file)
        assert status == 0, output


@pytest.mark.parametrize("block", of("console"), ids=names)
def test_commands_print_what_is_shown(block: Block, tmp_path: Path) -> None:
    folder.prepare(block.page, tmp_path)
    for line, shown in commands(block.text):
        output = folder.command(tmp_path, line)
        assert output is None or matches(shown, output), f"$ {line}\n{output}"


@pytest.mark.parametrize("block", of("python"), ids=names)
def test_programs_run(block: Block, tmp_path: Path) -> None:
    folder.prepare(block.page, tmp_path)
    status, output = folder.python(tmp_path, block.text)
    assert status == 0, output
    if block.follower is not None and block.follower.language == "text":
        assert matches(block.follower.text, output), output


def test_every_block_is_of_a_kind_that_is_looked_after() -> None:
    assert {block.language for block in BLOCKS} <= LANGUAGES


def test_the_readme_and_the_pipeline_run_the_same_tests() -> None:
    pipeline = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    wanted = {"'.[test", "torchvision==0.28.0", "pytest"}
    readme = "\n".join(block.text for block in of("bash") if block.page.name == "README.md")
    for part in wanted:
        assert part in readme
        assert part in pipeline


@pytest.mark.parametrize("file", sorted(written_pages()), ids=lambda file: file.name)
def test_what_is_written_whole_is_as_it_would_be_written_now(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == written_pages()[file], "run `python -m tests.docs.refresh`"


def test_the_limits_shown_are_those_of_the_code() -> None:
    page_of_language = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    table = page_of_language.partition("\n## Limits\n")[2].partition("\n## ")[0]
    shown = {int(number.replace(",", "")) for number in re.findall(r"[0-9][0-9,]*", table)}
    assert shown == {
        limits.FILE_BYTES // 2**20,
        limits.INTEGER_DIGITS,
        limits.EXPONENT,
        limits.NAME_LENGTH,
        limits.NESTING,
        limits.DEPTH,
        limits.ITEMS,
        limits.ERRORS,
        MAX_LIST,
        MAX_RANGE,
        MAX_PARTS,
        MAX_DEPTH,
        MAX_STEPS,
        MAX_ERRORS,
        MAX_BITS,
        MAX_EXPONENT,
        MAX_TERMS,
        MAX_PEELED,
    }


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = re.findall(r"^ +- .+: (\S+\.md)$", site, re.MULTILINE)
    assert sorted(listed) == sorted(path.name for path in (ROOT / "docs").glob("*.md"))


def test_the_table_of_optimizers_is_that_of_the_code() -> None:
    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    assert optimizer_table() in text, "run `python -m tests.docs.refresh`"

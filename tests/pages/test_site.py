"""`archspec docs`: the site of a few specs, as HTML and as Markdown."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from archspec.cli.main import cli
from archspec.pages import FORMATS, write_site
from tests.pages.reading import Reader, broken_links

SPEC = '''
"""Two blocks."""

layer Half(width, dropout: real) {
  """An affine map, and `dropout` of it."""
  x[*, d] -> y[*, width]
  y = x -> Linear(width) as map -> Dropout(dropout)
}

model Small(d = 8, layers = 3) {
  """A small model."""
  x[B, d] -> y[B, d]
  require d % 2 == 0, "an even width"
  y = x
  repeat layers as h { y = y + (y -> Half(d, 0.1) as half) }
}

model small_wide = Small(d = 64)

test "at two rows" given B = 2 { Small.params == 3 * 72 }
test "by itself" { Half.map.params == d*width + width }
'''


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "small.arch").write_text(SPEC, encoding="utf-8")
    for form in FORMATS:
        write_site([str(folder / "small.arch"), "gpt2"], str(folder / form), form)
    return folder


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_specs_give_the_same_bytes(site, tmp_path, form):
    write_site([str(site / "small.arch"), "gpt2"], str(tmp_path), form)
    assert contents(tmp_path) == contents(site / form)


def test_no_link_is_broken_and_every_tag_is_closed(site):
    assert broken_links(site / "html") == []
    wrong = {path.name: Reader(path.read_text()).wrong for path in (site / "html").rglob("*.html")}
    assert {name: tags for name, tags in wrong.items() if tags} == {}


def test_links_in_markdown_lead_to_pages(site):
    links = [
        (path.parent / link).resolve()
        for path in (site / "markdown").rglob("*.md")
        for link in re.findall(r"\]\(([^)# ]+[.]\w+)\)", path.read_text())
    ]
    assert len(links) > 50
    assert [path for path in links if not path.is_file()] == []


def test_html_asks_for_nothing_from_elsewhere(site):
    pages = [path.read_text() for path in (site / "html").rglob("*.html")] + [(site / "html/style.css").read_text()]
    assert len(pages) > 20
    assert [
        page for page in pages if re.search(r"https?://(?!www\.w3\.org/)|@import|url\(|<script[^>]*src", page)
    ] == []


def test_a_page_says_what_the_model_is(site):
    page = (site / "html/small/Small.html").read_text()
    text = re.sub(r"<[^>]+>", "", page)
    assert "A small model." in text
    assert "repeat layers" in text
    assert "layers*d*(d + 1)" in text
    assert r"\mathrm{layers} \, d \, \left(d + 1\right)" in text
    assert "216" in text  # three maps of 8 × 8 with their biases
    assert "12,480" in text  # of 64 × 64
    assert "d % 2 == 0: an even width" in text
    assert "archspec export Small --to torch" in text
    assert "at two rows" in text
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML"' in page


def test_layers_are_linked_both_ways(site):
    model, layer, lent = (
        Reader((site / "html" / path).read_text()).links
        for path in ("small/Small.html", "small/Half.html", "layers/linear/Linear.html")
    )
    assert "Half.html" in model
    assert {"Small.html", "../layers/linear/Linear.html"} <= set(layer)
    assert "../../small/Half.html" in lent


def test_a_layer_that_cannot_stand_alone_gets_examples_of_what_has_no_symbol(site):
    assert "With <code>dropout = 1/2</code>" in (site / "html/small/Half.html").read_text()


def test_a_layer_of_the_library_shows_spelling_and_conformance(site):
    text = re.sub(r"<[^>]+>", "", (site / "html/layers/linear/Linear.html").read_text())
    assert "nn.Linear(in, out, bias = bias)" in text
    assert "PyTorch: 4 random constructions" in text or "random constructions" in text
    assert "all equal" in text


def test_the_worked_numbers_are_those_of_size(site):
    text = re.sub(r"<[^>]+>", " ", (site / "html/models/gpt2/GPT2.html").read_text())
    assert "124,439,808" in text
    assert "1,557,611,200" in text  # gpt2_xl
    assert "291,648,307,200" in text  # FLOPs at B = 1, S = 1024, as the spec's test says


def test_anchors_are_those_that_mkdocs_makes(site):
    pytest.importorskip("markdown")
    import markdown

    written = markdown.markdown(
        (site / "markdown/models/gpt2/GPT2.md").read_text(), extensions=["tables", "fenced_code", "toc"]
    )
    ours = re.findall(r'<h[23] id="([^"]+)"', (site / "html/models/gpt2/GPT2.html").read_text())
    theirs = re.findall(r'<h[23] id="([^"]+)"', written)
    assert ours == theirs
    assert {"params", "kv_cache", "memorytraining", "worked-numbers"} <= set(ours)


def test_names_that_differ_in_case_have_files_of_their_own(tmp_path):
    spec = "layer Net { x[*] -> y[*] \n y = x -> ReLU }\nmodel net(d = 4) { x[B, d] -> y[B, d] \n y = x -> Net }"
    (tmp_path / "two.arch").write_text(spec)
    write_site([str(tmp_path / "two.arch")], str(tmp_path / "out"), "html")
    names = [path.name for path in (tmp_path / "out/two").iterdir()]
    assert len({name.casefold() for name in names}) == 2
    assert broken_links(tmp_path / "out") == []


def test_the_command(tmp_path):
    run = CliRunner().invoke
    done = run(cli, ["docs", "gpt2", "-o", str(tmp_path / "out")])
    assert (done.exit_code, done.output.endswith(f" pages in {tmp_path / 'out'}\n")) == (0, True)
    assert run(cli, ["docs", "gpt3000", "-o", str(tmp_path)]).exit_code == 2
    (tmp_path / "file").write_text("")
    assert run(cli, ["docs", "gpt2", "-o", str(tmp_path / "file" / "below")]).exit_code == 2
    (tmp_path / "wrong.arch").write_text("model M {")
    assert run(cli, ["docs", str(tmp_path / "wrong.arch"), "-o", str(tmp_path / "none")]).exit_code == 1
    assert not (tmp_path / "none").exists()


def test_a_wrong_spec_has_no_pages(tmp_path: Path) -> None:
    """What is wrong is said with its place, and nothing is written."""
    spec = tmp_path / "wrong.arch"
    spec.write_text("model M(d = 8) { x[B, d] -> y[B, d]\n  y = x -> Linaer(d) }\n", encoding="utf-8")
    done = CliRunner().invoke(cli, ["docs", str(spec), "-o", str(tmp_path / "site")])
    assert done.exit_code == 1
    assert "wrong.arch:2:12" in done.output
    assert not (tmp_path / "site").exists()

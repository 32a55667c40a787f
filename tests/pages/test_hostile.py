"""Texts of specs that try to be HTML, Markdown or LaTeX."""

import json
import re

import pytest

from archspec.calculator import calculator_assets
from archspec.pages import FORMATS, write_site
from tests.pages.reading import Reader, latex_faults

CALCULATOR = {script.strip() for script in Reader(calculator_assets()).scripts}
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](http://example.org/x.png)",
    "`</code><script>alert(2)</script>`",
    "a | b | c",
    "</svg></math></pre></div><script>alert(3)</script>",
    r"\input{/etc/passwd} \write18{x} $x_1$ 100% & # ~ ^ { } \end{document}",
    "{{ config }} {% raw %} {: onclick=alert(1) }",
    "# title",
    "1. one",
    "```",
    "]]> --> &lt;script&gt;",
    "⌈x⌉ → ∑ 漢字 \x01\x7f",
]


def spec(text: str) -> str:
    said = text.replace("\\", "\\\\").replace('"', '\\"')
    doc = text.replace('"""', "")
    return f'''
"""{doc}"""
layer Odd(d, kind = "{said}") {{
  """{doc}"""
  x[*, n] -> y[*, d]
  param weight[d, n]
  keras none "{said}"
}}
model Model(d = 4) {{
  """{doc}

  {doc}"""
  x[B, d] -> y[B, d]
  require d % 2 == 0, "{said}"
  y = x -> Odd(d, kind = "{said}") as odd
}}
test "{said}" given B = 1 {{ Model.params == 16 }}
'''


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    for number, text in enumerate(ATTACKS):
        (folder / f"spec{number}.arch").write_text(spec(text), encoding="utf-8")
    for form in FORMATS:
        write_site([str(path) for path in sorted(folder.glob("*.arch"))], str(folder / form), form)
    return folder


def is_data(script):
    try:
        return isinstance(json.loads(script), dict)
    except ValueError:
        return False


def pages(folder, ending):
    found = {path: path.read_text(encoding="utf-8") for path in folder.rglob(f"*{ending}")}
    assert len(found) >= 2 * len(ATTACKS)
    return found


def complaints(text):
    page = Reader(text)
    wrong = page.tags & {"img", "iframe", "object", "embed", "form"}
    # What the calculator runs stands in files of archspec; what it reads is JSON.
    wrong |= {script for script in page.scripts if script.strip() not in CALCULATOR and not is_data(script)}
    wrong |= {name for name in page.attributes if name.startswith("on")}
    wrong |= {link for link in page.links if link.startswith(("javascript:", "http:", "https:", "data:"))}
    return sorted(wrong) + page.wrong


def test_html_holds_texts_as_texts(sites):
    for path, text in pages(sites / "html", ".html").items():
        assert complaints(text) == [], path
    shown = [text for path, text in pages(sites / "html", ".html").items() if path.parent.name == "spec0"]
    assert any("&lt;script&gt;alert(1)&lt;/script&gt;" in text for text in shown)


def test_markdown_holds_texts_as_texts(sites):
    pytest.importorskip("markdown")
    import markdown

    extensions = ["tables", "fenced_code", "toc", "attr_list", "md_in_html", "admonition", "def_list", "footnotes"]
    for path, text in pages(sites / "markdown", ".md").items():
        rendered = markdown.markdown(text, extensions=extensions)
        assert complaints(rendered) == [], path
        assert rendered.count("<h1") == 1, path
        assert len(re.findall(r"<table>", rendered)) == len(re.findall(r"^\| :?-", text, re.MULTILINE)), path


def test_the_check_sees_scripts_that_are_not_the_calculators():
    assert complaints("<p><script>alert(1)</script></p>") == ["alert(1)"]
    assert complaints(calculator_assets()) == []
    assert len(CALCULATOR) == 1


def test_latex_holds_texts_as_texts(sites):
    for path, text in pages(sites / "latex", ".tex").items():
        assert latex_faults(text) == [], path

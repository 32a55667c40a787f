"""Reading pages back: the links and anchors of HTML, and whether LaTeX is whole."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

VOID = {"meta", "link", "br", "hr", "img", "input", "rect", "path", "mspace"}

LATEX = set(
    re.findall(
        r"\w+",
        "section subsection subsubsection paragraph texttt textbf text textbackslash textasciicircum textasciitilde "
        "textless textgreater textbar char times cdot rightarrow leq geq neq lceil rceil lfloor rfloor ldots Sigma sum "
        "surd alpha beta gamma mu sigma infty begin end item hline footnotesize ttfamily raggedright noindent mbox par "
        "mathrm frac left right min max log quad bigl bigr begingroup endgroup sloppy allowdisplaybreaks setlength "
        "tabcolsep tabularnewline raggedleft noalign vskip allowbreak",
    )
)
"""Commands of LaTeX itself and of amsmath; nothing else may be used."""
ENVIRONMENTS = {"align*", "center", "tabular", "itemize"}


class Reader(HTMLParser):
    """Collects what a page links to, what it can be linked at, its tags, its scripts, and tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.scripts: list[str] = []
        self.wrong: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.wrong += self._open

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        known = dict(attrs)
        self.links += [known[name] for name in ("href", "src") if name in known]
        self.anchors += [known["id"]] if "id" in known else []
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data):
        if self._open[-1:] == ["script"]:
            self.scripts.append(data)

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.wrong.append(tag)


def broken_links(folder: Path) -> list[str]:
    """The links in a site of HTML that lead to no file or to no anchor in it."""
    pages = {path: Reader(path.read_text(encoding="utf-8")) for path in folder.rglob("*.html")}
    broken: list[str] = []
    for path, page in pages.items():
        for link in page.links:
            file, _, anchor = link.partition("#")
            target = (path.parent / unquote(file)).resolve() if file else path
            found = {one.resolve(): one for one in pages}
            if not target.is_file() or (anchor and anchor not in pages[found[target.resolve()]].anchors):
                broken.append(f"{path.name}: {link}")
    return broken


def latex_faults(text: str) -> list[str]:
    """What would stop LaTeX, or is not to be there: commands, braces, environments, math."""
    faults = [name for name in re.findall(r"\\([A-Za-z]+)", text) if name not in LATEX]
    faults += [sign for sign in text if ord(sign) > 126]
    plain = re.sub(r"\\[^A-Za-z]", "  ", text)  # escaped signs, spaces of math, ends of lines
    depth = 0
    for sign in plain:
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            faults.append("a brace too many")
            depth = 0
    faults += ["an open brace"] * depth
    faults += _nesting(text)
    inline = re.sub(r"\\begin\{align\*\}.*?\\end\{align\*\}", "", plain, flags=re.DOTALL)
    faults += [line for line in inline.splitlines() if line.count("$") % 2]
    outside = re.sub(r"\$[^$]*\$", "", inline)
    faults += [line for line in outside.splitlines() if re.search(r"[_^#%]", line)]
    ends = (r"\tabularnewline", r"\tabularnewline \hline\noalign{\vskip 2pt}")
    faults += [line for line in outside.splitlines() if "&" in line and not line.endswith(ends)]
    faults += (
        ["left without right"] if len(re.findall(r"\\left\b", text)) != len(re.findall(r"\\right\b", text)) else []
    )
    return faults


def _nesting(text: str) -> list[str]:
    faults: list[str] = []
    opened: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{([^}]*)\}", text):
        if kind == "begin":
            faults += [] if name in ENVIRONMENTS else [name]
            opened.append(name)
        elif not opened or opened.pop() != name:
            faults.append(f"end of {name}")
    return faults + opened

"""The calculator as HTML: a fragment for the page of a model, and a page of its own. Both are whole in themselves."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archspec.calculator.data import OFFERED, calculator_data

if TYPE_CHECKING:
    from archspec.model import Model

_FOLDER = Path(__file__).parent
_DANGEROUS = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""What could end a script element, or a line of it, as JSON writes it otherwise."""


def calculator_html(model: Model, *, offered: Iterable[str] = OFFERED, assets: bool = True) -> str:
    """A fragment for a page: a section with the formulas of a model in it, styles and scripts.

    offered: choices with formulas of their own (`attention`, `checkpoint`); fewer are less data and less time. assets:
    with the styles and scripts, which a page needs once. Deterministic. Raises `SpecError` when the model is wrong.
    """
    return _section([calculator_data(model, offered)]) + (calculator_assets() if assets else "")


def calculator_page(models: Sequence[Model], *, offered: Iterable[str] = OFFERED) -> str:
    """One HTML file with a choice of models, which needs no other. Raises `SpecError` when a model is wrong."""
    chosen = tuple(offered)
    return page_of([calculator_data(model, chosen) for model in models])


def page_of(found: Sequence[dict[str, Any]]) -> str:
    """The page of some models, each as `calculator_data` gives it."""
    title = "Calculator" if len(found) != 1 else f"Calculator: {found[0]['model']}"
    style, script = _style(), _script()
    # The browser itself keeps the promise: no request to anywhere, no text is run as a program.
    policy = f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<link rel="icon" href="data:,">\n<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n'
        f'<body class="ac-page">\n<main>\n<h1>{escape(title)}</h1>\n{_section(found)}'
        f"</main>\n<script>{script}</script>\n</body>\n</html>\n"
    )


def calculator_assets() -> str:
    """The styles and scripts, for pages whose sections come without."""
    return f"<style>{_style()}</style>\n<script>{_script()}</script>\n"


def _section(found: Sequence[dict[str, Any]]) -> str:
    from archspec.devices import devices

    told = {
        "models": found,
        "devices": [[one.name, one.memory, f"{one.maker} {one.note}".strip()] for one in devices().values()],
    }
    return (
        '<section class="archspec-calculator" id="calculator" aria-label="Calculator">\n'
        "<noscript><p>The calculator needs JavaScript. "
        "<code>archspec size</code> gives the same numbers.</p></noscript>\n"
        f'<script type="application/json">{_safe(told)}</script>\n</section>\n'
    )


def _safe(data: Any) -> str:
    """JSON that can stand in a script element, whatever texts are in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return "".join(_DANGEROUS.get(sign, sign) for sign in text)


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


@cache
def _style() -> str:
    return "\n" + (_FOLDER / "calculator.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    parts = [(_FOLDER / name).read_text(encoding="utf-8") for name in ("interpreter.js", "drawing.js", "calculator.js")]
    return "\n" + "\n".join(parts)

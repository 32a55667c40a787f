"""Documentation from specs: a page for each model and layer, as Markdown, HTML or LaTeX.

Three steps, each a plain function: `collect` finds what is to be documented and what uses what, `page` says it in
blocks that know no notation, and a writer for each format puts the blocks down. Everything is read off the specs;
nothing here knows a model or a layer by name.
"""

from archspec.pages.site import FORMATS, write_site

__all__ = ["FORMATS", "write_site"]

"""The static check of a file."""

from __future__ import annotations

from archspec.check.deriving import check_derivations
from archspec.check.layers import check_layer
from archspec.check.plans import check_plan
from archspec.check.reporter import Reporter
from archspec.check.tests import check_test
from archspec.check.variants import check_variant
from archspec.errors.diagnostic import Diagnostics
from archspec.scope import FileScope, load_file
from archspec.syntax import tree

_FILES = frozenset({"file-not-found", "file-unreadable", "file-too-large", "not-utf8", "use-outside", "use-circle"})
"""Errors of a `use`: names that seem unknown may be in the file that is missing."""

_NAMES = frozenset({"duplicate-definition", "ambiguous-use", "hides-primitive"})
"""What loading reports of a text that was read whole."""


def check_file(path: str, diagnostics: Diagnostics) -> None:
    """Report everything wrong with a file, and with what its models make of the files it uses."""
    scope = load_file(path, diagnostics)
    if scope is not None:
        check_scope(scope, diagnostics)


def check_scope(scope: FileScope, diagnostics: Diagnostics) -> None:
    """Report everything wrong with a loaded file, in the order of the text.

    `diagnostics` holds what loading it reported. After a syntax error nothing more is said: what was skipped while
    reading on would be missed everywhere.
    """
    found = {one.id for one in diagnostics.errors}
    if found - _FILES - _NAMES:
        return
    reporter = Reporter(scope, diagnostics, incomplete=bool(found & _FILES))
    references: dict[str, set[str]] = {}
    faulty: set[str] = set()
    for item in scope.file.items:
        before = reporter.errors
        if isinstance(item, tree.Layer):
            check_layer(reporter, item)
        elif isinstance(item, tree.Variant):
            check_variant(reporter, item)
        elif isinstance(item, tree.Test):
            check_test(reporter, item)
        elif isinstance(item, tree.Plan):
            check_plan(reporter, item)
        if isinstance(item, tree.Layer | tree.Variant):
            references[item.name], reporter.asked = reporter.asked, set()
            if reporter.errors > before:
                faulty.add(item.name)
    if not reporter.incomplete:
        check_derivations(reporter, references, faulty)
    diagnostics.found.sort(
        key=lambda one: (
            one.place is not None,
            one.place.source.name if one.place else "",
            one.place.start if one.place else 0,
        )
    )

"""How large a source may be. Past a limit is an error, so that no text can exhaust memory, time or the stack."""

from __future__ import annotations

FILE_BYTES = 4 * 1024 * 1024
"""Size of one file."""

NESTING = 100
"""Brackets and braces inside each other."""

DEPTH = 200
"""Nodes of the syntax tree inside each other: operators in one chain, `else if` after `else if`, calls of calls."""

INTEGER_DIGITS = 100
"""Digits of a number, without the underscores."""

EXPONENT = 400
"""Size of the exponent of a real number."""

ITEMS = 10_000
"""Elements of a list, of a group, or arguments of a call."""

NAME_LENGTH = 100
"""Characters of a name."""

ERRORS = 100
"""Syntax errors reported for one file; what follows is left out."""

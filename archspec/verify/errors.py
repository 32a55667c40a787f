"""What stops a verification before there is anything to compare."""

from __future__ import annotations


class CannotVerify(Exception):
    """Two sides cannot be compared at all; the message says why and what to do."""


def need(module: str, install: str) -> CannotVerify:
    """A framework is missing."""
    return CannotVerify(f"this needs {module}, which is not installed: pip install {install}")

"""What stops an import."""

from __future__ import annotations


class CannotImport(Exception):
    """There is nothing that a spec could be made of; the message says why, with the name of the file or source."""

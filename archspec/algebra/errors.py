"""What the algebra raises."""

from __future__ import annotations


class AlgebraError(Exception):
    """Something that has no exact integer value. The message is a plain sentence without a full stop."""

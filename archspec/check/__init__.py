"""Static checks: everything wrong with a file that can be said without numbers, also in layers that no model uses."""

from __future__ import annotations

from archspec.check.entry import check_file, check_scope

__all__ = ["check_file", "check_scope"]

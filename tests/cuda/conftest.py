"""The checks that need a card: skipped, and said so, without one. `pytest tests/cuda` runs them where there is one."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "frameworks"))

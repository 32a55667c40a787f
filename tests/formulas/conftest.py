"""The random expressions are those of the algebra's tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "algebra"))

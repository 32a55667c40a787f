"""The helpers beside these tests are imported by name, and so is one of those of the zoo."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parent.parent / "zoo"))

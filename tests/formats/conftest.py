"""Stand-ins for torchvision's operators, which transformers asks for, lie with the tests of the zoo."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "zoo"))

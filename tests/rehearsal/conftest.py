"""Makes the stages of this folder (a world, its hosts, ways to speak to them) importable for its tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

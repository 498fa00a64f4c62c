"""Makes the stages of this folder (a world, its hosts, ways to speak to them) importable for its tests."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

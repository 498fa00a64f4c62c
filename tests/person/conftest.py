"""Makes the stage, and what plays on it, importable for the tests of this folder."""

import sys
from pathlib import Path

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "sections"), str(TESTS / "scenarios")]

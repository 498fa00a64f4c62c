"""Makes the forge (builder of responses, honest and hostile) importable for the tests of this folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

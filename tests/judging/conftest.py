"""Makes the shapes of this folder, the stage and the whole onboarding importable."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "sections"), str(HERE.parent / "saml")]

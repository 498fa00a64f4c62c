"""`python -m tests.conformance`: one whole onboarding, each exchange held against the vendors' own descriptions."""

import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(Path(__file__).parent), str(TESTS), str(TESTS / "sections")]

from verdicts import Verdicts, whole_onboarding  # noqa: E402 - found by the line above


def main() -> int:
    """Print what was judged; 1 where something deviates."""
    verdicts = Verdicts()
    with tempfile.TemporaryDirectory() as folder, verdicts.listening():
        whole_onboarding(Path(folder))
    print(verdicts)
    return 1 if verdicts.deviating else 0


if __name__ == "__main__":
    sys.exit(main())

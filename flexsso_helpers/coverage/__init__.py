"""Which documented instruction is carried out and proved where: a table made from an actual run in a rehearsal."""

from flexsso_helpers.coverage.covered import Covered, covered
from flexsso_helpers.coverage.instructions import INSTRUCTIONS, MODES, Instruction, Proof

__all__ = ["INSTRUCTIONS", "MODES", "Covered", "Instruction", "Proof", "covered"]

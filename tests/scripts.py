"""The programs of `scripts/`, loaded as modules, for tests of what they make."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"


def load(name: str) -> ModuleType:
    """The script of this name, without its main."""
    sys.path[:0] = [] if str(SCRIPTS) in sys.path else [str(SCRIPTS)]  # where it finds the others, as when it is run
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

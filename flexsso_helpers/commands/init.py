"""`flexsso init FOLDER`: notebooks and first files, for whoever installed the package without a clone."""

from dataclasses import dataclass
from pathlib import Path

from flexsso_helpers.notebooks import NOTEBOOKS

PACKAGE = Path(__file__).resolve().parents[1]


def _source(name: str) -> Path:
    """The file or folder in an installed wheel, else in the checkout that this package is part of."""
    inside = PACKAGE / "_files" / name
    return inside if inside.exists() else PACKAGE.parent / name


FILES = (
    ".gitignore",
    "parameters/schema.json",
    "parameters/rehearsal.yaml",
    "parameters/rehearsal.people.csv",
    "parameters/practice.yaml",
    "parameters/contoso.example.yaml",
    *(f"notebooks/{each.file}" for each in NOTEBOOKS),
    *(f"docs/{page.name}" for page in sorted(_source("docs").glob("*")) if page.suffix in (".md", ".svg")),
)
"""What a folder to work in needs. pyproject.toml puts the same into the wheel."""


@dataclass(frozen=True)
class Begun:
    """What came of it: files written, and files that were there and stayed as they were."""

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def begin(folder: Path) -> Begun:
    """Put the files there; one that is there already stays as it is. Raises OSError where none can be written."""
    folder = folder.resolve()
    kept = tuple(name for name in FILES if (folder / name).exists())
    written = tuple(name for name in FILES if name not in kept)
    for name in written:
        text = _source(name).read_bytes()
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("xb") as file:
            file.write(text)
    return Begun(folder, written, kept)


def told(begun: Begun) -> str:
    """What was done, and what to do next."""
    lines = [f"{begun.folder}: {len(begun.written)} files written."]
    if begun.kept:
        lines.append(f"There already, and left as they were: {', '.join(begun.kept)}")
    return "\n".join(
        (
            *lines,
            "",
            "Next, in that folder:",
            "  flexsso doctor                   look whether this machine is ready",
            "  flexsso run rehearsal --apply    practise the whole onboarding; nothing leaves this machine",
            "  flexsso guide                    practise by hand, in JupyterLab",
            "For a tenant, copy parameters/contoso.example.yaml to parameters/NAME.yaml and fill it in; then",
            "  flexsso guide NAME",
        )
    )

"""What the commands of `flexsso` have in common: a tenant's file by its name, wrong use, progress beside the result."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import typer

from flexsso_helpers import places
from flexsso_helpers.errors import ParametersError
from flexsso_helpers.output import clean
from flexsso_helpers.parameters import find

T = TypeVar("T")


class ToRead(str):
    """A line of progress that somebody has to read, such as a device code: it stays where verdicts pass."""

    __slots__ = ()


def tenants_file(name: str) -> Path:
    """The tenant's file. A name that leads nowhere is a misuse of the command."""
    return misused(lambda: find(name, folder=places.parameters()))


def tell(line: str) -> None:
    """Progress goes beside the result, so that `--json` stays JSON."""
    print(clean(line), file=sys.stderr, flush=True)


def misused(ask: Callable[[], T]) -> T:
    """What `ask` gives; its ParametersError means that the command was used wrongly."""
    try:
        return ask()
    except ParametersError as error:
        raise typer.BadParameter(str(error)) from error

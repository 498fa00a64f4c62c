"""A tenant's run on another machine, as plain data: what is sent there, what is done there, what is taken back.

What is sent are the tenant's files, which hold references to secrets and no secret: those are looked up where the run
is. What comes back are the run's folder, and those of the files that notebooks wrote to (02, 06, 08 note values there).
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from flexsso_helpers import places
from flexsso_helpers.commands.command_line import ToRead
from flexsso_helpers.commands.kernel_forks import Forks
from flexsso_helpers.commands.result import FILE, failed
from flexsso_helpers.commands.run import run_tenant
from flexsso_helpers.commands.selection import place
from flexsso_helpers.commands.stopping import Stopping
from flexsso_helpers.fleet.record import last_proved
from flexsso_helpers.handover import write_handover, writing
from flexsso_helpers.ledger import write_whole
from flexsso_helpers.notebooks import STEPS
from flexsso_helpers.notify import KEPT
from flexsso_helpers.parameters import explain

Record = dict[str, Any]
Told = Callable[[str], None]
HANDOVER = (writing.FILE, writing.DATA)
Folder = dict[str, bytes]
"""The files of a run's folder, by their place in it."""


def sent(file: Path, payload: Mapping[str, Any]) -> Record:
    """What `run_tenant` takes, with the tenant's files in it. Raises ParametersError for a file that is wrong."""
    told = explain(file)
    own, tenant = file.resolve(), told.tenant
    files = [path.resolve() for path in told.files]
    base = Path(os.path.commonpath([path.parent for path in files]))
    said = places.runs() / tenant.name / KEPT
    return {
        **payload,
        "file": own.relative_to(base).as_posix(),
        "files": {path.relative_to(base).as_posix(): path.read_text("utf-8") for path in files},
        "tenant": tenant.name,
        "language": tenant.handover.language,
        "place": " ".join(place(tenant)),
        "version": version("flexsso"),
        "before": last_proved(places.runs(), tenant.name, payload.get("only") or [each.number for each in STEPS]),
        "told": said.read_text("utf-8") if said.is_file() else "",
    }


def done(payload: Record, told: Told, stopping: Stopping, forks: Forks | None) -> tuple[Record, Folder]:
    """Run it here. The answer holds the result and what the files say now; beside it the folder, which stays here until
    somebody `forget`s it: whoever sent the payload may be gone. Sets the umask.
    """
    os.umask(0o077)  # before the first folder: those above one that is made have the mode that the umask leaves
    if payload["version"] != version("flexsso"):
        words = f"sent by flexsso {payload['version']} to a machine that has {version('flexsso')}; install the same."
        return {"result": failed(payload["file"], words).model_dump()}, {}
    with TemporaryDirectory(prefix="flexsso-") as home:
        for name, text in payload["files"].items():
            path = _below(Path(home), name)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(path, text)
        file = _below(Path(home), payload["file"])
        said = places.runs() / payload["tenant"] / KEPT
        said.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(said, payload["told"] or "{}")
        result = run_tenant({**payload, "file": str(file)}, told, stopping, forks)
        files = {name: _below(Path(home), name).read_text("utf-8") for name in payload["files"]}
        answer = {"result": result, "files": files, "told": said.read_text("utf-8")}
    if not result["folder"]:
        return answer, {}
    folder = Path(result["folder"])
    left = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return answer, left


def forget(folder: str) -> None:
    """Remove the folder of a run of this machine, which somebody has taken back."""
    path = Path(folder)
    if path.resolve().parent.parent == places.runs().resolve():
        shutil.rmtree(path, ignore_errors=True)


def taken_back(file: Path, payload: Mapping[str, Any], answer: Record, left: Folder, told: Told) -> Record:
    """Lay what the run left where a run of this machine would have left it, and return its result."""
    result: Record = {**answer["result"], "file": str(file)}
    if not left:
        return result
    kept = str((payload["before"] or {}).get("handover") or "")
    if (
        all(each["as_good_as"] for each in result["notebooks"])
        and writing.language_of(Path(kept)) == payload["language"]
    ):
        left = {name: content for name, content in left.items() if name not in HANDOVER}  # the page says the same still
    folder = places.new_run_folder(result["tenant"])
    places.keep_pages(folder)
    for name, content in left.items():
        path = _below(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(content)
    write_whole(places.runs() / result["tenant"] / KEPT, answer["told"])
    if not left.keys().isdisjoint(HANDOVER):  # written where no other run of this tenant was known
        kept = str(write_handover(folder, payload["language"]) or "")
    result["handover"] = kept or None
    result["folder"] = str(folder)
    write_whole(folder / FILE, json.dumps(result, ensure_ascii=False, indent=1))
    _written_to(file, payload, answer["files"], folder, lambda line: told(ToRead(f"{result['tenant']} · {line}")))
    return result


def _written_to(file: Path, payload: Mapping[str, Any], files: Mapping[str, str], folder: Path, told: Told) -> None:
    """What notebooks wrote into the tenant's files; never over an edit that somebody made meanwhile."""
    base = Path(str(file.resolve()).removesuffix(payload["file"]))
    for name, text in files.items():
        before, path = payload["files"][name], _below(base, name)
        if text == before:
            continue
        if path.read_text("utf-8") == before:
            write_whole(path, text)
        else:
            write_whole(folder / path.name, text)
            told(f"{path.name} was edited meanwhile; as the run wrote it, it lies in {folder}")


def _below(folder: Path, name: str) -> Path:
    """A place in this folder. Raises ValueError for one that leads out of it."""
    inner = PurePosixPath(name)
    if inner.is_absolute() or ".." in inner.parts or "\\" in name or ":" in name:
        raise ValueError(f"{name} leads out of the folder")
    return folder / inner

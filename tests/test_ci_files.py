"""The files for pipelines in docs/ci, and the pages that lead to them: they are what they seem, and say what is so."""

import re
import subprocess
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.main import get_command

from flexsso_helpers.commands.main import app
from flexsso_helpers.graph import SCOPES
from flexsso_helpers.notify import KEPT
from flexsso_helpers.parameters.shapes import VAULT
from flexsso_helpers.resources.listed_users import MOST

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "ci"
FILES = sorted(FOLDER.iterdir())
GITHUB, AZURE, KUBERNETES = (
    FOLDER / name for name in ("github-actions.yml", "azure-pipelines.yml", "kubernetes-cronjob.yaml")
)
PAGE, UNATTENDED, LEAVE = (
    (ROOT / "docs" / name).read_text("utf-8") for name in ("many_tenants.md", "unattended.md", "leave.md")
)
SECURITY = (ROOT / "SECURITY.md").read_text("utf-8")
IN_A_BATCH = 20
COMMAND: Any = get_command(app)
RUN = COMMAND.commands["run"]
OPTIONS = {name for parameter in RUN.params for name in parameter.opts if name.startswith("--")}
DEFAULTS = {name: parameter.default for parameter in RUN.params for name in parameter.opts}


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text("utf-8")))


def words(text: str) -> str:
    """Without the ends of lines, where a sentence may break."""
    return " ".join(re.sub(r"^\s*#", "", line).strip() for line in text.splitlines())


def command_of(path: Path) -> str:
    """The one line that runs the tenants."""
    (line,) = re.findall(r"^[^#\n]*flexsso run .*", path.read_text("utf-8"), re.MULTILINE)
    return str(line)


def steps(path: Path) -> list[dict[str, Any]]:
    """Those of the job that runs tenants; of a place that is not made of steps none."""
    (whole, *_) = documents(path)
    if path == KUBERNETES:
        return []
    jobs = whole["jobs"]
    found: list[dict[str, Any]] = jobs["run"]["steps"] if path == GITHUB else jobs[0]["steps"]
    return found


def place(path: Path, text: str) -> int:
    """The one step in which that stands, by its number."""
    (at,) = [at for at, step in enumerate(steps(path)) if text in yaml.safe_dump(step, width=10_000)]
    return at


def cron_job() -> Any:
    (found,) = [each for each in documents(KUBERNETES) if each["kind"] == "CronJob"]
    return found


def pod() -> Any:
    return cron_job()["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def minutes(path: Path) -> float:
    """How long the place lets a job take."""
    if path == GITHUB:
        return float(documents(path)[0]["jobs"]["run"]["timeout-minutes"])
    if path == AZURE:
        return float(documents(path)[0]["jobs"][0]["timeoutInMinutes"])
    return float(cron_job()["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"]) / 60


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_they_are_yaml_and_their_options_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    assert all(documents(path))
    runs = re.findall(r"flexsso run .*", text)
    assert runs
    used = {option for line in runs for option in re.findall(r"(?<!\S)(--[a-z-]+)", line)}
    assert used <= OPTIONS
    assert "Not tried" in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_metrics_lie_where_another_account_may_read(path: Path) -> None:
    """Nobody but its owner gets into the folder of runs."""
    written = re.findall(r"--metrics (\S+?)[\s\"\]]", path.read_text("utf-8"))
    assert [each for each in written if each.startswith("runs/")] == []
    mounted = re.findall(r"mountPath: (/\S+)", path.read_text("utf-8"))
    assert [each for each in written if each.startswith("/") and str(Path(each).parent) not in mounted] == []
    assert [each for each in written if not each.startswith("/")] == [], "thrown away with the machine"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_flexsso_ends_a_slow_tenant_before_the_place_ends_the_job(path: Path) -> None:
    given = re.search(r"--timeout (\S+)", command_of(path))
    assert minutes(path) > float(given[1] if given else DEFAULTS["--timeout"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_shell_stands_between_a_signal_and_flexsso(path: Path) -> None:
    assert re.search(r"\bexec \S*flexsso run", command_of(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_night_asks_for_all_tenants(path: Path) -> None:
    """Who is skipped is missing in the metrics, and a checkout gives every file the time of that moment."""
    assert not re.search(r"--(?:continue|changed-since)\b", command_of(path))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_pull_request_starts_nothing(path: Path) -> None:
    """Azure DevOps runs a pipeline for each one where nothing is said, and a push is not the same."""
    for each in documents(path):
        started = each.get("on", each.get(True, {}))  # YAML of old reads `on` as a truth
        assert not {"pull_request", "pull_request_target", "push"} & set(started)
        assert "trigger" not in each or (each["trigger"], each.get("pr")) == ("none", "none")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_page_names_the_way_of_signing_in_of_the_file(path: Path) -> None:
    (named,) = re.findall(rf"\(ci/{re.escape(path.name)}\)(.*)", PAGE)
    (method,) = set(re.findall(r"`method: (\w+)`", path.read_text("utf-8")))
    ways = {"workload_identity": "workload identity", "client_certificate": "certificate", "client_secret": "secret"}
    assert {way for way, called in ways.items() if called in named} == {method}


@pytest.mark.parametrize("path", [GITHUB, AZURE], ids=lambda path: path.name)
def test_what_former_nights_left_is_there_before_the_run_and_kept_after_it(path: Path) -> None:
    run, all_of_it = place(path, "flexsso run "), steps(path)
    if path == GITHUB:
        before, after = place(path, "cache/restore@"), place(path, "cache/save@")
        restored, kept = all_of_it[before]["with"], all_of_it[after]["with"]
        assert restored["path"] == kept["path"] == "runs"
        assert restored["key"] == kept["key"]
        assert kept["key"].startswith(restored["restore-keys"])
        assert restored["restore-keys"].endswith("${{ matrix.tenant }}/"), "else contoso finds what contoso-east left"
    else:
        before, after = place(path, "DownloadPipelineArtifact@"), place(path, "PublishPipelineArtifact@")
        restored, kept = all_of_it[before]["inputs"], all_of_it[after]["inputs"]
        assert restored["artifact"] == kept["artifact"] == "runs"
        assert restored["allowFailedBuilds"], "a night that changed something ends as failed"
        assert before < place(path, "tar -xf") < run < place(path, "tar -cf") < after
        assert all_of_it[place(path, "tar -cf")]["condition"] == "always()"
    assert before < run < after
    assert "always()" in (all_of_it[after].get("if"), all_of_it[after].get("condition"))


def test_what_github_keeps_as_an_artifact_has_the_hidden_files_too() -> None:
    given = steps(GITHUB)[place(GITHUB, "upload-artifact@")]["with"]
    assert KEPT.startswith(".")
    assert given["include-hidden-files"] is True


def test_runs_are_on_a_volume_of_the_cluster() -> None:
    (container,) = pod()["containers"]
    mounted = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
    claims = {each["name"]: each["persistentVolumeClaim"]["claimName"] for each in pod()["volumes"]}
    assert claims[mounted["/project/runs"]]
    assert claims[mounted["/project/parameters"]]


@pytest.mark.parametrize("path", [GITHUB, AZURE], ids=lambda path: path.name)
def test_what_notebooks_note_in_files_is_kept_for_somebody_to_commit(path: Path) -> None:
    run, noted = place(path, "flexsso run "), place(path, "git diff -- parameters")
    assert run < noted
    assert "always()" in (steps(path)[noted].get("if"), steps(path)[noted].get("condition"))
    assert "commit it" in words(path.read_text("utf-8"))


@pytest.mark.parametrize("path", [GITHUB, AZURE], ids=lambda path: path.name)
def test_they_say_that_a_copy_of_this_project_has_no_tenants_files(path: Path) -> None:
    assert "parameters/*" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    for text in (path.read_text("utf-8"), PAGE):
        assert "git add -f parameters/NAME.yaml" in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_secret_of_each_tenant_is_one_of_a_vault(path: Path) -> None:
    """One variable is one Flex account's; a repository has no room for hundreds."""
    text = path.read_text("utf-8")
    (reference,) = set(re.findall(r'`api_secret: "([^"]+)"`', text))
    assert re.fullmatch(VAULT, reference)
    assert not re.search(r"\$\{\{ secrets\.|secretRef|TWILIO", text)
    assert "`keyvault`" in text


@pytest.mark.parametrize("path", [GITHUB, AZURE], ids=lambda path: path.name)
def test_the_library_of_the_vault_is_installed_with_all_that_it_needs(path: Path) -> None:
    run = place(path, "flexsso run ")
    at = place(path, "keyvault.lock")
    script = steps(path)[at].get("run") or steps(path)[at]["script"]
    (line,) = [line for line in script.splitlines() if line.startswith("sed ")]
    taken = subprocess.run(
        line.partition(" > ")[0], shell=True, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    entries = re.findall(r"^([\w-]+)==\S+((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", taken, re.MULTILINE)
    assert len(re.findall("--hash", taken)) == sum(hashes.count("--hash") for _, hashes in entries)
    others = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    asked = [Requirement(each) for each in requires("azure-keyvault-secrets") or []]
    needed = {"azure-keyvault-secrets", *(canonicalize_name(each.name) for each in asked if each.marker is None)}
    assert {name for name, _ in entries} == needed - others
    assert at < run
    assert script.splitlines()[-1] == ".venv/bin/pip install --require-hashes --no-deps -r keyvault.lock"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_they_say_that_work_for_a_person_ends_a_job_as_failed(path: Path) -> None:
    said = words(path.read_text("utf-8"))
    assert re.search(
        r"2 when something was changed and 3 when a person is awaited.{1,9}oth end this [Jj]ob as failed", said
    )


def test_the_limits_of_a_place_are_said() -> None:
    assert "A matrix holds at most 256 jobs" in words(GITHUB.read_text("utf-8"))
    assert "at most 256 tenants" in PAGE
    assert "permit this pipeline by hand" in words(AZURE.read_text("utf-8"))
    assert "ends the whole container" in words(KUBERNETES.read_text("utf-8"))
    assert "sees no claim" in words(KUBERNETES.read_text("utf-8"))
    assert "`--changed-since` is of no use after a checkout" in words(PAGE)


def test_the_account_of_the_cluster_is_made_and_named_as_entra_is_told() -> None:
    (account,) = [each["metadata"] for each in documents(KUBERNETES) if each["kind"] == "ServiceAccount"]
    assert pod()["serviceAccountName"] == account["name"]
    assert cron_job()["metadata"]["namespace"] == account["namespace"]
    assert account["annotations"]["azure.workload.identity/client-id"]
    assert f"`system:serviceaccount:{account['namespace']}:{account['name']}`" in KUBERNETES.read_text("utf-8")


def test_the_account_of_the_cluster_may_write_to_its_volumes_at_a_known_time() -> None:
    secured = pod()["securityContext"]
    assert secured["fsGroup"] == secured["runAsGroup"]
    assert secured["runAsNonRoot"]
    assert cron_job()["spec"]["timeZone"]


def test_what_a_look_asks_is_what_was_counted() -> None:
    counted = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    (trips,) = re.findall(r"^\| one look at all steps \| (\d+) \|", counted, re.MULTILINE)
    numbers = {"five": 5, "six": 6, "seven": 7, "fifteen": 15, "three hundred": 300}
    (said,) = re.findall(r"(\w+) round trips", UNATTENDED)
    (each, most) = re.findall(r"People are (\w+) to a question and ([\w ]+) to a request", UNATTENDED)[0]
    assert (numbers[said], numbers[each], numbers[most]) == (int(trips), MOST, MOST * IN_A_BATCH)


def test_both_things_that_no_look_shows_are_named() -> None:
    assert re.search(r"Two things no look shows\. .*sign on.* pasted into Flex Console", words(UNATTENDED))
    assert "may rest on what the first one changes" in words(UNATTENDED)


def test_what_a_kernel_knows_of_others_is_said_as_it_is() -> None:
    """What is withheld, and what is not, is shown by tests/commands/test_selection.py."""
    where = "../SECURITY.md#what-is-not-separated"
    for page in (PAGE, UNATTENDED):
        assert where in page
        assert "knows only the variables" not in page
    told = words(SECURITY.partition("## What is not separated")[2].partition("\n## ")[0])
    for part in ("whole environment", "one tenant is named", "could not be read", "Windows and macOS"):
        assert part in told, part
    (stays,) = re.findall(r"([^.]*) are not put back\.", told)
    for part in ("other libraries", "threads", "signal handlers"):
        assert part in stays, part
    assert "everything in its process is put back" not in told


def test_what_was_told_lies_where_the_page_says() -> None:
    assert f"| `runs/<tenant>/{KEPT}` |" in SECURITY
    assert f"`runs/{KEPT}`" not in SECURITY


def test_an_application_for_many_has_an_address_to_return_to() -> None:
    """Its link names none (`consent_link`), so without one the customer ends on an error, consent or not."""
    steps_of_it = words(PAGE.partition("## One application for all")[2].partition("\n## ")[0])
    assert "*Redirect URI* one address of *Web*" in steps_of_it.partition(" 2. ")[0]
    assert "AADSTS500113" in steps_of_it


def test_whoever_leaves_is_told_what_stays_with_those_who_ran_it() -> None:
    left = LEAVE.partition("## What is left with you")[2]
    for part in ("`parameters/NAME.yaml`", "`runs/NAME`", "certificate", "Twilio API key", "pipeline", "an hour"):
        assert part in left, part
    assert PAGE.count("leave.md#what-is-left-with-you") == 1


def test_the_page_leads_to_each_of_them() -> None:
    page = (FOLDER.parent / "many_tenants.md").read_text("utf-8")
    assert set(re.findall(r"\]\(ci/([^)]+)\)", page)) == {path.name for path in FILES}


def test_the_page_names_every_permission_that_is_asked_for() -> None:
    page = (FOLDER.parent / "many_tenants.md").read_text("utf-8")
    listed = page.partition("## Which permissions")[2].partition("\n## ")[0]
    asked = {*SCOPES, "AuditLog.Read.All", "Directory.Read.All"}
    assert set(re.findall(r"`([A-Z]\w+(?:\.\w+)+)`", listed)) == asked

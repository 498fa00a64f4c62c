"""`flexsso judge` as it is typed: what it prints, and how it ends."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import entra_shapes as entra
import pytest
from entra_shapes import Shape, Signer

from flexsso_helpers.commands import main
from flexsso_helpers.commands.judge.command import Asked, answer
from flexsso_helpers.errors import ParametersError

Run = Callable[..., tuple[int, str, str]]
AT = "2023-05-10T09:30:00Z"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a response, a page and metadata of several kinds."""
    kept = {
        "response.xml": Shape().xml(),
        "forged.xml": Shape().xml().replace(b"Ada Admin", b"Eve Evil!"),
        "error.html": b"<html><body>AADSTS50011: The reply URL does not match.</body></html>",
        "metadata.xml": entra.metadata(Signer(label="old"), Signer()),
        "federation.xml": b'<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>',
        "common.xml": entra.metadata(entity_id="https://sts.windows.net/{tenantid}/"),
        "no-key.xml": entra.metadata(use=' use="encryption"'),
    }
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def run(files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type the command in that folder: exit code, standard output, standard error."""
    monkeypatch.chdir(files)

    def typed(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["flexsso", "judge", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.main()
        said = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return code, said.out, said.err

    return typed


GIVEN = ("--metadata", "metadata.xml", "--identifier", entra.IDENTIFIER, "--reply-url", entra.REPLY_URL, "--at", AT)


def test_an_accepted_response_ends_with_0_and_shows_its_person(run: Run) -> None:
    code, out, err = run("response.xml", *GIVEN, "--require", "assertion")
    assert (code, err) == (0, "")
    assert "✓ accepted" in out
    assert "ada@contoso.com" in out


@pytest.mark.parametrize(
    ("arguments", "code", "verdict"),
    [
        (("response.xml", *GIVEN, "--require", "assertion"), 0, "accepted"),
        (("response.xml", "--metadata", "metadata.xml", "--require", "assertion", "--at", AT), 0, "accepted"),
        (("response.xml", *GIVEN), 1, "rejected"),
        (("response.xml", *GIVEN[:-2], "--require", "assertion"), 1, "rejected"),
        (("response.xml", "--at", AT), 1, "rejected"),
        (("response.xml", "--at", AT, "--require", "assertion"), 3, "undecided"),
        (("forged.xml", *GIVEN, "--require", "assertion"), 1, "rejected"),
        (("error.html", *GIVEN), 3, "unreadable"),
        (("metadata.xml",), 3, "unreadable"),
    ],
)
def test_the_exit_code_says_the_verdict_and_json_is_all_there_is(
    run: Run, arguments: tuple[str, ...], code: int, verdict: str
) -> None:
    ended, out, _ = run(*arguments, "--json")
    data = json.loads(out)
    assert (ended, data["verdict"], data["profile"]) == (code, verdict, "saml")


def test_a_name_is_only_given_where_a_signature_vouches_for_it(run: Run) -> None:
    _, out, _ = run("response.xml", *GIVEN, "--json")  # rejected: the response has no signature of its own
    assert json.loads(out)["name_id"] == "ada@contoso.com"
    for arguments in (("forged.xml", *GIVEN), ("response.xml", "--at", AT)):
        _, out, _ = run(*arguments, "--json")
        data = json.loads(out)
        assert (data["name_id"], data["attributes"], data["flex"]) == (None, {}, {})


def test_standard_input_is_read(run: Run, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((files / "response.xml").read_bytes())))
    code, out, _ = run("-", *GIVEN, "--require", "assertion", "--json")
    assert (code, json.loads(out)["name_id"]) == (0, "ada@contoso.com")


@pytest.mark.parametrize("name", ["error.html", "metadata.xml"])
def test_what_is_no_response_needs_no_tenant_to_be_explained(run: Run, name: str) -> None:
    code, out, _ = run(name, "--tenant", "contoso.example", "--json")
    data = json.loads(out)
    assert (code, data["verdict"], data["profile"]) == (3, "unreadable", "flex")


WRONG_USES: dict[str, tuple[Asked, str]] = {
    "no such file": (Asked(file="missing.xml"), "missing.xml cannot be read: No such file"),
    "a folder": (Asked(file="."), "cannot be read"),
    "a name that cannot be": (Asked(file="a\0b"), "cannot be read"),
    "a day without a time": (Asked(file="response.xml", at="2023-05-10"), "2026-01-31T12:00:00Z"),
    "a time without a zone": (Asked(file="response.xml", at="2023-05-10T09:30:00"), "2026-01-31T12:00:00Z"),
    "an identifier alone": (Asked(file="response.xml", identifier="x"), "need --metadata"),
    "a reply URL alone": (Asked(file="response.xml", reply_url="x"), "need --metadata"),
    "a user without a tenant": (Asked(file="response.xml", user="ada@contoso.com"), "needs --tenant"),
    "tenant and metadata": (Asked(file="response.xml", tenant="a", metadata="metadata.xml"), "Leave --metadata"),
    "a tenant without a file": (Asked(file="response.xml", tenant="nobody"), "nobody.yaml does not exist"),
    "standard input twice": (Asked(file="-", metadata="-"), "cannot be both"),
    "no such metadata": (Asked(file="response.xml", metadata="missing.xml"), "missing.xml cannot be read"),
    "metadata of a federation": (
        Asked(file="response.xml", metadata="federation.xml"), "a collection with no SAML identity provider",
    ),
    "metadata of no tenant": (Asked(file="response.xml", metadata="common.xml"), "no particular tenant"),
    "metadata without a key": (Asked(file="response.xml", metadata="no-key.xml"), "no signing certificate"),
    "a response as metadata": (
        Asked(file="response.xml", metadata="response.xml"), "“Response”, not EntityDescriptor",
    ),
    "a page as metadata": (Asked(file="response.xml", metadata="error.html"), "error.html"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_USES)
def test_a_wrong_use_is_refused_with_the_right_one(name: str, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files)
    asked, says = WRONG_USES[name]
    with pytest.raises(ParametersError) as refused:
        answer(asked)
    assert says in str(refused.value)
    assert refused.value.fix

"""A pipeline's job says who it is: asked where the pipeline says, for Entra, and refused in plain words."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from flexsso_helpers import job_token
from flexsso_helpers.errors import ParametersError, SignInError
from flexsso_helpers.secret import reveal_assertion

GITHUB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://pipelines.example.com/token?api-version=2.0",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-this-job",
}
AZURE = {"SYSTEM_OIDCREQUESTURI": "https://dev.example.com/oidctoken/", "SYSTEM_ACCESSTOKEN": "of-this-job"}
CONNECTION = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"


class Pipeline:
    """The endpoint of a pipeline."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.status, self.body = 200, '{"value": "e.y.J", "oidcToken": "e.y.J"}'

    def __call__(self, method: str, address: str, *, headers: dict[str, str], **_more: Any) -> requests.Response:
        self.asked.append((method, address, headers))
        answer = requests.Response()
        answer.status_code, answer._content = self.status, self.body.encode()
        return answer


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    pipeline = Pipeline()
    monkeypatch.setattr(job_token, "requests", SimpleNamespace(**{**vars(requests), "request": pipeline}))
    for name, value in (GITHUB | AZURE).items():
        monkeypatch.setenv(name, value)
    return pipeline


@pytest.mark.parametrize(
    ("reference", "method", "address"),
    [
        ("job:github", "GET", "https://pipelines.example.com/token?api-version=2.0&audience=api://AzureADTokenExchange"),
        (f"job:azure/{CONNECTION}", "POST",
         f"https://dev.example.com/oidctoken?api-version=7.1&serviceConnectionId={CONNECTION}"),
    ],
)  # fmt: skip
def test_a_new_token_is_asked_for_each_time(reference: str, method: str, address: str, pipeline: Pipeline) -> None:
    assert [reveal_assertion(reference) for _ in range(2)] == ["e.y.J"] * 2
    assert [each[:2] for each in pipeline.asked] == [(method, address)] * 2
    assert pipeline.asked[0][2]["Authorization"] == "Bearer of-this-job"


@pytest.mark.parametrize("place", ["github", f"azure/{CONNECTION}"])
@pytest.mark.parametrize(
    ("status", "body"), [(403, "{}"), (200, "<html>"), (200, "[]"), (200, "{}"), (200, '{"value": 1, "oidcToken": ""}')]
)
def test_no_token_is_said_without_what_was_shown_for_it(place: str, status: int, body: str, pipeline: Pipeline) -> None:
    pipeline.status, pipeline.body = status, body
    with pytest.raises(SignInError, match="gave no token") as caught:
        job_token.asked(place)
    assert "of-this-job" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [*((name, "") for name in (*GITHUB, *AZURE)),
     *((name, "http://pipelines.example.com") for name in (*GITHUB, *AZURE) if not name.endswith("TOKEN"))],
)  # fmt: skip
def test_outside_of_a_pipeline_nothing_is_asked(
    name: str, value: str, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SignInError, match="no token of its own"):
        job_token.asked("github" if name in GITHUB else f"azure/{CONNECTION}")
    assert pipeline.asked == []


def test_a_file_is_read_anew_each_time_and_a_missing_one_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    for text in ("first", "second"):
        file.write_text(f"{text}\n")
        assert reveal_assertion(f"file:{file}") == text
    file.unlink()
    with pytest.raises(ParametersError, match="The assertion at file:"):
        reveal_assertion(f"file:{file}")
    monkeypatch.setenv("ID_TOKEN", "of-a-variable")
    assert reveal_assertion("env:ID_TOKEN") == "of-a-variable"

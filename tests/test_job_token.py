"""A pipeline's job says who it is: asked where the pipeline says, for Entra, and refused in plain words."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from opening_proxy import Answer, Asked, OpeningProxy, certificate_for, opening
from sockets import Guard

from flexsso_helpers import job_token
from flexsso_helpers.errors import NotContacted, ParametersError, SignInError, Unreachable
from flexsso_helpers.secret import reveal_assertion
from flexsso_helpers.wire import AnsweredByAnother

GITHUB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://pipelines.example.com/token?api-version=2.0",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-this-job",
}
AZURE = {"SYSTEM_OIDCREQUESTURI": "https://dev.example.com/oidctoken/", "SYSTEM_ACCESSTOKEN": "of-this-job"}
CONNECTION = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
PLACES = ["github", f"azure/{CONNECTION}"]
HTML = {"Content-Type": "text/html; charset=utf-8"}


class Pipeline:
    """The endpoint of a pipeline, as a company's proxy that opens connections passes it on."""

    def __init__(self, proxy: OpeningProxy) -> None:
        self.proxy, self.headers = proxy, dict[str, str]()
        self.status, self.body = 200, '{"value": "e.y.J", "oidcToken": "e.y.J"}'
        proxy.answer = self.answer

    def answer(self, _asked: Asked) -> Answer:
        return self.status, {"Content-Type": "application/json", **self.headers}, self.body.encode()

    @property
    def asked(self) -> list[tuple[str, str]]:
        return [(each.method, f"https://{each.place.removesuffix(':443')}{each.path}") for each in self.proxy.asked]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The authority that this company's machines are to trust."""
    return certificate_for(["pipelines.example.com", "dev.example.com"], tmp_path_factory.mktemp("company"))


@pytest.fixture
def pipeline(company: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    """A job behind a company's proxy, named without a scheme as curl takes it."""
    for name in ("https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    Guard(monkeypatch)
    for name, value in (GITHUB | AZURE).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(company))
    with opening(company) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{proxy.port}")
        yield Pipeline(proxy)


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
    assert pipeline.asked == [(method, address)] * 2
    assert pipeline.proxy.asked[0].headers["authorization"] == "Bearer of-this-job"


def test_a_pipeline_of_ones_own_may_answer_at_another_port(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", "https://pipelines.example.com:8443/token")
    assert job_token.asked("github") == "e.y.J"
    assert pipeline.proxy.asked[0].place == "pipelines.example.com:8443"


@pytest.mark.parametrize("place", PLACES)
def test_no_password_of_this_machine_goes_with_it(
    place: str, pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password of-another-service\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert job_token.asked(place) == "e.y.J"
    assert [each.headers["authorization"] for each in pipeline.proxy.asked] == ["Bearer of-this-job"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("status", "body"), [(403, "{}"), (200, "<html>"), (200, "[]"), (200, "{}"), (200, '{"value": 1, "oidcToken": ""}')]
)
def test_no_token_is_said_without_what_was_shown_for_it(place: str, status: int, body: str, pipeline: Pipeline) -> None:
    pipeline.status, pipeline.body = status, body
    with pytest.raises(SignInError, match="gave no token") as caught:
        job_token.asked(place)
    assert f"it answered {status}" in caught.value.why
    assert "of-this-job" not in str(caught.value)


def test_a_refusal_by_a_page_is_the_pipelines_and_the_page_is_told(pipeline: Pipeline) -> None:
    pipeline.status, pipeline.headers = 401, HTML
    with pytest.raises(SignInError, match="it answered 401 with a page"):
        job_token.asked("github")


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (302, {"Location": "https://gateway.example/login"}, "led to gateway.example"),
        (307, {"Location": "http://wifi.hotel.example/login"}, "led to wifi.hotel.example"),
        (200, HTML, "was a page (200)"),
        (511, HTML, "was a page (511)"),
    ],
    ids=["another-site", "a-portal", "a-page", "a-networks-page"],
)
@pytest.mark.parametrize("place", PLACES)
def test_what_answers_in_the_pipelines_place_is_named_and_not_followed(
    place: str, status: int, headers: dict[str, str], said: str, pipeline: Pipeline
) -> None:
    pipeline.status, pipeline.headers, pipeline.body = status, headers, json.dumps({"value": "not-theirs"})
    with pytest.raises(AnsweredByAnother) as caught:
        job_token.asked(place)
    assert said in caught.value.why
    assert caught.value.fix
    assert len(pipeline.asked) == 1


def test_where_the_way_to_the_pipeline_ended_is_told(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(Unreachable, match="certificate is not believed") as caught:
        job_token.asked("github")
    assert "REQUESTS_CA_BUNDLE" in caught.value.fix
    assert pipeline.asked == []


def test_what_is_no_address_is_told(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", "https://pipelines.example.com:port/")
    with pytest.raises(NotContacted, match="no address of the form"):
        job_token.asked("github")
    assert pipeline.asked == []


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

"""The token by which a pipeline's job says who it is: Entra takes it in place of a secret (workload identity).

Asked for at each sign-in, since it lasts minutes. Where to ask, and with what, the pipeline says in the environment:
GitHub (About security hardening with OpenID Connect), Azure DevOps (oidctoken, api-version 7.1, as azure-identity's
AzurePipelinesCredential asks it). Over a wire of its own, to that one host; never in a rehearsal.
"""

import os

import requests

from flexsso_helpers.errors import SignInError
from flexsso_helpers.wire import Wire, refuse_others, unanswered

AUDIENCE = "api://AzureADTokenExchange"
"""For whom Entra wants such a token to be."""
GITHUB = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
AZURE = ("SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN")
SECONDS = 30


def asked(place: str) -> str:
    """The token of this job, by `github` or `azure/SERVICE-CONNECTION-ID`.

    Raises SignInError where the pipeline gives none, Unreachable where it did not answer or something else did.
    """
    if place == "github":
        address, proof = _told(GITHUB, "the permission `id-token: write`")
        joined = "&" if "?" in address else "?"
        return _token("GET", f"{address}{joined}audience={AUDIENCE}", proof, "value")
    address, proof = _told(AZURE, "`env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`")
    connection = place.partition("/")[2]
    address = f"{address.rstrip('/')}?api-version=7.1&serviceConnectionId={connection}"
    return _token("POST", address, proof, "oidcToken")


def _told(names: tuple[str, str], needs: str) -> tuple[str, str]:
    address, proof = (os.environ.get(name, "") for name in names)
    if not proof or not address.startswith("https://"):
        raise SignInError(
            "This job has no token of its own.",
            why=f"{' and '.join(names)} are not set.",
            fix=f"Give the step {needs}, or name a file or a variable as tenant.sign_in.assertion.",
            notebook="00",
        )
    return address, proof


def _token(method: str, address: str, proof: str, name: str) -> str:
    headers = {"Authorization": f"Bearer {proof}", "Accept": "application/json", "X-TFS-FedAuthRedirect": "Suppress"}
    try:
        with Wire.to(address).session() as session:
            answer = session.request(
                method,
                address,
                headers=headers,
                json={} if method == "POST" else None,
                timeout=SECONDS,
                allow_redirects=False,
            )
    except requests.RequestException as error:
        raise unanswered("Asking the pipeline for a token of this job.", error, by="the pipeline") from error
    refused = answer.status_code >= 400  # a pipeline may say so by a page of its own
    refuse_others(address, answer.status_code, answer.headers, only_data=not refused)
    token = _named(name, answer)
    if not token:
        page = " with a page" if "html" in answer.headers.get("Content-Type", "").lower() else ""
        raise _refused(f"it answered {answer.status_code}{page}")
    return token


def _named(name: str, answer: requests.Response) -> str:
    """The text of that name in the answer; empty where there is none."""
    try:
        content = answer.json() if answer.status_code == 200 else None
    except ValueError:
        return ""
    token = content.get(name) if isinstance(content, dict) else None
    return token if isinstance(token, str) else ""


def _refused(why: str) -> SignInError:
    return SignInError(
        "The pipeline gave no token for this job.",
        why=f"Asked for one, {why}.",
        fix="Look whether the job may ask for a token (GitHub: id-token: write; Azure DevOps: the service connection "
        "is authorised for this pipeline).",
        notebook="00",
    )

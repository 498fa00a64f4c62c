"""The token by which a pipeline's job says who it is: Entra takes it in place of a secret (workload identity).

Asked for at each sign-in, since it lasts minutes. Where to ask, and with what, the pipeline says in the environment:
GitHub (About security hardening with OpenID Connect), Azure DevOps (oidctoken, api-version 7.1, as azure-identity's
AzurePipelinesCredential asks it). Not over the wire, which is for Microsoft's and Twilio's own hosts; never in a
rehearsal.
"""

import os

import requests

from flexsso_helpers.errors import SignInError

AUDIENCE = "api://AzureADTokenExchange"
"""For whom Entra wants such a token to be."""
GITHUB = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
AZURE = ("SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN")
SECONDS = 30


def asked(place: str) -> str:
    """The token of this job, by `github` or `azure/SERVICE-CONNECTION-ID`. Raises SignInError in plain words."""
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
        answer = requests.request(
            method, address, headers=headers, json={} if method == "POST" else None, timeout=SECONDS
        )
        token = answer.json().get(name) if answer.status_code == 200 else None
    except (requests.RequestException, ValueError, AttributeError) as error:
        raise _refused(type(error).__name__) from error
    if not isinstance(token, str) or not token:
        raise _refused(f"it answered {answer.status_code}")
    return token


def _refused(why: str) -> SignInError:
    return SignInError(
        "The pipeline gave no token for this job.",
        why=f"Asked for one, {why}.",
        fix="Look whether the job may ask for a token (GitHub: id-token: write; Azure DevOps: the service connection "
        "is authorised for this pipeline).",
        notebook="00",
    )

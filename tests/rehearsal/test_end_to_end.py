"""Both halves in one process: Graph calls configure, Console pages save, a person signs on, the SDK sees the worker."""

import json
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from flex_signer import ENTITY_ID, REPLY_URL
from flex_stage import InProcess, _OnStage
from lxml import html
from twilio.rest import Client

from flexsso_helpers import clouds
from flexsso_helpers.rehearsal.flex import failures
from flexsso_helpers.rehearsal.flex import seed as flex_seed
from flexsso_helpers.rehearsal.server import seed, server
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

GRAPH = f"{clouds.GLOBAL.graph}/v1.0"
HOME = "http://localhost:8000"
CLAIMS = {
    "Version": 1,
    "IncludeBasicClaimSet": "false",
    "ClaimsSchema": [
        {"Source": "user", "ID": "mail", "SamlClaimType": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"},
        {"Source": "user", "ID": "assignedroles", "SamlClaimType": "roles"},
        {"Source": "user", "ID": "displayname", "SamlClaimType": "full_name"},
        {"Source": "user", "ID": "mail", "SamlClaimType": "email"},
    ],
}  # fmt: skip
SIGNING = {
    "Version": 1,
    "SigningAlgorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "TokenResponseSigningPolicy": "ResponseAndToken",
    "SamlTokenVersion": "2.0",
    "EmitSamlNameFormat": "false",
}


class Company:
    """The whole rehearsal: what an administrator does by Graph, and what people do in browsers."""

    def __init__(self, **quirks: str) -> None:
        self.world = World(quirks=quirks)
        self.http = httpx.Client(transport=InProcess(server.app_for(self.world)))
        fields = {
            "grant_type": "client_credentials",
            "client_id": seed.AUTOMATION_CLIENT,
            "client_secret": seed.AUTOMATION_SECRET,
            "scope": f"{clouds.GLOBAL.graph}/.default",
        }
        answer = self.http.post(f"{clouds.GLOBAL.login}/{TENANT_ID}/oauth2/v2.0/token", data=fields)
        self.token = answer.json()["access_token"]

    def graph(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.http.request(method, f"{GRAPH}{path}", json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def user_id(self, upn: str) -> str:
        found: str = self.graph("GET", f"/users/{upn}?$select=id")["id"]
        return found

    def configure(self) -> str:
        """The documented steps on the Entra side; returns the certificate as PEM."""
        made = self.graph(
            "POST", f"/applicationTemplates/{clouds.GLOBAL.template_id}/instantiate", {"displayName": "Twilio Flex"}
        )
        self.app, self.sp = made["application"]["id"], made["servicePrincipal"]["id"]
        self.world.advance(60)  # what was just made is not seen everywhere at once
        self.graph("PATCH", f"/servicePrincipals/{self.sp}", {"preferredSingleSignOnMode": "saml"})
        self.world.advance(60)
        basic = {"identifierUris": [ENTITY_ID], "web": {"redirectUris": [REPLY_URL]}}
        self.graph("PATCH", f"/applications/{self.app}", basic)
        self._roles()
        certificate = self.graph(
            "POST",
            f"/servicePrincipals/{self.sp}/addTokenSigningCertificate",
            {"displayName": "CN=Twilio Flex", "endDateTime": "2029-10-01T00:00:00Z"},
        )
        thumbprint = {"preferredTokenSigningKeyThumbprint": certificate["thumbprint"]}
        self.graph("PATCH", f"/servicePrincipals/{self.sp}", thumbprint)
        self._policies()
        self.world.advance(600)
        return f"-----BEGIN CERTIFICATE-----\n{certificate['key']}\n-----END CERTIFICATE-----\n"

    def _roles(self) -> None:
        held = self.graph("GET", f"/applications/{self.app}")["appRoles"]
        roles = [{name: value for name, value in role.items() if name != "origin"} for role in held]
        for number, value in enumerate(("agent", "supervisor", "admin")):
            role = {
                "id": f"f1e55000-0000-4000-8000-0000000000a{number}",
                "allowedMemberTypes": ["User"],
                "displayName": value.title(),
                "description": value,
                "isEnabled": True,
                "value": value,
            }
            roles.append(role)
        self.graph("PATCH", f"/applications/{self.app}", {"appRoles": roles})
        self.world.advance(60)

    def _policies(self) -> None:
        """The claims on the service principal; the signing option wherever there is a policy of its own already."""
        definition = [json.dumps({"ClaimsMappingPolicy": CLAIMS})]
        policy = self.graph(
            "POST", "/policies/claimsMappingPolicies", {"displayName": "Flex claims", "definition": definition}
        )
        self._hang("claimsMappingPolicies", policy["id"])
        definition = [json.dumps({"TokenIssuancePolicy": SIGNING})]
        own = self.graph("GET", f"/servicePrincipals/{self.sp}/tokenIssuancePolicies")["value"]
        if own:
            self.graph("PATCH", f"/policies/tokenIssuancePolicies/{own[0]['id']}", {"definition": definition})
            return
        policy = self.graph(
            "POST", "/policies/tokenIssuancePolicies", {"displayName": "Flex signing", "definition": definition}
        )
        self._hang("tokenIssuancePolicies", policy["id"])

    def _hang(self, collection: str, policy: str) -> None:
        self.world.advance(60)
        where = f"/servicePrincipals/{self.sp}/{collection}/$ref"
        self.graph("POST", where, {"@odata.id": f"{GRAPH}/policies/{collection}/{policy}"})

    def assign(self, upn: str, *roles: str) -> None:
        values = {role["value"]: role["id"] for role in self.graph("GET", f"/servicePrincipals/{self.sp}")["appRoles"]}
        for role in roles:
            body = {"principalId": self.user_id(upn), "resourceId": self.sp, "appRoleId": values[role]}
            self.graph("POST", f"/servicePrincipals/{self.sp}/appRoleAssignedTo", body)
        self.world.advance(600)

    def workers(self) -> dict[str, dict[str, Any]]:
        sdk = Client(flex_seed.API_KEY, flex_seed.SECRET, flex_seed.ACCOUNT_SID, http_client=_OnStage(self.http))
        workspace = sdk.flex_api.v1.configuration().fetch().taskrouter_workspace_sid
        found = sdk.taskrouter.v1.workspaces(workspace).workers.list(page_size=2)
        return {worker.friendly_name: json.loads(worker.attributes) for worker in found}


class Person:
    """Somebody at a browser: sees labels, buttons and words, and never leaves the rehearsal's face."""

    def __init__(self, company: Company) -> None:
        self._http, self.url, self.page = company.http, "", html.fromstring("<p></p>")

    def open(self, url: str) -> "Person":
        return self._load("GET", f"{HOME}/{url.removeprefix('https://')}", {})

    def press(self, button: str, **typed: str) -> "Person":
        """Fill fields by their labels (blanks as `_`), tick those that are given as `on`, and press the button."""
        form = next(each for each in self.page.forms if button in [_words(b) for b in each.iter("button")])
        names = {_words(label): label.get("for") for label in form.iter("label")}
        fields = dict(form.form_values())
        for label, text in typed.items():
            fields[names[label]] = text
        return self._load(form.method, urljoin(self.url, form.action), fields)

    def shown(self, identity: str) -> str:
        found = self.page.get_element_by_id(identity, None)
        return "" if found is None else _words(found)

    @property
    def heading(self) -> str:
        return _words(self.page.find(".//h1"))

    def _load(self, method: str, url: str, fields: dict[str, str]) -> "Person":
        assert url.startswith(f"{HOME}/")
        answer = self._http.request(method, url, data=fields or None)
        if answer.is_redirect:
            return self._load("GET", urljoin(url, answer.headers["location"]), {})
        self.url, self.page = url, html.fromstring(answer.text)
        return self


def _words(element: Any) -> str:
    return " ".join(element.text_content().split())


def save_in_console(company: Company, certificate: str, **changed: str) -> Person:
    person = Person(company).open(clouds.CONSOLE_SSO_PAGE)
    assert person.shown("entity-id") == ENTITY_ID
    person.press("Save and continue", **{"I have updated my identity provider": "on"})
    values = {
        "Friendly Name": "Microsoft Entra ID",
        "X.509 Certificate": certificate,
        "Identity Provider Issuer": clouds.GLOBAL.issuer(TENANT_ID),
        "Single Sign-On URL": clouds.GLOBAL.login_url(TENANT_ID),
        **changed,
    }
    return person.press("Save", **values)


def sign_on(company: Company, user: str) -> Person:
    link = Person(company).open(clouds.CONSOLE_SSO_PAGE).shown("login-link")
    person = Person(company).open(link)
    person.press("Sign in", **{"User name": user})
    return person if person.shown("error") else person.press("Continue")


@pytest.fixture
def company() -> Company:
    """Configured on both sides; Bo is an agent, Sol supervises and has an agent's role too."""
    made = Company()
    save_in_console(made, made.configure())
    made.assign("bo.agent@contoso.com", "agent")
    made.assign("sol.supervisor@contoso.com", "agent", "supervisor")
    return made


def test_a_person_signs_on_and_the_sdk_sees_the_worker(company: Company) -> None:
    person = sign_on(company, "bo.agent@contoso.com")
    assert person.heading == "Signed in to Flex", person.page.text_content()
    assert person.shown("full-name") == "Bo Agent"
    assert person.shown("roles") == "agent"
    assert company.workers()["bo.agent@contoso.com"] == {
        "roles": ["agent"],
        "full_name": "Bo Agent",
        "email": "bo.agent@contoso.com",
        "contact_uri": "client:bo_2Eagent_40contoso_2Ecom",
    }


def test_two_roles_arrive_as_two(company: Company) -> None:
    person = sign_on(company, "sol.supervisor@contoso.com")
    assert person.shown("effective-role") == "supervisor"
    assert sorted(company.workers()["sol.supervisor@contoso.com"]["roles"]) == ["agent", "supervisor"]


def test_signing_on_again_makes_nobody_new(company: Company) -> None:
    sign_on(company, "bo.agent@contoso.com")
    before = company.workers()
    assert sign_on(company, "bo.agent@contoso.com").heading == "Signed in to Flex"
    assert company.workers() == before


def test_somebody_who_is_not_assigned_gets_no_further_than_entra(company: Company) -> None:
    company.graph("PATCH", f"/servicePrincipals/{company.sp}", {"appRoleAssignmentRequired": True})
    company.world.advance(600)
    person = sign_on(company, "rhea.reader@contoso.com")
    assert "AADSTS50105" in person.shown("error")
    assert "rhea.reader@contoso.com" not in company.workers()


@pytest.mark.parametrize(
    ("changed", "code", "library_text"),
    [
        ({"Identity Provider Issuer": "https://sts.windows.net/other/"}, "70252", "Issuer is invalid"),
        ({"X.509 Certificate": "no certificate"}, "70251", "including all dashes"),
    ],
    ids=["issuer", "certificate"],
)
def test_a_slip_in_console_ends_the_login_with_its_code(changed: dict[str, str], code: str, library_text: str) -> None:
    company = Company()
    save_in_console(company, company.configure(), **changed)
    company.assign("bo.agent@contoso.com", "agent")
    person = sign_on(company, "bo.agent@contoso.com")
    assert person.heading == "Log in failed"
    assert f"(error code {code})" in person.shown("error")
    assert library_text in failures.last_logged(company.world)["text"]
    assert "bo.agent@contoso.com" not in company.workers()


@pytest.mark.parametrize("profile", ["wsfed-4.6.1", "wsfed-4.6.4", "strict"])
def test_every_judge_accepts_what_entra_issues(profile: str) -> None:
    company = Company(sp_profile=profile, require_signatures="both", check_in_response_to="true", reject_replay="true")
    save_in_console(company, company.configure())
    company.assign("bo.agent@contoso.com", "agent")
    assert sign_on(company, "bo.agent@contoso.com").heading == "Signed in to Flex", failures.last_logged(company.world)


def test_the_metadata_address_in_the_wrong_field_shows_xml_and_no_response_ever_comes() -> None:
    company = Company()
    metadata = clouds.GLOBAL.metadata_url(TENANT_ID, flex_seed.CLIENT_ID)
    save_in_console(company, company.configure(), **{"Single Sign-On URL": metadata.split("?")[0]})
    answer = company.http.get(Person(company).open(clouds.CONSOLE_SSO_PAGE).shown("login-link"))
    while answer.is_redirect:
        answer = company.http.get(answer.headers["location"])
    assert "EntityDescriptor" in answer.text
    assert company.world.writes()["sign_ins"] == 0

"""What 00 says of an Entra tenant beforehand: rights, licences, policies that would refuse, applications there."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from onboarding import change_application, finding, proof
from stage import Stage
from starlette.responses import JSONResponse

from flexsso_helpers.clouds import GLOBAL
from flexsso_helpers.errors import SignInError
from flexsso_helpers.graph import SCOPES, consent_link
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.directory import objects, people
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.sections import preflight
from flexsso_helpers.sections.preflight.entra import _days
from flexsso_helpers.views.shown import text_of

OURS = "urn:flex:JQf1e55000000000000000000000000001"
OTHERS = "urn:flex:JQf1e55000000000000000000000000077"
TENANT = "f1e55000-0000-4000-8000-000000000001"
TOOLS = "14d82eec-204b-4c2f-b7e8-296a70dab67e"


class Answering:
    """The application, but for one path that answers what the test says."""

    def __init__(self, path: str, answer: Any) -> None:
        self.path, self.answer = path, answer

    def around(self, app: Any) -> Any:
        async def answered(scope: Any, receive: Any, send: Any) -> None:
            if scope["path"] == self.path:
                await JSONResponse(self.answer)(scope, receive, send)
            else:
                await app(scope, receive, send)

        return answered


def seen(folder: Path, world: World | None = None, answering: Answering | None = None, **changes: Any) -> Evidence:
    async def look() -> Evidence:
        stage = Stage(folder, world=world, changes=changes)
        app = answering.around(stage.app) if answering else None
        return await proof(await stage.open(apply=False, app=app), "00")

    return asyncio.run(look())


def policy(*, identifiers: Any = None, keys: Any = (), enabled: bool = True) -> Answering:
    """The app management policy as an administrator set it."""
    return Answering(
        "/v1.0/policies/defaultAppManagementPolicy",
        {
            "isEnabled": enabled,
            "applicationRestrictions": {"identifierUris": identifiers or {}},
            "servicePrincipalRestrictions": {"keyCredentials": list(keys)},
        },
    )


def test_nothing_that_entra_could_refuse_is_in_the_way(tmp_path: Path) -> None:
    evidence = seen(tmp_path)
    titles = {
        "Identifier policy of the tenant": "exempts SAML applications", "Longest life of a certificate": "no limit",
        "Groups can be assigned (Entra ID P1 or P2)": "Entra ID P1", "Which application is meant": "clear",
        "Application for this Flex account": "none", "Other applications for Flex": "none",
        "Deleted application with the identifier": "none",
    }  # fmt: skip
    assert {each.title: each.received for each in evidence.findings if each.title in titles} == titles
    assert all(each.state == "holds" for each in evidence.findings if each.title in titles)


STRICT = {"state": "enabled", "excludeSaml": False, "restrictForAppsCreatedAfterDateTime": None}
CAP = {"restrictionType": "asymmetricKeyLifetime", "maxLifetime": "P180D", "state": "enabled"}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (STRICT, False),
        (STRICT | {"restrictForAppsCreatedAfterDateTime": "2025-07-01T00:00:00Z"}, False),
        (STRICT | {"restrictForAppsCreatedAfterDateTime": "2027-01-01T00:00:00Z"}, True),
        (STRICT | {"state": "disabled"}, True),
        (STRICT | {"excludeSaml": True}, True),
    ],
    ids=["strict", "since-last-year", "from-next-year", "off", "exempts-saml"],
)
def test_an_identifier_rule_that_could_refuse_ours_is_seen_beforehand(
    rule: dict[str, Any], holds: bool, tmp_path: Path
) -> None:
    found = finding(seen(tmp_path, answering=policy(identifiers={"nonDefaultUriAddition": rule})), "G25")
    assert (found.state, found.level) == ("holds" if holds else "wrong", "warning")
    assert found.received == ("exempts SAML applications" if holds else "nonDefaultUriAddition")
    if not holds:
        assert "have SAML applications exempted" in found.fix


def test_a_policy_that_is_off_refuses_nothing(tmp_path: Path) -> None:
    evidence = seen(tmp_path, answering=policy(identifiers={"a": STRICT}, keys=[CAP], enabled=False))
    assert (finding(evidence, "G25").state, finding(evidence, "G52").state) == ("holds", "holds")


@pytest.mark.parametrize(
    ("keys", "days", "state", "received"),
    [
        ([CAP], 1095, "wrong", "180 days"),
        ([CAP], 180, "holds", "180 days"),
        ([CAP | {"maxLifetime": "P2Y"}, CAP | {"maxLifetime": "P1Y"}], 1095, "wrong", "365 days"),
        ([CAP | {"state": "disabled"}], 1095, "holds", "no limit"),
        ([CAP | {"restrictionType": "trustedCertificateAuthority"}], 1095, "holds", "no limit"),
        ([CAP | {"maxLifetime": "for ever"}], 1095, "holds", "no limit"),
    ],
    ids=["too-long", "short-enough", "the-shortest-counts", "off", "another-rule", "unreadable"],
)
def test_a_cap_on_the_life_of_certificates_is_seen_beforehand(
    keys: list[dict[str, Any]], days: int, state: str, received: str, tmp_path: Path
) -> None:
    found = finding(seen(tmp_path, answering=policy(keys=keys), signing={"valid_days": days}), "G52")
    assert (found.state, found.received, found.configured) == (state, received, f"{days} days")
    if state == "wrong":
        assert found.fix.startswith("03 may be refused: set tenant.signing.valid_days to ")


@pytest.mark.parametrize(
    ("text", "days"), [("P180D", 180), ("P1Y2M3W4D", 450), ("P90DT12H", 90), ("180", 0), ("", 0), ("PT5M", 0)]
)
def test_durations_are_read_in_days(text: str, days: int) -> None:
    assert _days(text) == days


@pytest.mark.parametrize(
    ("quirks", "check"), [({"identifier_policy": "strict"}, "G25"), ({"key_life_policy": "enforced"}, "G52")]
)
def test_what_will_refuse_a_later_notebook_is_a_warning_in_00(
    quirks: dict[str, str], check: str, tmp_path: Path
) -> None:
    assert finding(seen(tmp_path, World(quirks=quirks)), check).state == "wrong"


def licence(status: str, *names: str) -> Answering:
    plans = [{"servicePlanName": name} for name in names]
    return Answering("/v1.0/subscribedSkus", {"value": [{"capabilityStatus": status, "servicePlans": plans}]})


@pytest.mark.parametrize(
    ("answer", "state", "received"),
    [
        (licence("Enabled", "AAD_PREMIUM_P2", "EXCHANGE"), "holds", "Entra ID P2"),
        (licence("Warning", "AAD_PREMIUM"), "holds", "Entra ID P1"),
        (licence("Suspended", "AAD_PREMIUM"), "wrong", "no"),
        (licence("Enabled", "EXCHANGE"), "wrong", "no"),
    ],
    ids=["p2", "in-its-days-of-grace", "run-out", "none"],
)
def test_a_licence_counts_only_while_it_works(answer: Answering, state: str, received: str, tmp_path: Path) -> None:
    found = finding(seen(tmp_path, answering=answer), "G68")
    assert (found.state, found.received) == (state, received)


def other_application(world: World, name: str, identifier: str, **fields: Any) -> None:
    past = world.clock.now - 90 * 86400.0
    app, sp = objects.pair(world, name, at=past, template=objects.template_id(world))
    objects.keep(world, app | {"identifierUris": [identifier]}, sp, at=past)
    if fields:
        change_application(world, name, **fields)


CONNECTION = {
    "reply_url": f"https://login.flex.us1.twilio.com/login/callback?connection={OURS[9:]}", "identifier": OURS,
}  # fmt: skip
KNOWN = {"flex": {"connection": CONNECTION}}


def test_an_application_that_holds_our_identifier_is_named_before_01_adopts_it(tmp_path: Path) -> None:
    world = Stage(tmp_path).world
    other_application(world, "Made by hand", OURS)
    found = finding(seen(tmp_path, world, **KNOWN), "G26")
    assert found.received.startswith("“Made by hand” ")
    assert found.received.endswith(", made by somebody else; 01 adopts it")


def test_our_own_and_other_accounts_applications_are_told_apart(configured: Stage, tmp_path: Path) -> None:
    other_application(configured.world, "Flex of Asia", OTHERS)
    evidence = seen(tmp_path, configured.world)
    assert finding(evidence, "G26").received.endswith(", made by these notebooks")
    others = finding(evidence, "D01", "Other applications for Flex")
    assert others.received.startswith("“Flex of Asia” ")
    assert (others.level, evidence.outcome) == ("info", 0)


def test_where_it_is_not_clear_which_application_is_meant_00_fails_and_says_what_to_do(tmp_path: Path) -> None:
    world = Stage(tmp_path).world
    other_application(world, "Twilio Flex", OTHERS)
    evidence = seen(tmp_path, world, **KNOWN)
    found = finding(evidence, "D01", "Which application is meant")
    assert (found.state, evidence.outcome) == ("wrong", 1)
    assert OTHERS in found.received


def deleted(*names: str) -> Answering:
    entries = [{"id": name, "displayName": name} for name in names]
    return Answering("/v1.0/directory/deletedItems/microsoft.graph.application", {"value": entries})


def test_a_deleted_application_with_the_identifier_is_named(tmp_path: Path) -> None:
    found = finding(seen(tmp_path, answering=deleted("Old Flex"), **KNOWN), "G27")
    assert (found.state, found.received) == ("wrong", "Old Flex")
    assert found.fix.startswith("Restore it")


def test_the_lesser_administrator_may_manage_policies_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = next(person for person in people.FIXED if person.upn == "ada.admin@contoso.com")
    lesser = replace(ada, roles=(people.CLOUD_APPLICATION_ADMINISTRATOR,))
    monkeypatch.setattr(people, "FIXED", tuple(lesser if each is ada else each for each in people.FIXED))
    assert finding(seen(tmp_path, World()), "G02").state == "holds"


def test_where_nobody_has_consented_the_error_holds_the_address_for_the_administrator(tmp_path: Path) -> None:
    with pytest.raises(SignInError) as caught:
        asyncio.run(Stage(tmp_path, world=World(quirks={"admin_consent": "missing"})).open())
    link = caught.value.fix.splitlines()[-1]
    assert link == consent_link(GLOBAL, TENANT, TOOLS, app_only=False)
    parts, asked = urlsplit(link), parse_qs(urlsplit(link).query)
    assert (parts.netloc, parts.path) == ("login.microsoftonline.com", f"/{TENANT}/v2.0/adminconsent")
    assert asked["client_id"] == [TOOLS]
    assert asked["scope"][0].split() == [f"https://graph.microsoft.com/{scope}" for scope in SCOPES]


def consented(folder: Path, **without: str) -> str:
    async def look() -> str:
        session = await Stage(folder).open(apply=False)
        session.principal = replace(session.principal, scopes=session.principal.scopes - {without.get("scope", "")})
        return text_of(preflight.consent(session))

    return asyncio.run(look())


def test_the_address_to_consent_is_shown_where_a_permission_is_lacking(tmp_path: Path) -> None:
    assert "✓ nothing to consent to" in consented(tmp_path)
    lacking = consented(tmp_path, scope="Policy.Read.All")
    assert "lacking: Policy.Read.All" in lacking
    assert f"https://login.microsoftonline.com/{TENANT}/v2.0/adminconsent?client_id={TOOLS}&scope=" in lacking
    link = consent_link(GLOBAL, TENANT, TOOLS, app_only=True)
    assert link == f"https://login.microsoftonline.com/{TENANT}/adminconsent?client_id={TOOLS}"


def test_what_may_not_be_read_is_not_known_rather_than_fine(tmp_path: Path) -> None:
    class Forbidden(Answering):
        def around(self, app: Any) -> Any:
            async def answered(scope: Any, receive: Any, send: Any) -> None:
                if any(part in scope["path"] for part in ("subscribedSkus", "AppManagementPolicy", "deletedItems")):
                    error = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}}
                    await JSONResponse(error, 403)(scope, receive, send)
                else:
                    await app(scope, receive, send)

            return answered

    evidence = seen(tmp_path, answering=Forbidden("", None), **KNOWN)
    assert {check: finding(evidence, check).state for check in ("G25", "G52", "G68", "G27")} == dict.fromkeys(
        ("G25", "G52", "G68", "G27"), "unknown"
    )
    assert finding(evidence, "G68").received == "could not look: this account may not read it"


def granted(folder: Path, sign_in: dict[str, Any] | None = None, **quirks: str) -> str:
    async def look() -> str:
        stage = Stage(folder, world=World(quirks=quirks), changes={"sign_in": sign_in or {}})
        return " ".join(text_of(await preflight.grants(await stage.open(apply=False))).split())

    return asyncio.run(look())


def test_what_is_granted_is_shown_beside_what_is_asked_for_and_how_to_take_it_back(tmp_path: Path) -> None:
    shown = granted(tmp_path, token_scopes="consented")
    others = ("Application.Read.All", "Directory.ReadWrite.All")  # what 20 may ask for is ours, too
    assert f"Of these not asked for here {', '.join(others)}" in shown
    assert "PATCH /oauth2PermissionGrants/" in shown
    assert f"with scope “{' '.join(others)}" in shown
    assert "may also revoke what was granted to it before" in shown
    for scope in SCOPES:
        assert f"{scope[:36]}" in shown


def test_who_may_not_see_the_grants_is_told_where_they_stand(tmp_path: Path) -> None:
    shown = granted(tmp_path)
    assert "Permission Notebook What for This sign-in has it" in shown
    assert "could not look: this account may not read it" in shown
    assert f"Enterprise apps › {TOOLS} › Permissions" in shown


def test_of_an_application_of_the_customers_own_nothing_stays_behind(tmp_path: Path) -> None:
    shown = granted(tmp_path, {"client_id": "f1e55000-0000-4000-8000-00000000c11f"})
    assert "serves these notebooks alone" in shown
    assert "shared" not in shown


@pytest.mark.parametrize(("answer", "number"), [("approval", "90094"), ("risky", "900941")])
def test_where_people_may_not_consent_the_administrator_is_named_too(answer: str, number: str, tmp_path: Path) -> None:
    with pytest.raises(SignInError) as caught:
        asyncio.run(Stage(tmp_path, world=World(quirks={"admin_consent": answer})).open())
    assert f"(AADSTS{number})" in caught.value.what
    assert "Application Administrator or Cloud Application Administrator" in caught.value.fix
    assert caught.value.fix.splitlines()[-1] == consent_link(GLOBAL, TENANT, TOOLS, app_only=False)


def test_beside_somebody_without_a_mail_address_no_row_says_that_everybody_has_one(tmp_path: Path) -> None:
    rows = [each for each in seen(tmp_path).findings if each.check == "S56"]
    assert [(each.title, each.state) for each in rows] == [
        ("Without a mail address", "wrong"),
        ("No mail address is used twice", "holds"),
    ]

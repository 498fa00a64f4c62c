"""One setting is changed behind our back: its own section turns red and says what, and every other stays proved."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from onboarding import (
    STEPS,
    application,
    change_application,
    change_console,
    change_desk,
    change_policy,
    change_principal,
    change_worker,
    open_settings,
    policies_of,
    principal,
    proof,
    unassign,
    worker_of,
    wrong,
)
from stage import Stage, approved

from flexsso_helpers.rehearsal.world.world import World

NAME_ID = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"
OTHER_JQ = "JQf1e55000000000000000000000000099"
OTHER_URL = f"https://login.flex.us1.twilio.com/login/callback?connection={OTHER_JQ}"
OTHER_TENANT = "https://login.microsoftonline.com/f1e55000-0000-4000-8000-000000000002/saml2"
KEY = "f1e55000-0000-4000-8000-00000000cafe"
SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
OLD = {"at": "2026-11-01T08:00:00Z"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is changed; the checks that turn wrong, worst first; what would be changed back; and who else is hit."""

    name: str
    section: str
    spoil: Callable[[World], None] = lambda world: None
    checks: tuple[str, ...]
    planned: tuple[str, ...] = ()
    outcome: int = 2
    also: Mapping[str, int] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)


def claims(world: World, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    body = policies_of(world, "claimsMappingPolicy")[0]["definition"][0]
    schema = json.loads(body)["ClaimsMappingPolicy"]["ClaimsSchema"]
    change_policy(world, "claimsMappingPolicy", "ClaimsMappingPolicy", ClaimsSchema=change(schema))


def without(name: str) -> Callable[[World], None]:
    return lambda world: claims(world, lambda schema: [each for each in schema if each["SamlClaimType"] != name])


def with_source(name: str, source: str) -> Callable[[World], None]:
    return lambda world: claims(
        world, lambda schema: [{**each, "ID": source} if each["SamlClaimType"] == name else each for each in schema]
    )


def with_claim(name: str) -> Callable[[World], None]:
    return lambda world: claims(
        world, lambda schema: [*schema, {"Source": "user", "ID": "jobtitle", "SamlClaimType": name}]
    )


def signing(**fields: Any) -> Callable[[World], None]:
    return lambda world: change_policy(world, "tokenIssuancePolicy", "TokenIssuancePolicy", **fields)


def role(value: str, **fields: Any) -> Callable[[World], None]:
    def change(world: World) -> None:
        roles = application(world)["appRoles"]
        change_application(world, appRoles=[each | fields if each["value"] == value else each for each in roles])

    return change


def without_role(value: str) -> Callable[[World], None]:
    def change(world: World) -> None:
        roles = application(world)["appRoles"]
        change_application(world, appRoles=[each for each in roles if each["value"] != value])

    return change


def app(**fields: Any) -> Callable[[World], None]:
    return lambda world: change_application(world, **fields)


def sp(**fields: Any) -> Callable[[World], None]:
    return lambda world: change_principal(world, **fields)


def web(**fields: Any) -> Callable[[World], None]:
    return lambda world: change_application(world, web=application(world)["web"] | fields)


def flex(**fields: Any) -> Callable[[World], None]:
    def change(world: World) -> None:
        account = world.store.all("flex_account")[0]
        world.store.put("flex_account", account["sid"], account | fields, at=world.clock.now)

    return change


def user(name: str, **fields: Any) -> Callable[[World], None]:
    def change(world: World) -> None:
        found = next(each for each in world.store.all("user") if each["userPrincipalName"] == name)
        world.store.put("user", found["id"], found | fields, at=world.clock.now)
        world.advance(600.0)

    return change


def console(**fields: Any) -> Callable[[World], None]:
    return lambda world: change_console(world, **fields)


def attested(**blocks: dict[str, Any]) -> Callable[[World], None]:
    return lambda world: change_desk(world, **blocks)


def without_worker(world: World) -> None:
    world.store.remove("worker", worker_of(world, "bo.agent@contoso.com")["sid"], at=world.clock.now)


LOOK = ("S56", "S47", "S61")
"""Of the rehearsal's people one has no mail address, and one group lies within another."""
CERTIFICATE_GONE = {"04": 1, "06": 2, "08": 3}
"""Claims without a certificate break every sign-in; nothing is published that could be pasted or signed with."""
NOBODY = {"user": "nobody@contoso.com", "role": "agent"}
USERS = [
    {"user": f"{name}.{role}@contoso.com", "role": role}
    for name, role in (("ada", "admin"), ("sol", "supervisor"), ("bo", "agent"))
]

ROWS = [
    # 00: rights and the ground that everything stands on
    Row(name="flex-not-ready", section="00", spoil=flex(status="inprogress"), checks=("F29", *LOOK), outcome=1),
    Row(name="flex-ui-too-old", section="00", spoil=flex(ui_version="1.33.0"), checks=("F07", *LOOK), outcome=1),
    # 01
    Row(name="mode-not-saml", section="01", spoil=sp(preferredSingleSignOnMode=None), checks=("S77",),
        planned=("Single sign-on method",)),
    Row(name="application-disabled", section="01", spoil=sp(accountEnabled=False), checks=("D01",), outcome=1),
    Row(name="mark-removed", section="01", spoil=app(notes=None), checks=(), planned=("Mark in its notes",)),
    Row(name="tags-removed", section="01", spoil=sp(tags=[]), checks=(), planned=("Tags of a SAML application",)),
    # 02
    Row(name="reply-url-of-another-connection", section="02", spoil=web(redirectUris=[OTHER_URL]), checks=("D03",),
        planned=("Reply URL", f"Other reply URL {OTHER_URL}")),
    Row(name="identifier-of-another-connection", section="02", spoil=app(identifierUris=[f"urn:flex:{OTHER_JQ}"]),
        checks=("D05",), planned=("Identifier (Entity ID)", f"Other identifier urn:flex:{OTHER_JQ}")),
    Row(name="assignment-not-required", section="02", spoil=sp(appRoleAssignmentRequired=False), checks=("S74",),
        planned=("Assignment required",)),
    Row(name="relay-state-set", section="02", spoil=sp(samlSingleSignOnSettings={"relayState": "https://x.example"}),
        checks=("S45",), planned=("Relay state",)),
    Row(name="sign-on-url-set", section="02", spoil=sp(loginUrl="https://flex.twilio.com"), checks=("D27",),
        planned=("Sign-on URL",)),
    Row(name="encryption-key-on-the-application", section="02", spoil=app(tokenEncryptionKeyId=KEY), checks=("S75",),
        planned=(f"Token encryption key {KEY}",)),
    Row(name="encryption-key-on-the-service-principal", section="02", spoil=sp(tokenEncryptionKeyId=KEY),
        checks=("S75",), planned=(f"Token encryption key {KEY}",)),
    Row(name="signed-requests-required", section="02",
        spoil=app(requestSignatureVerification={"isSignedRequestRequired": True}), checks=("S75",),
        planned=("Signed requests required",)),
    # 03
    Row(name="only-the-assertion-is-signed", section="03", spoil=signing(TokenResponseSigningPolicy="TokenOnly"),
        checks=("D14",), planned=("Signing option",)),
    Row(name="sha-1", section="03", spoil=signing(SigningAlgorithm=SHA1), checks=("D15",),
        planned=("Signing algorithm",)),
    Row(name="saml-1.1", section="03", spoil=signing(SamlTokenVersion="1.1"), checks=("S13",),
        planned=("SAML version of the token",)),
    Row(name="no-certificate-active", section="03", spoil=sp(preferredTokenSigningKeyThumbprint=None),
        checks=("S24", "S26"), planned=("Token-signing certificate",), also=CERTIFICATE_GONE),
    Row(name="certificate-expired", section="03", spoil=lambda world: world.advance(1200 * 86400.0),
        checks=("S24", "S28"), planned=("Token-signing certificate",)),
    Row(name="notification-address-missing", section="03", spoil=sp(notificationEmailAddresses=[]), checks=("D16",),
        planned=("Expiry notifications go to",)),
    # 04
    Row(name="name-id-is-the-user-name", section="04", spoil=with_source(NAME_ID, "userprincipalname"),
        checks=("D08",), planned=("Unique user identifier (NameID)",)),
    Row(name="email-claim-missing", section="04", spoil=without("email"), checks=("D09",), planned=("Claim email",)),
    Row(name="full-name-from-another-source", section="04", spoil=with_source("full_name", "surname"),
        checks=("D10",), planned=("Claim full_name",)),
    Row(name="roles-claim-missing", section="04", spoil=without("roles"), checks=("D11",), planned=("Claim roles",)),
    Row(name="default-claims-sent", section="04",
        spoil=lambda world: change_policy(
            world, "claimsMappingPolicy", "ClaimsMappingPolicy", IncludeBasicClaimSet="true"),
        checks=("D12", "D13", "D17"), planned=("Microsoft’s default claims",)),
    Row(name="additional-claim", section="04", spoil=with_claim("job"), checks=("D17",),
        planned=("Additional claim job",)),
    Row(name="claim-with-a-namespace", section="04", spoil=with_claim("http://x.example/job"), checks=("D12", "D17"),
        planned=("Additional claim http://x.example/job",)),
    Row(name="attribute-not-sent-yet", section="04", checks=("D20",), planned=("Claim site",),
        changes={"attributes": [{"name": "site", "value": "Berlin"}], "claims": {"acknowledged": ["site"]}}),
    Row(name="extension-property-not-sent-yet", section="04", checks=("D33",), planned=("Claim site",),
        changes={"attributes": [{"name": "site", "source": f"extension_{'0' * 31}1_site"}]}),
    Row(name="reserved-claim", section="04", spoil=with_claim("routing"), checks=("S67", "D17"),
        planned=("Additional claim routing",)),
    Row(name="claim-of-a-channel", section="04", spoil=with_claim("channel.chat.capacity"), checks=("S67", "D17"),
        planned=("Additional claim channel.chat.capacity",)),
    Row(name="claim-twice", section="04", spoil=with_claim("email"), checks=("S65",), planned=("Second claim email",)),
    Row(name="claims-beyond-fifty", section="04",
        spoil=lambda world: claims(world, lambda schema: [
            *schema, *({"Value": "x", "SamlClaimType": f"a{n}"} for n in range(47))]),
        checks=("G40", "D17"), planned=tuple(f"Additional claim a{n}" for n in range(47))),
    Row(name="kept-by-the-page-instead", section="04", checks=("G37",), planned=("Claims are kept in",),
        changes={"claims": {"store": "portal_policy"}}),
    # 05
    Row(name="role-missing", section="05", spoil=without_role("agent"), checks=("D18",), planned=("App role agent",),
        also={"07": 2, "08": 2}),
    Row(name="role-disabled", section="05", spoil=role("supervisor", isEnabled=False), checks=("D18",),
        planned=("App role supervisor",), also={"07": 2, "08": 2}),
    Row(name="role-of-ours-left-the-file", section="05", checks=("D18",), planned=("App role agent beyond the file",),
        changes={"roles": ["admin", "supervisor"], "assignments": {"users": USERS[:2], "groups": USERS[:0]}}),
    Row(name="insights-role-missing", section="05", checks=("D19",), planned=("App role wfo.full_access",),
        changes={"insights": ["wfo.full_access"]}),
    Row(name="role-for-applications-only", section="05", spoil=role("admin", allowedMemberTypes=["Application"]),
        checks=("D18",), planned=("App role admin",)),
    # 06
    Row(name="attested-issuer-lacks-its-slash", section="06",
        spoil=attested(console={"issuer": "https://sts.windows.net/f1e55000-0000-4000-8000-000000000001"}),
        checks=("D22",), planned=("Identity Provider Issuer",)),
    Row(name="attested-certificate-is-another", section="06",
        spoil=attested(console={"certificate_sha256": "ab" * 32}), checks=("D21",), planned=("X.509 Certificate",)),
    Row(name="attested-sso-url-of-another-tenant", section="06", spoil=attested(console={"sso_url": OTHER_TENANT}),
        checks=("D23",), planned=("Single Sign-On URL",)),
    Row(name="console-sends-people-to-another-tenant", section="06", spoil=console(sso_url=OTHER_TENANT),
        checks=("S32",), outcome=1),
    # 07
    Row(name="user-not-assigned", section="07", spoil=lambda world: unassign(world, "Bo Agent"),
        checks=("D25", *LOOK), planned=("User bo.agent@contoso.com",)),
    Row(name="group-not-assigned", section="07", spoil=lambda world: unassign(world, "Flex Supervisors"),
        checks=("D25", *LOOK), planned=("Group Flex Supervisors",)),
    Row(name="person-in-the-file-does-not-exist", section="07", checks=("D24", *LOOK), outcome=1,
        changes={"assignments": {"users": [*USERS, NOBODY]}}),
    Row(name="assigned-beyond-an-exact-file", section="07", checks=("D25", "D30"),
        planned=("User Bo Agent as agent, not in the file", "Group Flex Agents as agent, not in the file",
                 "Group Flex Supervisors as supervisor, not in the file"),
        changes={"assignments": {"exact": True, "users": USERS[:2], "groups": USERS[:0]}}),
    Row(name="disabled-account", section="07", spoil=user("bo.agent@contoso.com", accountEnabled=False),
        checks=(*LOOK[:2], "D24", "S61"), outcome=0, also={"00": 0}),
    # 08
    Row(name="roles-of-the-worker-edited", section="08",
        spoil=lambda world: change_worker(world, "bo.agent@contoso.com", roles=["admin"]), checks=("D32",), outcome=1),
    Row(name="mail-of-the-worker-edited", section="08",
        spoil=lambda world: change_worker(world, "sol.supervisor@contoso.com", email="s@contoso.com"),
        checks=("D32",), outcome=1),
    Row(name="worker-deleted", section="08", spoil=without_worker, checks=(),
        planned=("Sign-on of bo.agent@contoso.com",), outcome=3),
    Row(name="last-sign-on-older-than-the-certificate", section="08", spoil=attested(sign_on=OLD), checks=(),
        also={"06": 3},  # what was said of Console has then nothing that speaks for it
        planned=tuple(f"Sign-on of {who}@contoso.com" for who in ("ada.admin", "sol.supervisor", "bo.agent")),
        outcome=3),
]  # fmt: skip


@pytest.mark.sampled(2)
@pytest.mark.thinned(54)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.section}-{row.name}")
def test_one_wrong_setting_turns_its_own_section_red(row: Row, proved_world: World, tmp_path: Any) -> None:
    world = proved_world.copy()
    row.spoil(world)
    stage = Stage(tmp_path, world=world, changes=row.changes)

    async def everything() -> None:
        session = await stage.open(apply=False)
        if row.section != "00":
            plan = await STEPS[row.section].plan(session)
            assert open_settings(plan) == list(row.planned)
        evidence = {number: await proof(session, number) for number in STEPS}
        assert {number: each.outcome for number, each in evidence.items()} == {
            **dict.fromkeys(STEPS, 0),
            **row.also,
            row.section: row.outcome,
        }
        assert wrong(evidence[row.section]) == list(row.checks)

    before = stage.writes
    asyncio.run(everything())
    assert stage.writes == before


def test_every_notebook_has_a_row() -> None:
    assert {row.section for row in ROWS} == set(STEPS)


def test_an_expired_certificate_is_called_so(configured: Stage) -> None:
    configured.world.advance(1200 * 86400.0)

    async def plan() -> str:
        session = await configured.open(apply=False)
        return (await STEPS["03"].plan(session)).open[0].reason

    assert asyncio.run(plan()).endswith("is over")
    assert principal(configured.world)["preferredTokenSigningKeyThumbprint"]


MENDABLE = [row for row in ROWS if row.planned]


@pytest.mark.sampled(2)
@pytest.mark.thinned(9)
@pytest.mark.parametrize("row", MENDABLE, ids=lambda row: f"{row.section}-{row.name}")
def test_what_the_section_plans_mends_it(row: Row, proved_world: World, tmp_path: Any) -> None:
    world = proved_world.copy()
    row.spoil(world)

    async def mend() -> None:
        session = await Stage(tmp_path, world=world, changes=row.changes).open()
        step = STEPS[row.section]
        plan = await step.plan(session)
        applied = await step.apply(session, plan, approved(plan, *row.planned))
        assert [change.setting for change in applied.made] == list(row.planned)
        evidence = await step.verify(session)
        known = "2 said and not yet seen, " if row.section == "06" else "proved, "  # a new sign-on shows these
        assert evidence.verdict.startswith(known)
        assert not any(finding.fails for finding in evidence.findings)

    asyncio.run(mend())

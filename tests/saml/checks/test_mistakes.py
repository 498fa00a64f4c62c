"""One row a mistake that people make: which check names it, how grave it is, what it says, and where it is mended."""

from datetime import timedelta

import pytest
import saml_forge as forge
from saml_forge import Forge, attribute, expected

from flexsso_helpers.plan import Finding, sort_worst_first
from flexsso_helpers.saml.certificate import Certificate
from flexsso_helpers.saml.diagnosis import Judgement, judge

ACTIVE, STAGED, TENANT = (
    forge.certificate(),
    forge.certificate("staged"),
    forge.certificate("tenant", name="accounts.accesscontrol.windows.net"),
)
ISSUED = forge.certificate(issuer="Contoso CA")
EMAIL, FULL_NAME, ROLES = (
    attribute("email", "ada@contoso.com"),
    attribute("full_name", "Ada Admin"),
    attribute("roles", "admin"),
)
SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
LEGACY = "https://iam.twilio.com/v1/Accounts/AC" + "0" * 32 + "/saml2"
SHORT = ' SessionNotOnOrAfter="2026-11-02T08:30:00.000Z"'
BRIEF = ' SessionNotOnOrAfter="2026-11-02T07:58:40.000Z"'
DENIED = (
    '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/><samlp:StatusMessage>AADSTS50105: The '
    "signed in user is not assigned. Trace ID: 11111111-2222-3333-4444-555555555555</samlp:StatusMessage>"
)


def sent(**changes: object) -> Forge:
    return Forge(**changes)


def claims(*attributes: str) -> Forge:
    return Forge(attributes="".join(attributes))


def roles(*values: str) -> Forge:
    return claims(EMAIL, FULL_NAME, attribute("roles", *values))


def knows(*certificates: Certificate, **changes: object) -> dict[str, object]:
    return {"certificates": certificates, "metadata_sha1": None, **changes}


GUEST = "pat.partner_fabrikam.com#EXT#@contoso.onmicrosoft.com"
LONG = "a" * 60 + "@contoso.com"
OTHER_CONNECTION = forge.REPLY_URL.replace(forge.JQ, forge.OTHER_JQ)
END = ACTIVE.not_after

# id: what was sent, what is configured otherwise, check, level, words of the title, words of the fix
MISTAKES: dict[str, tuple[Forge, dict[str, object], str, str, str, str]] = {
    "Entra refused": (sent(status=DENIED), {}, "S08", "error", "not assigned to the application", "07 · Assign users"),
    "assertion only": (
        sent(signed="assertion"),
        {},
        "S15",
        "error",
        "signs only the assertion",
        "03 · Signing certificate",
    ),
    "response only": (
        sent(signed="response"),
        {},
        "S16",
        "error",
        "signs only the response",
        "03 · Signing certificate",
    ),
    "not demanded, assertion only": (
        sent(signed="assertion"),
        {"requires": "assertion"},
        "S15",
        "info",
        "asks for both",
        "03",
    ),
    "unknown certificate": (sent(signer="staged"), {}, "S17", "error", "this application does not have", "03"),
    "SHA-1": (sent(algorithm=forge.RSA_SHA1), {}, "S19", "warning", "weak", "SHA-256"),
    "SHA-1 digest": (sent(digest=forge.SHA1), {}, "S20", "warning", "weak", "SHA-256"),
    "KeyInfo of another": (
        sent(signature_edit=lambda text: text.replace(_base64(ACTIVE), _base64(STAGED))),
        {},
        "S22",
        "warning",
        "another certificate",
        "03",
    ),
    "tenant key": (sent(signer="tenant"), knows(TENANT), "S24", "error", "tenant-wide key", "03"),
    "staged certificate signs": (
        sent(signer="staged"),
        knows(ACTIVE, STAGED),
        "S25",
        "error",
        "another certificate",
        "03",
    ),
    "metadata lags": (sent(), {"metadata_sha1": frozenset({STAGED.sha1})}, "S26", "warning", "not list", "06"),
    "Console holds the old one": (
        sent(),
        {"attested_sha256": STAGED.sha256},
        "S27",
        "error",
        "Console holds",
        "X.509 Certificate",
    ),
    "expired": (
        sent(),
        {"at": END + timedelta(days=3)},
        "S28",
        "error",
        "expired 3 days ago",
        "03 · Signing certificate",
    ),
    "expires soon": (sent(), {"at": END - timedelta(days=30)}, "S28", "warning", "expires in 30 days", "21"),
    "certificate of tomorrow": (
        sent(),
        {"at": ACTIVE.not_before - timedelta(days=1)},
        "S28",
        "error",
        "only from",
        "21",
    ),
    "short key": (
        sent(signer="short"),
        knows(forge.certificate("short"), active_sha1=None),
        "S29",
        "warning",
        "not of the kind",
        "21",
    ),
    "issued by an authority": (
        sent(signer=ISSUED),
        knows(ISSUED, active_sha1=None),
        "S29",
        "warning",
        "not of the kind",
        "21",
    ),
    "staged and unknown to Console": (
        sent(),
        knows(ACTIVE, STAGED),
        "S30",
        "warning",
        "Entra switches by itself",
        "21",
    ),
    "issuer without slash": (sent(issuer=forge.ISSUER[:-1]), {}, "S31", "error", "lacks the final slash", "06"),
    "issuer is the login address": (
        sent(issuer=f"https://login.microsoftonline.com/{forge.TENANT}/"),
        {},
        "S31",
        "error",
        "sign-in address",
        "Identity Provider Issuer",
    ),
    "two issuers": (
        sent(assertion_issuer="https://sts.windows.net/x/"),
        {},
        "S31",
        "error",
        "differs from character",
        "06",
    ),
    "another tenant": (
        sent(issuer=forge.ISSUER.replace("1111", "2222", 1)),
        {},
        "S32",
        "error",
        "another tenant",
        "08",
    ),
    "Destination of another connection": (sent(destination=OTHER_CONNECTION), {}, "S33", "error", "another Flex", "02"),
    "Destination without query": (
        sent(destination=forge.REPLY_URL.split("?")[0]),
        {},
        "S33",
        "error",
        "lacks ?conn",
        "02",
    ),
    "Destination with slash": (
        sent(destination=forge.REPLY_URL + "/"),
        {},
        "S33",
        "error",
        "a final slash too many",
        "02",
    ),
    "Destination http": (sent(destination="http" + forge.REPLY_URL[5:]), {}, "S33", "error", "http instead of", "02"),
    "Destination encoded": (
        sent(destination=forge.REPLY_URL.replace("=JQ", "%3DJQ")),
        {},
        "S33",
        "error",
        "percent-encoded",
        "02",
    ),
    "no Destination": (sent(destination=""), {}, "S33", "warning", "missing", "02"),
    "Recipient upper case": (sent(recipient=forge.REPLY_URL.upper()), {}, "S34", "error", "letter case", "02"),
    "no Recipient": (sent(recipient=""), {}, "S34", "error", "missing", "02"),
    "audience with spn": (sent(audiences=(f"spn:{forge.IDENTIFIER}",)), {}, "S35", "error", "prefix spn:", "02"),
    "audience with blank": (sent(audiences=(f" {forge.IDENTIFIER}",)), {}, "S35", "error", "blanks around", "02"),
    "audience second": (
        sent(audiences=("urn:x", forge.IDENTIFIER)),
        {},
        "S35",
        "error",
        "not the first audience",
        "02",
    ),
    "two audiences": (sent(audiences=(forge.IDENTIFIER, "urn:x")), {}, "S36", "warning", "not exactly one", "02"),
    "two connections": (sent(), {"connection": forge.OTHER_JQ}, "S37", "error", "do not all name the same", "02"),
    "Legacy": (sent(destination=LEGACY), {}, "S38", "error", "old (Legacy)", "02"),
    "another product": (
        sent(recipient="https://www.twilio.com/saml"),
        {},
        "S38",
        "error",
        "another Twilio product",
        "02",
    ),
    "too early": (sent(not_before=600), {}, "S39", "error", "valid only in 10 minutes", "08"),
    "too late": (sent(not_after=-7200), {}, "S40", "error", "expired 2 hours ago", "08 · Test the sign-on"),
    "confirmation too late": (sent(confirm_until=-600), {}, "S41", "warning", "expired 10 minutes ago", "08"),
    "issued a second more than five minutes ago": (sent(issued=-301), {}, "S42", "warning", "5 minutes before", "08"),
    "issued long ago": (sent(issued=-3000), {}, "S42", "warning", "50 minutes before", "08"),
    "lives for days": (sent(not_after=2e5), {}, "S42", "warning", "2 days is unusual", "03"),
    "unreadable issue": (
        sent(before_signing=lambda text: text.replace(f'IssueInstant="{forge.stamp(-60)}"', 'IssueInstant="now"')),
        {},
        "S42",
        "warning",
        "cannot be read",
        "08",
    ),
    "short session": (sent(extra_session=SHORT), {}, "S43", "warning", "after 32 minutes", "03"),
    "very short session": (sent(extra_session=BRIEF), {}, "S43", "warning", "after 40 seconds", "03"),
    "another request": (sent(), {"request_id": "_request2"}, "S44", "error", "another request", "08"),
    "anonymous id": (sent(name_id_format=f' Format="{forge.PERSISTENT}"'), {}, "S48", "error", "anonymous id", "04"),
    "no format": (sent(name_id_format=""), {}, "S48", "warning", "no definite format", "04"),
    "unspecified": (
        sent(name_id_format=f' Format="{forge.UNSPECIFIED}"'),
        {},
        "S48",
        "warning",
        "no definite format",
        "04",
    ),
    "letter case": (sent(name_id="Ada@contoso.com"), {}, "S49", "error", "letter case", "04 · Attributes and claims"),
    "UPN instead of mail": (
        sent(name_id="ada@contoso.onmicrosoft.com"),
        {"user_principal_name": "ada@contoso.onmicrosoft.com"},
        "S49",
        "error",
        "user principal name instead",
        "04",
    ),
    "mail instead of UPN": (
        sent(),
        {"name_id": "ada@contoso.onmicrosoft.com", "user_principal_name": "ada@contoso.onmicrosoft.com"},
        "S49",
        "error",
        "mail address instead",
        "04",
    ),
    "second worker": (sent(), {"worker_name": "ada@contoso.onmicrosoft.com"}, "S50", "error", "second charge", "04"),
    "mail differs from UPN": (
        sent(),
        {"user_principal_name": "a@b"},
        "S51",
        "warning",
        "choose one for everybody",
        "04",
    ),
    "guest": (sent(name_id=GUEST), {"name_id": GUEST}, "S52", "warning", "a guest account", "00 · Start here"),
    "long": (sent(name_id=LONG), {"name_id": LONG}, "S52", "warning", "72 characters", "00"),
    "blank": (sent(name_id="ada@contoso.com "), {}, "S52", "warning", "white space", "00"),
    "qualifier": (
        sent(name_id_format=f' Format="{forge.EMAIL_FORMAT}" NameQualifier="x"'),
        {},
        "S53",
        "warning",
        "refuse",
        "04",
    ),
    "no roles": (claims(EMAIL, FULL_NAME), {}, "S55", "error", "Missing: roles", "07 · Assign users"),
    "Email": (claims(attribute("Email", "a"), FULL_NAME, ROLES), {}, "S55", "error", "email (received Email)", "04"),
    "fullName": (claims(EMAIL, attribute("fullName", "a"), ROLES), {}, "S55", "error", "(received fullName)", "04"),
    "role": (claims(EMAIL, FULL_NAME, attribute("role", "admin")), {}, "S55", "error", "roles (received role)", "04"),
    "namespaced email": (
        claims(attribute(SOAP + "emailaddress", "a"), FULL_NAME, ROLES),
        {},
        "S55",
        "error",
        "emailaddress)",
        "04",
    ),
    "nobody's name": (
        claims(EMAIL, ROLES),
        {"full_name": " "},
        "S55",
        "error",
        "Missing: full_name",
        "00 · Start here: fill in the person's display name in Entra",
    ),
    "nobody's mail and name": (
        claims(ROLES),
        {"full_name": "", "email": ""},
        "S55",
        "error",
        "Missing: email, full_name",
        "00 · Start here: fill in the person's mail address and display name in Entra",
    ),
    "no name of somebody who has one": (
        claims(EMAIL, ROLES),
        {"full_name": "Ada Admin"},
        "S55",
        "error",
        "Missing: full_name",
        "write the claims anew",
    ),
    "another claim in place of a name that is empty": (
        claims(EMAIL, ROLES, attribute("fullName", "a")),
        {"full_name": ""},
        "S55",
        "error",
        "(received fullName)",
        "write the claims anew",
    ),
    "an empty name": (
        claims(EMAIL, attribute("full_name", ""), ROLES),
        {},
        "S56",
        "error",
        "Empty: full_name",
        "00 · Start here: fill in the person's display name in Entra",
    ),
    "empty email": (claims(attribute("email", ""), FULL_NAME, ROLES), {}, "S56", "error", "Empty: email", "04"),
    "another's email": (
        claims(attribute("email", "b@x.example"), FULL_NAME, ROLES),
        {},
        "S56",
        "error",
        "this person's: email",
        "04",
    ),
    "another's name": (claims(EMAIL, attribute("full_name", "Bo"), ROLES), {}, "S56", "warning", "full_name", "04"),
    "namespace": (
        claims(EMAIL, FULL_NAME, ROLES, attribute("urn:x:team", "a")),
        {},
        "S57",
        "warning",
        "ignores claims",
        "04",
    ),
    "basic set": (
        claims(EMAIL, FULL_NAME, ROLES, attribute(SOAP + "surname", "A")),
        {},
        "S58",
        "info",
        "basic claim set",
        "04",
    ),
    "role in upper case": (roles("Agent"), {}, "S60", "error", "“agent” is meant", "05 · App roles"),
    "administrator": (roles("administrator"), {}, "S60", "error", "“admin” is meant", "05"),
    "role id": (roles(forge.TENANT), {}, "S60", "error", "the id of a group or role", "05"),
    "display name": (roles("Flex Supervisor"), {}, "S60", "error", "“supervisor” is meant", "05"),
    "invented role": (roles("admin", "barista"), {}, "S60", "error", "does not know the role “barista”", "05"),
    "only Insights": (roles("wfo.full_access"), {"roles": None}, "S61", "error", "nested group", "07"),
    "none assigned": (roles("wfo.full_access"), {"roles": frozenset()}, "S61", "error", "none is assigned", "07"),
    "assigned, not sent": (roles("wfo.full_access"), {}, "S61", "error", "although one is assigned", "07"),
    "two Flex roles": (roles("agent", "supervisor"), {}, "S62", "warning", "the strongest, supervisor", "07"),
    "Insights for an agent": (roles("agent", "wfo.data_analyst"), {}, "S63", "warning", "Insights stays closed", "07"),
    "undocumented role": (roles("admin", "flex.readteams"), {}, "S64", "warning", "not documented", "05"),
    "claim twice": (claims(EMAIL, FULL_NAME, ROLES, ROLES), {}, "S65", "warning", "comes twice", "04"),
    "bad type": (
        claims(EMAIL, FULL_NAME, ROLES, attribute("skill.int", "1.23")),
        {},
        "S66",
        "error",
        "answers 400",
        "04",
    ),
    "routing": (claims(EMAIL, FULL_NAME, ROLES, attribute("routing", "x")), {}, "S67", "error", "overrides Flex", "04"),
    "contact_uri": (
        claims(EMAIL, FULL_NAME, ROLES, attribute("contact_uri", "x")),
        {},
        "S67",
        "error",
        "overrides",
        "04",
    ),
    "channel": (
        claims(EMAIL, FULL_NAME, ROLES, attribute("channel.chat.capacity", "2")),
        {},
        "S67",
        "warning",
        "managed",
        "04",
    ),
    "dotted": (claims(EMAIL, FULL_NAME, ROLES, attribute("a.b", "2")), {}, "S67", "warning", "managed in Flex", "04"),
    "too long": (
        claims(EMAIL, FULL_NAME, ROLES, attribute("note", "x" * 4096)),
        {},
        "S68",
        "warning",
        "too long",
        "04",
    ),
    "hyphen": (claims(EMAIL, FULL_NAME, ROLES, attribute("team_id", "a-b")), {}, "S68", "warning", "hyphen", "04"),
    "hyphen in a name": (claims(EMAIL, attribute("full_name", "Anne-Marie"), ROLES), {}, "S68", "info", "hyphen", "04"),
    "groups": (
        claims(EMAIL, FULL_NAME, ROLES, attribute("http://schemas.microsoft.com/claims/groups.link", "x")),
        {},
        "S69",
        "warning",
        "150 groups",
        "04",
    ),
    "stale attribute": (sent(), {"worker_attributes": {"team": "x"}}, "S70", "warning", "old values stay", "04"),
    "role lost": (sent(), {"roles": frozenset({"admin", "wfo.full_access"})}, "S72", "error", "not those", "07"),
}


def _base64(certificate: Certificate) -> str:
    return "".join(certificate.pem.splitlines()[1:-1])


def found(judgement: Judgement, check: str) -> Finding:
    wrong = [finding for finding in judgement.findings if finding.check == check and finding.state == "wrong"]
    assert wrong, [(finding.check, finding.title) for finding in judgement.findings if finding.state == "wrong"]
    return wrong[0]


@pytest.mark.thinned(2)
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_fix(name: str) -> None:
    response, changes, check, level, title, fix = MISTAKES[name]
    judgement = judge(response.xml(), expected(**changes))
    finding = found(judgement, check)
    assert finding.level == level
    assert title in finding.title
    assert fix in finding.fix
    assert all(each.fix for each in judgement.findings if each.state == "wrong")
    assert judgement.accepted == (not judgement.failing)


@pytest.mark.parametrize("name", [name for name, row in MISTAKES.items() if row[3] == "error"])
def test_both_sides_are_shown_wherever_both_are_known(name: str) -> None:
    response, changes, check, *_ = MISTAKES[name]
    finding = found(judge(response.xml(), expected(**changes)), check)
    assert finding.configured != finding.received
    assert finding.received or "missing" in finding.title


def test_fixed_relay_state_is_noticed() -> None:
    finding = found(judge(Forge().xml(), expected(), relay_state="https://fixed.example"), "S45")
    assert (finding.level, finding.received) == ("warning", "https://fixed.example")


def test_a_reformatted_response_is_told_apart_from_an_attack() -> None:
    pretty = Forge().xml().decode().replace("><", ">\n  <").encode()
    assert "re-formatted" in found(judge(pretty, expected()), "S17").title
    changed = Forge().xml().replace(b">admin<", b">agent<")
    assert "changed after signing" in found(judge(changed, expected()), "S17").title


def test_findings_come_worst_first_and_all_name_a_check() -> None:
    judgement = judge(Forge(name_id="eve@evil.example", algorithm=forge.RSA_SHA1, audiences=()).xml(), expected())
    assert judgement.findings == sort_worst_first(judgement.findings)
    assert judgement.findings[0].fails
    assert {finding.check[0] for finding in judgement.findings} == {"S"}


def test_the_verifying_certificate_is_named_by_its_place() -> None:
    judgement = judge(Forge(signer="staged").xml(), expected(certificates=(ACTIVE, STAGED)))
    console = found(judgement, "S27")
    assert console.configured == f"{ACTIVE.sha1} (active in Entra, in Console)"
    assert console.received == STAGED.sha1
    assert judgement.certificates == (STAGED,)
    assert judgement.name_id == "ada@contoso.com", "verified, although Flex would refuse it"
    assert not judgement.accepted


UNKNOWN = {
    "issuer": "S31",
    "reply_url": "S33",
    "identifier": "S35",
    "active_sha1": "S25",
    "attested_sha256": "S27",
    "name_id": "S49",
}


@pytest.mark.parametrize("field", UNKNOWN)
def test_what_is_not_known_is_not_claimed(field: str) -> None:
    judgement = judge(Forge().xml(), expected(**{field: None}))
    states = {finding.check: finding.state for finding in judgement.findings}
    assert states[UNKNOWN[field]] == "unknown"
    assert judgement.accepted


OTHER_APPLICATION = claims(attribute("https://travel.contoso.com/role", "Traveller"))


def test_another_saml_application_is_not_held_to_the_demands_of_flex() -> None:
    changes = {
        "profile": "saml",
        "requires": "assertion",
        "roles": None,
        "email": None,
        "full_name": None,
        "connection": None,
    }
    other = OTHER_APPLICATION.but(signed="assertion", name_id_format=f' Format="{forge.PERSISTENT}"')
    judgement = judge(other.xml(), expected(**changes))
    assert judgement.accepted, judgement.failing
    assert dict(judgement.attributes) == {"https://travel.contoso.com/role": ("Traveller",)}
    levels = {finding.check: finding.level for finding in judgement.findings if finding.state == "wrong"}
    assert levels["S55"] == levels["S48"] == "warning"
    assert not {"S27", "S37", "S38", "S80"} & {finding.check for finding in judgement.findings}


def test_another_saml_application_may_name_its_audience_second() -> None:
    xml = Forge(audiences=("urn:x", forge.IDENTIFIER)).xml()
    assert judge(xml, expected(profile="saml")).accepted
    assert not judge(xml, expected()).accepted


def test_a_real_response_is_called_personal_data_and_a_practised_one_is_not() -> None:
    practised = "f1e55000-0000-4000-8000-000000000001"
    assert "S07" in {finding.check for finding in judge(Forge().xml(), expected()).findings}
    practice = judge(Forge().xml(), expected(tenant_id=practised, issuer=None))
    assert "S07" not in {finding.check for finding in practice.findings}


def test_claims_that_entra_always_sends_are_information() -> None:
    core = "http://schemas.microsoft.com/identity/claims/tenantid"
    judgement = judge(claims(EMAIL, FULL_NAME, ROLES, attribute(core, "x")).xml(), expected())
    told = next(finding for finding in judgement.findings if finding.check == "S59")
    assert (told.level, told.state, told.received) == ("info", "holds", core)
    assert judgement.accepted


def test_values_come_in_the_order_sent() -> None:
    judgement = judge(roles("wfo.full_access", "admin").xml(), expected(roles=frozenset({"admin", "wfo.full_access"})))
    assert judgement.accepted
    assert judgement.attributes["roles"] == ("wfo.full_access", "admin")
    assert list(judgement.attributes) == ["email", "full_name", "roles"]

"""What a person may get wrong in a tenant's file: the line that is named, and the words that help."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import Tenant, from_mapping, load

Write = Callable[[str | bytes], Path]

ACS = "https://login.flex.us1.twilio.com/login/callback?connection="
JQ = "JQ9a0364b9e99bb480dd25e1f0284c8555"
AC = "AC5ef8732a3c49700934481addd5ce1659"
GUID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
LEGACY = f"https://iam.twilio.com/v1/Accounts/{AC}/saml2"

# (written, written instead, line that is named, words in the message)
CASES = {
    # names and text
    "name with blanks": ("name: fabrikam", "name: Fabrikam Ltd", 2, "name may have lower-case letters"),
    "name of another file": ("name: fabrikam", "name: contoso", 2, "name is contoso, but the file is fabrikam.yaml"),
    "title left out": ('  title: "Fabrikam"\n', "", 1, "title is missing. The customer's name"),
    "title is empty": ('"Fabrikam"', "", 3, "title is empty; write a value or remove the line"),
    "title is a placeholder": ('"Fabrikam"', '"<customer>"', 3, "title is still a placeholder"),
    "title is a number": ('"Fabrikam"', "12", 3, 'title is a number; text is meant: write it in quotes: "12"'),
    "title is a phone number": ('"Fabrikam"', "+15551234567", 3, 'write it in quotes: "+15551234567"'),
    "title is true": ('"Fabrikam"', "true", 3, 'title is true or false; text is meant: write it in quotes: "true"'),
    "title is a list": ('"Fabrikam"', "[a, b]", 3, "title is a list; one text is meant"),
    "title with a blank": ('"Fabrikam"', '"Fabrikam "', 3, "must be one line without blanks"),
    "title too long": ('"Fabrikam"', "Fab " * 40 + "rikam", 3, "has more than 120 characters"),
    "title of nothing": ('"Fabrikam"', '" "', 3, "title is empty; write a text"),
    "user to fill in": ("user: ada@fabrikam.com", "user: <you>@fabrikam.com", 9, "sign_in.user is still a placeholder"),
    "user too long": ("user: ada@", "user: " + "ada" * 90 + "@", 9, "sign_in.user has more than 256 characters"),
    # choices
    "cloud misspelt": ("cloud: global", "cloud: globall", 4, "did you mean global?"),
    "cloud of another kind": (
        "cloud: global",
        "cloud: gcp",
        4,
        "global, gov_l4, gov_l5, china, bleu, delos, rehearsal",
    ),
    "language without a file": (
        "name_id: mail",
        "handover: {language: fr}\n  name_id: mail",
        18,
        "handover.language is “fr”, which is not one of: en, de",
    ),
    "language in upper case": (
        "name_id: mail",
        "handover: {language: DE}\n  name_id: mail",
        18,
        "not one of: en, de; did you mean de?",
    ),
    "name_id spoken": ("name_id: mail", "name_id: user.mail", 18, "not one of: mail, userprincipalname; did you mean"),
    "role misspelt": ("role: agent", "role: agnet", 26, "assignments.users[2].role is “agnet”"),
    # ids
    "zero GUID": (GUID, "00000000-0000-0000-0000-000000000000", 5, "tenant_id is still a placeholder"),
    "GUID to fill in": (GUID, "<tenant id>", 5, "tenant_id is still a placeholder"),
    "GUID with braces": (GUID, f'"{{{GUID}}}"', 5, f"write {GUID}"),
    "GUID without hyphens": (GUID, GUID.replace("-", ""), 5, "tenant_id looks like a secret"),
    "domain for an id": (GUID, "fabrikam.onmicrosoft.com", 5, "tenant_id is a domain; the id is a GUID"),
    "rehearsal tenant": (GUID, "f1e55000-0000-4000-8000-000000000001", 5, "is an id of the rehearsal"),
    "rehearsal account": (AC, "ACf1e55000000000000000000000000001", 12, "flex.account_sid is an id of the rehearsal"),
    "SID to fill in": (AC, "ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 12, "flex.account_sid is still a placeholder"),
    "SID cut short": (AC, "AC…", 12, "flex.account_sid is still a placeholder"),
    "SID of one letter": (AC, "AC" + "a" * 32, 12, "flex.account_sid is still a placeholder"),
    "SID in upper case": (AC, AC.upper(), 12, f"Twilio writes {AC}"),
    "SID of another thing": (AC, JQ, 12, "is the SID of the SSO connection (JQ…); the account SID is AC"),
    "SID too short": (AC, "AC123", 12, "does not have the right form; the account SID is AC and 32 digits"),
    # reply URL and identifier
    "placeholder reply URL": (ACS + JQ, ACS + "JQ…", 16, "reply_url is still a placeholder"),
    "Legacy reply URL": (ACS + JQ, LEGACY, 16, "reply_url is the Legacy value; the reply URL of Enhanced SSO is https"),
    "preview reply URL": (ACS + JQ, f"https://preview.twilio.com/iam/Accounts/{AC}/saml2", 16, "is the Legacy value"),
    "Console SSO reply URL": (
        ACS + JQ,
        "https://iam.twilio.com/v2/saml2/authenticate/JB9a0364b9e99bb480dd25e1f0284c8555",
        16,
        "belongs to SSO for Twilio Console, another product",
    ),
    "reply URL by http": (ACS + JQ, (ACS + JQ).replace("https", "http"), 16, "begins with http; write https"),
    "reply URL with a slash": (ACS + JQ, ACS + JQ + "/", 16, "reply_url ends with a slash"),
    "reply URL in upper case": (ACS + JQ, ACS + JQ.upper(), 16, f"write {ACS + JQ}"),
    "reply URL without query": (ACS + JQ, ACS.split("?")[0], 16, "lacks ?connection=JQ…"),
    "reply URL encoded": (ACS + JQ, ACS.replace("=", "%3D") + JQ, 16, "has %3D where = belongs"),
    "reply URL with a blank": (ACS + JQ, f'"{ACS}{JQ} "', 16, "has a blank at its beginning or end"),
    "reply URL elsewhere": (ACS + JQ, f"https://example.com/?connection={JQ}", 16, "is not a reply URL of Flex"),
    "values swapped": (ACS + JQ, f"urn:flex:{JQ}", 16, "is the identifier; the reply URL is https"),
    "two JQ": ("urn:flex:JQ9", "urn:flex:JQ8", 17, "has another JQ than reply_url: two Flex connections are mixed"),
    "Legacy identifier": (f"urn:flex:{JQ}", f"{LEGACY}/metadata", 17, "identifier is the Legacy value"),
    "identifier with spn": (f"urn:flex:{JQ}", f"spn:urn:flex:{JQ}", 17, "begins with spn:; remove that"),
    "identifier with a slash": (f"urn:flex:{JQ}", f"urn:flex:{JQ}/", 17, "identifier ends with a slash"),
    "identifier in upper case": (f"urn:flex:{JQ}", f"urn:flex:{JQ.upper()}", 17, f"write urn:flex:{JQ}"),
    "identifier is the URL": (
        f"identifier: urn:flex:{JQ}",
        f"identifier: {ACS}{JQ}",
        17,
        "is a URL; the identifier is",
    ),
    # switches and numbers
    "apply in a live file": ("apply: false", "apply: true", 6, "apply is true in the file of a live tenant"),
    "practice in a live file": ("apply: false", "practice: you", 6, "practice is for cloud: rehearsal only"),
    "apply in quotes": ("apply: false", 'apply: "false"', 6, "apply is text; write true or false, without quotes"),
    "too many days": ("valid_days: 365", "valid_days: 1096", 20, "is 1096; write a whole number from 1 to 1095"),
    "no days": ("valid_days: 365", "valid_days: 0", 20, "write a whole number from 1 to 1095"),
    "days in quotes": ("valid_days: 365", 'valid_days: "365"', 20, "write a whole number, without quotes"),
    "days with a point": ("valid_days: 365", "valid_days: 365.0", 20, "write a whole number, without quotes"),
    # lists and blocks
    "one address, no list": ("[owners@fabrikam.com]", "owners@fabrikam.com", 21, "it is a list: one entry a line"),
    "six addresses": (
        "[owners@fabrikam.com]",
        "[a@b.com, b@b.com, c@b.com, d@b.com, e@b.com, f@b.com]",
        21,
        "has 6 entries; at most 5",
    ),
    "no address": ("[owners@fabrikam.com]", "[owners]", 21, "notification_addresses[1] is not an address"),
    "address twice": (
        "[owners@fabrikam.com]",
        "[owners@fabrikam.com, Owners@fabrikam.com]",
        21,
        "notification_addresses[2] stands in this list a second time",
    ),
    "no roles": ("roles: [admin, supervisor, agent]", "roles: []", 22, "roles has 0 entries; write at least one"),
    "role not offered": ("roles: [admin, supervisor, agent]", "roles: [admin]", 26, "which `roles` does not offer"),
    "user with two roles": ("bo@fabrikam.com", "Ada@fabrikam.com", 26, "the role agent, an earlier entry admin"),
    "user twice": (
        "{user: bo@fabrikam.com, role: agent}",
        "{user: ada@fabrikam.com, role: admin}",
        26,
        "names user ada@fabrikam.com a second time",
    ),
    "block is a text": ("application: {name:", 'application: "Flex" #', 10, "it holds the keys name, app_id"),
    # keys
    "key misspelt": ("account_sid", "acount_sid", 12, "flex.acount_sid is unknown; did you mean account_sid?"),
    "key at the wrong place": ("  name_id:", "  valid_days: 3\n  name_id:", 18, "did you mean signing.valid_days?"),
    "key of nowhere": (
        "  name_id:",
        "  weather: red\n  name_id:",
        18,
        "weather is unknown; the keys here are name, title",
    ),
    "key in a file only": (
        "  name_id:",
        "  extends: other\n  name_id:",
        18,
        "extends stands below tenant; write",
    ),
    # signing in and secrets
    "secret for a browser": ("user: ada@fabrikam.com", "secret: env:X", 9, "is for method client_secret only"),
    "shared client in Bleu": ("cloud: global", "cloud: bleu", 7, "sign_in.client_id is missing; the application every"),
    "method without its secret": ("method: browser", "method: client_secret", 7, "sign_in.secret is missing"),
    "user without a person": ("method: browser", "method: client_secret", 9, "sign_in.user has no meaning"),
    "plain secret": ('"env:FLEX_SECRET"', "hunter2hunter2", 14, "never the secret itself; write env:NAME"),
    "secret to fill in": (
        "env:FLEX_SECRET",
        "env:<NAME>",
        14,
        "flex.api_secret is still a placeholder; write env:NAME",
    ),
    "secret in digits": ('"env:FLEX_SECRET"', "12345678", 14, "flex.api_secret is a number; write env:NAME"),
    "secret behind env": ('"env:FLEX_SECRET"', "env:aB3dE5gH7jK9", 14, "never the secret itself"),
    "secret as API key": (
        "SK2a0747eba6abf96b7e3c3ff0b4530f6e",
        "2a0747eba6abf96b7e3c3ff0b4530f6e",
        13,
        "looks like a s",
    ),
    "secret in a title": (
        '"Fabrikam"',
        '"aB38Q~0123456789012345678901234567890123"',
        3,
        "looks like a secret and is not",
    ),
}


@pytest.mark.parametrize(("old", "new", "line", "words"), CASES.values(), ids=CASES.keys())
def test_the_line_and_the_right_form_are_named(
    fabrikam: Write, good: str, old: str, new: str, line: int, words: str
) -> None:
    assert old in good
    with pytest.raises(ParametersError) as caught:
        load(fabrikam(good.replace(old, new, 1)))
    hits = [text for text in caught.value.what.splitlines() if words in text]
    assert hits, caught.value.what
    assert hits[0].startswith(f"parameters/fabrikam.yaml, line {line}: ")


@pytest.mark.parametrize(
    "secret",
    [
        "hunter2hunter2",
        "0123456789",
        "12345678",
        "2a0747eba6abf96b7e3c3ff0b4530f6e",
        "aB38Q~" + "z9" * 18,
        "'no'",
        "12:30",
    ],
)
@pytest.mark.parametrize("place", ["api_secret", "password", "auth_token"])
def test_what_may_be_a_secret_is_never_repeated(fabrikam: Write, good: str, place: str, secret: str) -> None:
    text = good.replace('    api_secret: "env:FLEX_SECRET"', f"    {place}: {secret}")
    with pytest.raises(ParametersError) as caught:
        load(fabrikam(text))
    shown = f"{caught.value} {caught.value._repr_html_()} {caught.value!r} {caught.value.__cause__}"
    assert secret.strip("'") not in shown.replace("not", "").replace("now", "")
    assert caught.value.__context__ is None or secret not in repr(caught.value.__context__)


def test_all_problems_come_at_once_in_the_order_of_lines(fabrikam: Write, good: str) -> None:
    text = good.replace("valid_days: 365", "valid_days: 0").replace("cloud: global", "cloud: no").replace(JQ, "JQ…")
    with pytest.raises(ParametersError) as caught:
        load(fabrikam(text.replace("apply: false", "apply: yes")))
    lines = [int(text.split("line ")[1].split(":")[0]) for text in caught.value.what.splitlines()]
    assert lines == [4, 6, 16, 17, 20]


ATTESTED = """\
  attested:
    console:
      certificate_sha256: "0011223344556677889900112233445566778899001122334455667788990011"
      issuer: https://sts.windows.net/1b4e28ba-2fa1-41d2-883f-0016d3cca427/
      sso_url: https://login.microsoftonline.com/1b4e28ba-2fa1-41d2-883f-0016d3cca427/saml2
      by: Ada Admin
      at: "2026-11-02T08:00:00Z"
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"0011', '"00:11', 30, "is not a SHA-256 fingerprint; it has 64 digits"),
        ("https://sts", "http://sts", 31, "attested.console.issuer is not an address that begins with https://"),
        ("08:00:00Z", "08:00", 34, "attested.console.at is not a moment in UTC"),
        ('"2026-11-02T08:00:00Z"', "2026-11-02T08:00:00Z", 34, 'write "2026-11-02T08:00:00Z" in quotes'),
    ],
    ids=["fingerprint", "issuer", "no moment", "moment without quotes"],
)
def test_what_was_attested_is_read_as_strictly(
    fabrikam: Write, good: str, old: str, new: str, line: int, words: str
) -> None:
    attested = load(fabrikam(good + ATTESTED)).attested
    assert attested is not None
    assert attested.console is not None
    assert attested.console.by == "Ada Admin"
    with pytest.raises(ParametersError) as caught:
        load(fabrikam(good + ATTESTED.replace(old, new)))
    assert caught.value.what.startswith(f"parameters/fabrikam.yaml, line {line}: ")
    assert words in caught.value.what


REHEARSAL = {
    "name": "practice",
    "title": "Contoso",
    "cloud": "rehearsal",
    "tenant_id": "f1e55000-0000-4000-8000-000000000001",
    "flex": {
        "account_sid": "ACf1e55000000000000000000000000001",
        "api_key": "SKf1e55000000000000000000000000001",
        "api_secret": "env:X",
    },
}


@pytest.mark.parametrize(
    ("path", "live"),
    [
        (("tenant_id",), GUID),
        (("flex", "account_sid"), AC),
        (("flex", "api_key"), "SK2a0747eba6abf96b7e3c3ff0b4530f6e"),
        (("flex", "connection", "reply_url"), ACS + JQ),
        (("flex", "connection", "identifier"), f"urn:flex:{JQ}"),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else "",
)
def test_a_live_id_in_a_rehearsal_is_refused(path: tuple[str, ...], live: str) -> None:
    practice_jq = "JQf1e55000000000000000000000000001"
    connection = {"reply_url": ACS + practice_jq, "identifier": f"urn:flex:{practice_jq}"}
    mapping = {**REHEARSAL, "flex": {**REHEARSAL["flex"], "connection": connection}, "apply": True}
    assert from_mapping(mapping).rehearsal

    inner = mapping
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = live
    with pytest.raises(ParametersError, match=r"is a live id in a rehearsal's file; write .*f1e55000"):
        from_mapping(mapping)


def test_the_guid_comes_in_lower_case_and_lists_cannot_be_changed(fabrikam: Write, good: str) -> None:
    tenant = load(fabrikam(good.replace(GUID, GUID.upper())))
    assert tenant.tenant_id == GUID
    assert not tenant.rehearsal
    assert tenant.roles == ("admin", "supervisor", "agent")
    with pytest.raises(ValueError, match="frozen"):
        tenant.apply = True  # type: ignore[misc]


def test_a_tenant_made_in_code_obeys_the_same_rules() -> None:
    assert Tenant.model_validate(REHEARSAL).practice == "simulated"
    live = {**REHEARSAL, "cloud": "global", "tenant_id": GUID}
    with pytest.raises(ValueError, match="is an id of the rehearsal in a live tenant's file"):
        Tenant.model_validate(live)

"""S55–S59, S65–S70: the claims and what becomes of them in a worker."""

import json
from collections import Counter
from collections.abc import Mapping

from flexsso_helpers.documented_claims import ATTRIBUTES
from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.saml.checks.report import Report
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.response import Statement
from flexsso_helpers.saml.worker import (
    KEPT_BY_FLEX,
    MAX_ATTRIBUTES,
    BadClaim,
    expected_worker,
    is_namespaced,
    left_behind,
    typed_name,
)

REQUIRED = tuple(each.name for each in ATTRIBUTES)
_BASIC = ("givenname", "surname", "emailaddress", "name")
_CORE = ("http://schemas.microsoft.com/identity/claims/", "http://schemas.microsoft.com/claims/")
_GROUPS = (
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
    "http://schemas.microsoft.com/claims/groups.link",
)
_SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_NEAR = {each.name: each.near for each in ATTRIBUTES}
_SOURCES = {"email": "mail address", "full_name": "display name"}
_CLAIMS = fix_in("04", "write the claims anew.")


def check(report: Report, statement: Statement, expected: Expected) -> None:
    """Judge names and values of the claims, roles apart."""
    claims = statement.claims
    _required(report, claims, expected)
    _filled(report, claims, expected)
    _namespaces(report, claims)
    _noise(report, claims)
    twice = [name for name, times in Counter(each.name for each in statement.attributes).items() if times > 1]
    report.say(
        "S65",
        not twice,
        "No claim comes twice",
        "A claim comes twice, and programs disagree which one counts",
        level="warning",
        received=twice,
        fix=_CLAIMS,
    )
    _worker(report, statement, claims, expected)


def _required(report: Report, claims: Mapping[str, tuple[str, ...]], expected: Expected) -> None:
    missing = [name for name in REQUIRED if name not in claims]
    near = {
        name: [found for found in claims if not found.startswith(_CORE) and _resembles(found, name)] for name in missing
    }
    named = [f"{name} (received {', '.join(map(_last, near[name]))})" if near[name] else name for name in missing]
    report.say(
        "S55",
        not missing,
        f"The claims {', '.join(REQUIRED[:-1])} and {REQUIRED[-1]} are there",
        f"Flex will refuse it (Flex 45050). Missing: {', '.join(named)}",
        configured=REQUIRED,
        received=list(claims),
        fix=_fix_of(missing, expected) if not any(near.values()) else _CLAIMS,
    )


def _fix_of(missing: list[str], expected: Expected) -> str:
    """Entra leaves a claim out whose source is empty: then the person lacks something, and no claim is wrong."""
    if missing == ["roles"]:
        return fix_in("07", "assign a role; everything else is there.")
    held = {"email": expected.email, "full_name": expected.full_name}
    lacking = [name for name in missing if held.get(name) is not None and not str(held[name]).strip()]
    return _fill(lacking) if lacking and lacking == missing else _CLAIMS


def _fill(names: list[str]) -> str:
    what = " and ".join(_SOURCES[name] for name in names)
    return fix_in("00", f"fill in the person's {what} in Entra; the claims are right.")


def _last(name: str) -> str:
    """A name with a namespace, by its end."""
    return f"…/{name.rpartition('/')[2]}" if "/" in name else name


def _resembles(found: str, wanted: str) -> bool:
    last = found.replace("\\", "/").rpartition("/")[2].rpartition(":")[2].lower()
    return last == wanted or last.replace(" ", "_") == wanted or last in _NEAR[wanted]


def _filled(report: Report, claims: Mapping[str, tuple[str, ...]], expected: Expected) -> None:
    empty = [name for name in REQUIRED if name in claims and not "".join(claims[name]).strip()]
    pairs = (("email", expected.email), ("full_name", expected.full_name))
    other = [
        (name, wanted, claims[name])
        for name, wanted in pairs
        if wanted is not None and name in claims and name not in empty and claims[name] != (wanted,)
    ]
    wrong = f"Empty: {', '.join(empty)}" if empty else f"Not this person's: {', '.join(name for name, _, _ in other)}"
    mild = not empty and all(name == "full_name" for name, _, _ in other)
    report.say(
        "S56",
        not empty and not other,
        "None of the three is empty, and the values are this person's",
        wrong,
        level="warning" if mild and other else "error",
        configured=[f"{name}: {wanted}" for name, wanted in pairs if wanted is not None],
        received=[f"{name}: {', '.join(claims[name])}" for name in ("email", "full_name") if name in claims],
        fix=_fill(empty)
        if empty == ["full_name"]
        else fix_in("04", "fill the person's mail in Entra, or use the user principal name for everybody."),
    )


def _namespaces(report: Report, claims: Mapping[str, tuple[str, ...]]) -> None:
    ignored = [
        name
        for name in claims
        if is_namespaced(name) and not name.startswith((*_CORE, _SOAP, *_GROUPS)) and not is_basic(name)
    ]
    report.say(
        "S57",
        not ignored,
        "No wanted claim has a namespace",
        "Flex ignores claims with a namespace",
        level="warning",
        received=ignored,
        fix=fix_in("04", "empty the Namespace of these claims."),
    )


def _noise(report: Report, claims: Mapping[str, tuple[str, ...]]) -> None:
    basic = [name for name in claims if is_basic(name)]
    report.say(
        "S58",
        not basic,
        "The basic claim set is not sent",
        "The basic claim set is sent: personal data that Flex does not need",
        level="info",
        received=basic,
        fix=fix_in("04", "leave the basic claim set out (IncludeBasicClaimSet false)."),
    )
    if core := [name for name in claims if name.startswith(_CORE) and name not in _GROUPS]:
        report.tell("S59", "Entra always sends these claims; they cannot be removed", received=core)
    groups = [name for name in claims if name in _GROUPS]
    report.say(
        "S69",
        not groups,
        "No group claim is sent",
        "A group claim is sent: it is cut at 150 groups, and Flex does not use it",
        level="warning",
        received=groups,
        fix=fix_in("04", "take the group claim out."),
    )


def is_basic(name: str) -> bool:
    """Whether the claim is one of Microsoft's basic set."""
    return name.startswith(_SOAP) and name.removeprefix(_SOAP) in _BASIC


def is_always_sent(name: str) -> bool:
    """Whether Entra sends this claim whatever is configured: its own ones, and those that stand for groups."""
    return name.startswith(_CORE) or name in _GROUPS


def _worker(report: Report, statement: Statement, claims: Mapping[str, tuple[str, ...]], expected: Expected) -> None:
    plain = {name: values for name, values in claims.items() if not is_namespaced(name)}
    _reserved(report, plain)
    try:
        worker = expected_worker(statement.name_id.value if statement.name_id else "", claims)
    except BadClaim as error:
        wrong = "A typed claim has a value of another type; Flex answers 400 and changes nothing"
        report.say("S66", False, "", wrong, received=error.what, fix=_CLAIMS)
        return
    report.say("S66", True, "All typed claims have values of their type", "")
    attributes = worker["attributes"]
    assert isinstance(attributes, dict)
    _size(report, plain, {**expected.worker_attributes, **attributes})
    stale = left_behind(expected.worker_attributes, plain)
    if expected.worker_attributes:
        report.say(
            "S70",
            not stale,
            "Every attribute of the worker is still sent",
            "Attributes of the worker are not sent any more; their old values stay",
            level="warning",
            received=stale,
            fix=fix_in("04", "send them empty to clear them, if they once came from a claim."),
        )


def _reserved(report: Report, claims: Mapping[str, tuple[str, ...]]) -> None:
    blocked = [name for name in claims if typed_name(name)[0] in KEPT_BY_FLEX]
    odd = [name for name in claims if name not in blocked and (name == "team_owner" or "." in typed_name(name)[0])]
    report.say(
        "S67",
        not blocked and not odd,
        "No claim overrides Flex's own attributes",
        "A claim overrides Flex's routing" if blocked else "A claim sets something that is otherwise managed in Flex",
        level="error" if blocked else "warning",
        received=blocked + odd,
        fix=fix_in("04", "take this claim out."),
    )


def _size(report: Report, claims: Mapping[str, tuple[str, ...]], merged: Mapping[str, object]) -> None:
    """Hyphens: names and addresses have theirs by nature, so only in other claims are they worth more than a note."""
    length = len(json.dumps(dict(merged), default=str))
    hyphens = [name for name, values in claims.items() if any("-" in value for value in values)]
    chosen = [name for name in hyphens if name not in REQUIRED]
    long = length >= MAX_ATTRIBUTES
    report.say(
        "S68",
        not long and not hyphens,
        f"The attributes fit a worker: about {length} of {MAX_ATTRIBUTES} characters",
        "The attributes are too long for a worker"
        if long
        else "A value has a hyphen, which Twilio says may cause trouble",
        level="warning" if long or chosen else "info",
        configured=f"fewer than {MAX_ATTRIBUTES} characters, no hyphens",
        received=f"about {length} characters; hyphens in: {', '.join(hyphens) or 'none'}",
        fix=fix_in("04", "shorten or drop claims."),
    )

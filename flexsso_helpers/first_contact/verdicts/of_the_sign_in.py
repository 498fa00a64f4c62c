"""What a sign-in tells: refused consent, the claims of a token by their names, and what was asked and given."""

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.verdicts.traffic import Judge, Traffic, Untold, by, good, status, unforeseen

CONSENT = {65001: "missing", 65004: "missing", 90094: "approval", 90095: "approval", 900941: "risky"}
DEVICE_CODE = {53003: "blocked", 530036: "flow_blocked"}


def _numbers(traffic: Traffic) -> list[int]:
    """The numbers of refusals at the sign-in service, in order."""
    found: list[int] = []
    for each in traffic.exchanges:
        seen = each.trial == trials.REFUSED_SIGN_IN or ("/oauth2" in each.path and each.status >= 400)
        if seen and isinstance(told := each.said("error_codes"), list):
            found += [number for number in told if isinstance(number, int)]
    return found


def _signed_in(traffic: Traffic) -> bool:
    return any("/oauth2" in each.path and each.path.endswith("/token") and each.good for each in traffic.exchanges)


def admin_consent(traffic: Traffic) -> str:
    """Whether the permissions were consented to before (65001, 90094, 900941)."""
    if named := [CONSENT[number] for number in _numbers(traffic) if number in CONSENT]:
        return named[0]
    if _signed_in(traffic):
        return "granted"
    raise Untold("the sign-in was not seen: a browser carried it, or it was refused for another reason")


def device_code_flow(traffic: Traffic) -> str:
    """Whether a sign-in by device code is let through."""
    if named := [DEVICE_CODE[number] for number in _numbers(traffic) if number in DEVICE_CODE]:
        return named[0]
    if not any(each.path.endswith("/devicecode") for each in traffic.exchanges):
        raise Untold("the sign-in was not by device code")
    if _signed_in(traffic):
        return "allowed"
    raise Untold("the sign-in was refused for another reason")


def _claims(traffic: Traffic) -> list[object]:
    found = traffic.note(trials.CLAIM_NAMES).get("token_claims")
    return list(found) if isinstance(found, list) else []


def token_claims(traffic: Traffic) -> str:
    """Whether Graph's token can be read, and whether it names directory roles."""
    claims = _claims(traffic)
    if not claims:
        return "opaque"
    if "idtyp" in claims and "scp" not in claims:
        raise Untold("an application is signed in, whose token names no roles of a person")
    return "all" if "wids" in claims else "without_wids"


def guest_token(traffic: Traffic) -> str:
    """Whether a guest's token has a user principal name."""
    if traffic.note(trials.CLAIM_NAMES).get("kind") != "guest":
        raise Untold("no guest is signed in")
    claims = _claims(traffic)
    if not claims:
        raise Untold("the token cannot be read")
    return "upn" if "upn" in claims else "unique_name"


def token_scopes(traffic: Traffic) -> str:
    """Whether a token holds more permissions than were asked for."""
    noted = traffic.note(trials.CLAIM_NAMES)
    asked, given = noted.get("asked_scopes"), noted.get("given_scopes")
    if not isinstance(given, list) or not isinstance(asked, list) or not given:
        raise Untold("the token does not say which permissions it holds")
    if noted.get("kind") == "application":
        raise Untold("an application is signed in, which gets whatever it was granted")
    return "consented" if len(set(given) - {"User.Read", "openid", "profile", "email"}) > len(asked) else "asked"


def delegate_me(traffic: Traffic) -> str:
    """What `/me` answers to a partner's delegate."""
    if traffic.note(trials.CLAIM_NAMES).get("kind") != "delegate":
        raise Untold("no partner's delegate is signed in")
    answer = traffic.answer(trials.ME)
    if answer.status in (403, 404):
        return str(answer.status)
    raise unforeseen(answer)


def list_users(traffic: Traffic) -> str:
    """Whether a guest with a directory role may list users."""
    if traffic.note(trials.CLAIM_NAMES).get("kind") != "guest":
        raise Untold("no guest is signed in")
    return by(trials.LIST_USERS, {"allowed": good, "refused": status(403)})(traffic)


JUDGES: dict[str, Judge] = {
    "admin_consent": admin_consent,
    "device_code_flow": device_code_flow,
    "token_claims": token_claims,
    "guest_token": guest_token,
    "token_scopes": token_scopes,
    "delegate_me": delegate_me,
    "list_users": list_users,
}

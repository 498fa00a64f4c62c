"""What Flex's own answers tell: without credentials, and by reading."""

import re

from flexsso_helpers.clouds import FLEX_LOGIN
from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.verdicts.traffic import Judge, Traffic, Untold, by, good, status, unforeseen
from flexsso_helpers.traffic import Exchange

FLEX_HOST = FLEX_LOGIN.removeprefix("https://")
FORMATS = {
    None: "none",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress": "emailAddress",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified": "unspecified",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent": "persistent",
}
NO_REALM = 70251
NO_WORKER = "the account has no worker whose answer tells"


def _empty(answer: Exchange) -> bool:
    return answer.good and answer.said("config_list") == []


def _listed(answer: Exchange) -> bool:
    return bool(answer.said("config_list"))


def _chain(traffic: Traffic) -> list[Exchange]:
    found = traffic.trial(trials.CHAIN) or [
        each for each in traffic.exchanges if not each.trial and each.to and each.place.startswith("login.flex.")
    ]
    if not found:
        raise Untold("the account has no single sign-on that a login could start")
    return found


def region(traffic: Traffic) -> str:
    """Through which host a login goes (F04)."""
    for each in _chain(traffic):
        host = each.place.partition("/")[0]
        if host.startswith("login.flex."):
            return "us1" if host == FLEX_HOST else "other"
    raise Untold("the login did not come to Flex's login host")


def _asked(traffic: Traffic, name: str) -> object:
    for each in _chain(traffic):
        if isinstance(found := each.said("request"), dict):
            return found.get(name)
    raise Untold("the login did not come to the identity provider")


def name_id_policy(traffic: Traffic) -> str:
    """The format of the NameID that Flex asks for (F38)."""
    asked = _asked(traffic, "NameIDPolicy")
    if asked not in FORMATS:
        raise Untold("Flex asks for a format that nobody foresaw")
    return FORMATS[asked if isinstance(asked, str) else None]


def force_authn(traffic: Traffic) -> str:
    """Whether Flex asks that people sign in again (F39)."""
    return "true" if _asked(traffic, "ForceAuthn") == "true" else "false"


def _started(trial: str, taken: str, refused: str) -> Judge:
    def judge(traffic: Traffic) -> str:
        if not traffic.trial(trial):
            raise Untold("the account has no single sign-on that a login could start")
        answer = traffic.answer(trial)
        if answer.to:
            return taken
        if answer.status in (400, 401, 403):
            return refused
        raise unforeseen(answer)

    return judge


def runtime_domain_match(traffic: Traffic) -> str:
    """Whether the bare name finds the account (F20)."""
    if not _listed(traffic.answer(trials.LONG_DOMAIN)):
        raise Untold("neither form of the runtime domain finds the account")
    return "both" if _listed(traffic.answer(trials.BARE_DOMAIN)) else "twil_io"


def runtime_domain_form(traffic: Traffic) -> str:
    """Whether Flex tells a bare name or an address (F27)."""
    found = traffic.trial(trials.FLEX) or traffic.passing("GET", "/v1/Configuration")
    domains = [str(each.said("runtime_domain")) for each in found if each.good and each.said("runtime_domain")]
    if not domains:
        raise Untold("Flex's configuration could not be read")
    return "url" if domains[0].startswith(("address-", "flex.twilio.com")) else "bare"


def legacy(traffic: Traffic) -> str:
    """Whether Legacy still starts logins (F120)."""
    answer = traffic.answer(trials.LEGACY)
    if answer.status == 200 and answer.to:
        return "working"
    if answer.said("code") == NO_REALM:
        raise Untold("the account has no Legacy sign-on, so that this is refused either way")
    if answer.said("code") is not None:
        return "retired"
    raise unforeseen(answer)


def _workers(traffic: Traffic) -> list[dict[str, object]]:
    pages = traffic.trial(trials.WORKERS) or traffic.passing("GET", "/v1/Workspaces/[^/]+/Workers")
    return [each for page in pages if page.good for each in page.said("workers") or () if isinstance(each, dict)]


def list_attributes(traffic: Traffic) -> str:
    """Whether the list of workers tells their attributes (F105)."""
    found = _workers(traffic)
    if not found:
        raise Untold(NO_WORKER)
    return "null" if all(each.get("attributes") is None for each in found) else "value"


def _made_by_sign_ons(traffic: Traffic) -> list[dict[str, object]]:
    """Workers that a later read shows and the first one did not, with what claims gave them."""
    listed = re.compile("/v1/Workspaces/[^/]+/Workers")
    reads = [each for each in traffic.trial("", trials.FIRST_AT_FLEX) if each.good and each.method == "GET"]
    pages = [each for each in reads if listed.fullmatch(each.path)]
    before = {each.get("sid") for each in (pages[0].said("workers") or () if pages else ())}
    single = [each.answer for each in reads if re.fullmatch(f"{listed.pattern}/[^/]+", each.path)]
    later = [each for page in pages[1:] for each in page.said("workers") or ()]
    found = [each for each in (*later, *single) if isinstance(each, dict) and each.get("sid") not in before]
    told = [each for each in found if isinstance(each.get("attributes"), dict)]
    if not told:
        raise Untold("no worker came by a sign-on while this was kept")
    return told


def friendly_name(traffic: Traffic) -> str:
    """Whether a worker of a sign-on is called as the user, or by the full name (F81)."""
    for worker in _made_by_sign_ons(traffic):
        claims = worker["attributes"]
        names = (claims.get("full_name"), claims.get("email")) if isinstance(claims, dict) else (None, None)
        if names[0] != names[1] and worker.get("friendly_name") in names:
            return "full_name" if worker["friendly_name"] == names[0] else "nameid"
    raise Untold("a worker is called neither as the user nor by the full name")


def roles_shape(traffic: Traffic) -> str:
    """Whether one role of a worker is a list of one, or a text (F72)."""
    for worker in _made_by_sign_ons(traffic):
        roles = worker["attributes"].get("roles") if isinstance(worker["attributes"], dict) else None
        if isinstance(roles, str) or (isinstance(roles, list) and len(roles) == 1):
            return "as_received" if isinstance(roles, str) else "list"
    raise Untold("no worker came with one role alone")


def friendly_name_filter(traffic: Traffic) -> str:
    """Whether a search by name minds letter case (F107)."""
    if not traffic.trial(trials.OTHER_CASE):
        raise Untold(NO_WORKER)
    return "ignore_case" if traffic.answer(trials.OTHER_CASE).said("workers") else "exact"


JUDGES: dict[str, Judge] = {
    "region": region,
    "bad_id_status": by(trials.ILL_FORMED, {"400": status(400), "404": status(404)}),
    "no_connection": by(
        trials.CONFIG,
        {"empty": _empty, "404": status(404)},
        unless={"the account has single sign-on already": _listed},
    ),
    "unknown_account": by(trials.UNKNOWN_ACCOUNT, {"empty": _empty, "404": status(404), "400": status(400)}),
    "runtime_domain_match": runtime_domain_match,
    "runtime_domain_form": runtime_domain_form,
    "missing_pkce": _started(trials.NO_PKCE, "accept", "45004"),
    "untrusted_at": _started(trials.UNTRUSTED, "callback", "authorize"),
    "authn_nameid_policy": name_id_policy,
    "force_authn": force_authn,
    "legacy": legacy,
    "list_attributes": list_attributes,
    "friendly_name_filter": friendly_name_filter,
    "flex_missing_status": by(
        trials.FLEX, {"404": status(404), "400": status(400)}, unless={"the account has Flex": good}
    ),
}

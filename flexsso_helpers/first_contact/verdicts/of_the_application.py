"""What making, changing and deleting an application tells."""

import re

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.verdicts.traffic import (
    Judge,
    Traffic,
    Untold,
    by,
    code,
    good,
    unforeseen,
    words,
)
from flexsso_helpers.traffic import Exchange

CUSTOM_TAG = "WindowsAzureActiveDirectoryCustomSingleSignOnApplication"
NO_REFERENCE = "ServiceTreeValueMissing"
BY_POLICY = "InvalidUniqueTenantIdentifierAsPerAppPolicy"
FOREIGN = "HostNameNotOnVerifiedDomain"
LONG = 60.0
"""Seconds after which a copy counts as late."""
INSTANTIATE = r"/v1\.0/applicationTemplates/[^/]+/instantiate"
NOT_MADE = "the application was not made"


def _pair(traffic: Traffic) -> tuple[dict[str, object], dict[str, object]]:
    """Application and service principal as the template made them."""
    read = [each.answer for each in traffic.trial(trials.TEMPLATE) if each.good and isinstance(each.answer, dict)]
    if len(read) >= 2:
        return read[0], read[1]
    for each in traffic.passing("POST", INSTANTIATE):
        app, principal = each.said("application"), each.said("servicePrincipal")
        if each.good and isinstance(app, dict) and isinstance(principal, dict):
            return app, principal
    raise Untold(NOT_MADE)


def _list(item: dict[str, object], name: str) -> list[object]:
    found = item.get(name)
    return found if isinstance(found, list) else []


def template_tags(traffic: Traffic) -> str:
    """Whether the template sets the tag of custom single sign-on (G15)."""
    return "integrated+custom_sso" if CUSTOM_TAG in _list(_pair(traffic)[1], "tags") else "integrated"


def template_identifier_uris(traffic: Traffic) -> str:
    """Whether the template brings an identifier (G16)."""
    return "one_default" if _list(_pair(traffic)[0], "identifierUris") else "empty"


def template_roles(traffic: Traffic) -> str:
    """Which roles the template brings (G16)."""
    names = {role.get("displayName") for role in _list(_pair(traffic)[0], "appRoles") if isinstance(role, dict)}
    if "msiam_access" not in names:
        raise Untold("the template brought other roles than anybody told of")
    return "user+msiam_access" if "User" in names else "msiam_access"


def notification_seed(traffic: Traffic) -> str:
    """Whether the template writes down its creator as the one to be told (G17)."""
    return "creator" if _list(_pair(traffic)[1], "notificationEmailAddresses") else "empty"


def template_certificate(traffic: Traffic) -> str:
    """Whether the template brings a certificate, and whether that is active (G14)."""
    principal = _pair(traffic)[1]
    if not _list(principal, "keyCredentials"):
        return "none"
    return "present_active" if principal.get("preferredTokenSigningKeyThumbprint") else "present_inactive"


def require_service_reference(traffic: Traffic) -> str:
    """Whether the tenant asks for a service management reference, at an update too (G13)."""
    answers = traffic.trial(trials.MADE) or traffic.passing("POST", INSTANTIATE)
    if not answers:
        raise Untold(NOT_MADE)
    if not any(each.code == NO_REFERENCE for each in answers):
        if any(each.good for each in answers) or traffic.trial(trials.TEMPLATE):
            return "off"
        raise unforeseen(answers[-1])
    answer = traffic.answer(trials.WITHOUT_REFERENCE)
    if answer.code == NO_REFERENCE:
        return "on_update"
    if answer.good:
        return "on"
    raise unforeseen(answer)


def instantiate_ghost(traffic: Traffic) -> str:
    """Whether making it is answered with an error, and it is there all the same (G10)."""
    answers = traffic.trial(trials.MADE, trials.MADE_AGAIN) or traffic.passing("POST", INSTANTIATE)
    there = bool(traffic.trial(trials.TEMPLATE))
    if any(each.good for each in answers):
        return "off"
    last = answers[-1] if answers else None
    if last is None or not there or last.status not in (404, 504):
        raise Untold(NOT_MADE)
    if last.status == 504 and _lost(traffic):
        raise Untold("other writes were answered so too")
    return str(last.status)


def _lost(traffic: Traffic) -> list[Exchange]:
    """Writes other than the first one that were answered with an error of the service."""
    return [
        each
        for each in traffic.exchanges
        if each.method in ("POST", "PATCH", "PUT", "DELETE")
        and each.status in (503, 504)
        and each.place.startswith("graph")
        and not re.fullmatch(INSTANTIATE, each.path)
    ]


def ambiguous_failure(traffic: Traffic) -> str:
    """Whether a write is answered with 504 and took effect (G87)."""
    if not any(each.good and each.method == "PATCH" for each in traffic.exchanges):
        raise Untold("nothing was written")
    return "on" if _lost(traffic) else "off"


def write_after_create(traffic: Traffic) -> str:
    """How a write is refused on an object that is not seen yet (G22)."""
    found = traffic.trial(trials.AT_ONCE)
    if not found:
        raise Untold(NOT_MADE)
    refused = [each.status for each in found if each.status in (404, 409)]
    if not refused:
        raise Untold("the write was taken at once" if found[0].good else f"it was answered {found[0].status}")
    return str(refused[0])


def _reads(traffic: Traffic) -> list[tuple[bool, float]]:
    """Whether the new service principal was there, read by read and with its moment, until that was steady."""
    found = [each for each in traffic.trial(trials.VISIBLE) if "/servicePrincipals" in each.path]
    return [(each.good and (each.said("value") is None or bool(each.entries())), each.at) for each in found]


def lag(traffic: Traffic) -> str:
    """How long it takes until what was made is seen (G86)."""
    made, reads = traffic.trial(trials.MADE, trials.MADE_AGAIN), _reads(traffic)
    first = next((at for there, at in reads if there), None)
    if not made or first is None:
        raise Untold("what was made was not seen")
    tried = [(each.good, each.at) for each in traffic.trial(trials.AT_ONCE)]
    missed = [at for there, at in (*tried, *reads) if at <= first and not there]
    if not missed:
        return "none"
    return "long" if missed[-1] - made[-1].at >= LONG else "ordinary"


def replica_flap(traffic: Traffic) -> str:
    """Whether something that was seen is unseen again (G09)."""
    seen = [there for there, _ in _reads(traffic)]
    if True not in seen:
        raise Untold("what was made was not seen")
    return "on" if False in seen[seen.index(True) :] else "off"


def identifier_policy(traffic: Traffic) -> str:
    """Whether the tenant's policy refuses identifiers, and whether SAML is exempt (G25)."""
    before = traffic.answer(trials.URN_BEFORE)
    if before.good:
        return "off"
    if before.code != BY_POLICY:
        raise unforeseen(before)
    after = traffic.answer(trials.URN_AFTER)
    if after.good:
        return "exempt_saml"
    if after.code == BY_POLICY:
        return "strict"
    raise unforeseen(after)


def list_order(traffic: Traffic) -> str:
    """Whether lists are read in the order in which they were written."""
    written: list[object] | None = None
    kept, turned = False, False
    for each in traffic.trial(trials.ADDRESSES):
        body = each.sent if each.method == "PATCH" else each.answer
        web = body.get("web") if isinstance(body, dict) else None
        urls = web.get("redirectUris") if isinstance(web, dict) else None
        if not isinstance(urls, list):
            continue
        if each.method == "PATCH":
            written = urls if each.good else written
        elif written and len(urls) == len(written) and set(map(str, urls)) == set(map(str, written)):
            kept, turned = kept or urls == written, turned or urls != written
    if not kept and not turned:
        raise Untold("the reply URLs were not seen as they were written")
    return "changing" if kept and turned else "kept" if kept else "turned"


def app_delete(traffic: Traffic) -> str:
    """Whether an application can be deleted before its service principal (G79)."""
    answer = traffic.answer(trials.APPLICATION_FIRST)
    if answer.code == "DeletingSamlSpNotAllowed":
        return "saml_blocked"
    if answer.good:
        return "cascades"
    raise unforeseen(answer)


def _standing(traffic: Traffic, trial: str) -> tuple[int, int]:
    """How many certificates and assignments were read."""
    read = [each for each in traffic.trial(trial) if each.good]
    keys = [each for each in read if isinstance(each.said("keyCredentials"), list)]
    lists = [each for each in read if isinstance(each.said("value"), list)]
    if not keys or not lists:
        raise Untold("it was not tried: what it needs was not there")
    return len(keys[-1].said("keyCredentials")), len(lists[-1].entries())


def restore_state(traffic: Traffic) -> str:
    """What comes back with a restored application (G81)."""
    certificates, assignments = _standing(traffic, trials.BEFORE_THE_END)
    if not certificates or not assignments:
        raise Untold("there was no certificate or no assignment to come back")
    certificates, assignments = _standing(traffic, trials.RESTORED)
    return "no_certs" if not certificates else "full" if assignments else "no_assignments"


JUDGES: dict[str, Judge] = {
    "template_tags": template_tags,
    "template_identifier_uris": template_identifier_uris,
    "template_roles": template_roles,
    "notification_seed": notification_seed,
    "template_certificate": template_certificate,
    "require_service_reference": require_service_reference,
    "instantiate_ghost": instantiate_ghost,
    "ambiguous_failure": ambiguous_failure,
    "write_after_create": write_after_create,
    "lag": lag,
    "replica_flap": replica_flap,
    "identifier_error_shape": by(
        trials.FOREIGN_BEFORE,
        {
            "top_level_code": lambda answer: answer.code == FOREIGN,
            "request_badrequest+detail": lambda answer: FOREIGN in answer.details,
        },
        unless={"the identifier was taken": good},
    ),
    "identifier_policy": identifier_policy,
    "schemeless_identifier": by(
        trials.SCHEMELESS,
        {"accepted": good, "rejected": lambda answer: answer.status == 400},
        unless={"the tenant's policy for identifiers refuses it first": code(BY_POLICY)},
    ),
    "localhost_reply_url": by(trials.LOCALHOST, {"accepted": good, "refused": lambda answer: answer.status == 400}),
    "list_order": list_order,
    "notification_limit": by(trials.SIX_TOLD, {"none": good, "5": lambda answer: answer.status == 400}),
    "sp_logout_url": by(trials.LOGOUT, {"accepted": good, "rejected": lambda answer: answer.status == 400}),
    "app_delete": app_delete,
    "deleted_identifier": by(
        trials.HOLDER,
        {"free": good, "conflict": words("Another object with the same value for property identifierUris")},
    ),
    "restore_conflict": by(trials.RESTORED_BESIDE, {"restored": good, "object_conflict": code("ObjectConflict")}),
    "restore_state": restore_state,
}

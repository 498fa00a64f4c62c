"""What a token-signing certificate tells."""

import re

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.verdicts.of_the_application import template_certificate
from flexsso_helpers.first_contact.verdicts.traffic import Judge, Traffic, Untold, by, good, status, unforeseen

BY_LIFE, BY_TYPE = "CredentialInvalidLifetimeAsPerAppPolicy", "CredentialTypeNotAllowedAsPerAppPolicy"
DAYS = {"D": 1, "W": 7, "M": 30, "Y": 365}
THREE_YEARS = 1095
NOT_MADE = "no certificate was made"


def _made(traffic: Traffic) -> None:
    """Raises Untold where no certificate was made."""
    if not traffic.done(trials.FIRST_CERTIFICATE):
        raise Untold(NOT_MADE)


def first_certificate(traffic: Traffic) -> str:
    """Whether the first certificate is active at once (G44)."""
    _made(traffic)
    if template_certificate(traffic) != "none":
        raise Untold("the template brought a certificate, so that ours was not the first")
    answer = traffic.answer(trials.AFTER_CERTIFICATE)
    if not answer.good:
        raise unforeseen(answer)
    return "auto_active" if answer.said("preferredTokenSigningKeyThumbprint") else "inactive"


def cert_creates_policy(traffic: Traffic) -> str:
    """Whether a signing policy comes with the certificate (G56)."""
    _made(traffic)
    answer = traffic.answer(trials.POLICIES_OF_CERTIFICATE)
    if not answer.good:
        raise unforeseen(answer)
    return "yes_token_only" if answer.entries() else "no"


def custom_key_identifier(traffic: Traffic) -> str:
    """Whether a key's identifier is the SHA-1 or its text."""
    lengths = set()
    for each in traffic.exchanges:
        keys = each.said("keyCredentials")
        for key in keys if each.good and isinstance(keys, list) else ():
            if found := re.match(r"bytes\((\d+)\)", str(key.get("customKeyIdentifier"))):
                lengths.add(int(found[1]))
    if 40 in lengths:
        return "ascii_thumbprint"
    if 20 in lengths:
        return "sha1"
    raise Untold("no certificate was seen")


def time_digits(traffic: Traffic) -> str:
    """Whether moments are told with all seven digits."""
    moments = [
        str(key.get("endDateTime"))
        for each in traffic.exchanges
        if each.good and isinstance(each.said("passwordCredentials"), list)
        for key in each.said("passwordCredentials")
    ]
    if any(moment.endswith("00.0000000Z") for moment in moments):
        return "padded"
    if any(moment.endswith("00Z") for moment in moments):
        return "trimmed"
    raise Untold("no certificate with a whole second as its end was seen")


def _restrictions(traffic: Traffic, kind: str) -> list[dict[str, object]]:
    found = traffic.trial(trials.POLICY) or traffic.passing("GET", r"/v1\.0/policies/defaultAppManagementPolicy")
    answers = [each for each in found if each.good]
    if not answers:
        raise Untold("the tenant's policy for applications could not be read")
    rules = answers[-1].said("applicationRestrictions")
    listed = rules.get(kind) if isinstance(rules, dict) else None
    return [each for each in listed or () if isinstance(each, dict) and each.get("state") == "enabled"]


def key_life_policy(traffic: Traffic) -> str:
    """Whether the tenant's cap on the life of keys holds for signing certificates (G52)."""
    caps = [
        each
        for each in _restrictions(traffic, "keyCredentials")
        if each.get("restrictionType") == "asymmetricKeyLifetime"
    ]
    if not caps:
        return "none"
    if not any(_days(str(cap.get("maxLifetime"))) < THREE_YEARS for cap in caps):
        raise Untold("the tenant's cap is longer than any signing certificate lives")
    answer = traffic.answer(trials.LONG_CERTIFICATE)
    if answer.code == BY_LIFE:
        return "enforced"
    if answer.good:
        return "ignored"
    raise unforeseen(answer)


def _days(text: str) -> int:
    return sum(int(number) * DAYS[unit] for number, unit in re.findall(r"(\d+)([DWMY])", text)) or THREE_YEARS


def credential_type_policy(traffic: Traffic) -> str:
    """Whether the tenant's ban on passwords holds for signing certificates (G52)."""
    bans = [
        each
        for each in _restrictions(traffic, "passwordCredentials")
        if each.get("restrictionType") == "passwordAddition"
    ]
    if not bans:
        return "none"
    answer = traffic.answer(trials.FIRST_CERTIFICATE)
    if answer.code == BY_TYPE:
        return "enforced"
    if answer.good:
        return "ignored"
    raise unforeseen(answer)


def metadata_prefixes(traffic: Traffic) -> str:
    """Whether the elements of the federation metadata carry a prefix."""
    documents = [each.answer for each in traffic.exchanges if each.good and each.said("xml") == "EntityDescriptor"]
    if not documents:
        raise Untold("the federation metadata was not read")
    return "prefixed" if documents[-1].get("prefixed") else "none"


def remove_active(traffic: Traffic) -> str:
    """Whether the active certificate can be taken away (G48)."""
    if not any(each.said("preferredTokenSigningKeyThumbprint") for each in traffic.trial(trials.RESTORED)):
        raise Untold("no certificate was active")
    return by(trials.ACTIVE_REMOVED, {"allowed": good, "rejected": status(400)})(traffic)


JUDGES: dict[str, Judge] = {
    "first_certificate": first_certificate,
    "cert_creates_policy": cert_creates_policy,
    "custom_key_identifier": custom_key_identifier,
    "time_digits": time_digits,
    "key_life_policy": key_life_policy,
    "credential_type_policy": credential_type_policy,
    "metadata_prefixes": metadata_prefixes,
    "missing_action": by(
        trials.FIRST_CERTIFICATE,
        {"400": status(400), "404": status(404)},
        unless={
            "this cloud makes signing certificates by Graph": good,
            "the tenant's policy refuses it first": lambda answer: "AsPerAppPolicy" in answer.code,
        },
    ),
    "remove_active": remove_active,
}

"""What responses tell that came to this machine: NameID, what is signed, and optional claims."""

from collections.abc import Mapping

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.verdicts.traffic import Judge, Traffic, Untold

PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
FORMATS = {
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress": "emailAddress",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified": "unspecified",
}


def _note(traffic: Traffic, trial: str) -> Mapping[str, object]:
    try:
        return traffic.note(trial)
    except Untold:
        raise Untold("nobody signed on for it") from None


def no_policy_nameid(traffic: Traffic) -> str:
    """The NameID without any policy (G37)."""
    seen = _note(traffic, trials.SIGN_ON_PLAIN)
    if seen.get("name_id") in (seen.get("userPrincipalName"), seen.get("mail")):
        return "upn_email"
    if seen.get("name_id_format") == PERSISTENT:
        return "pairwise_persistent"
    raise Untold("the NameID was neither of what anybody told of")


def nameidpolicy_unspecified(traffic: Traffic) -> str:
    """Whether a request for no format in particular gives the configured NameID (G76)."""
    if no_policy_nameid(traffic) == "pairwise_persistent":
        raise Untold("the NameID is a pairwise one without such a request, too")
    seen = _note(traffic, trials.SIGN_ON_UNSPECIFIED)
    return "pairwise" if seen.get("name_id_format") == PERSISTENT else "configured"


def policy_nameid_format(traffic: Traffic) -> str:
    """The format of a NameID under a claims policy that says none (G38)."""
    seen = str(_note(traffic, trials.SIGN_ON_CLAIMS).get("name_id_format"))
    if seen not in FORMATS:
        raise Untold("the format was one that nobody foresaw")
    return FORMATS[seen]


def nameidpolicy_under_policy(traffic: Traffic) -> str:
    """Whether a request for another format counts more than the claims policy (G76)."""
    seen = _note(traffic, trials.SIGN_ON_PERSISTENT)
    return "requested" if seen.get("name_id_format") == PERSISTENT else "configured"


def samlnameidformat_key(traffic: Traffic) -> str:
    """Whether a claims policy may name a format for the NameID, and whether that is honoured (G38)."""
    answer = traffic.answer(trials.NAME_ID_FORMAT)
    if not answer.good:
        if answer.status == 400 and traffic.done(trials.CLAIMS_POLICY):
            return "rejected"
        raise Untold("no claims policy could be made")
    seen = _note(traffic, trials.SIGN_ON_FORMAT)
    return "honoured" if seen.get("name_id_format") == PERSISTENT else "ignored"


def optional_claims_under_policy(traffic: Traffic) -> str:
    """Whether optional claims come beside a claims policy (G103)."""
    if not _note(traffic, trials.SIGN_ON_PLAIN).get("optional_claim"):
        raise Untold("the optional claim did not come without a policy either")
    return "sent" if _note(traffic, trials.SIGN_ON_CLAIMS).get("optional_claim") else "left_out"


def policy_attachment(traffic: Traffic) -> str:
    """Which signing policy the sign-in service obeys (G55)."""
    if "Response" in _signed(traffic, trials.SIGN_ON_PLAIN):
        raise Untold("the response is signed without any policy, too")
    if "Response" in _signed(traffic, trials.SIGN_ON_CLAIMS):
        if not traffic.done(trials.SIGNING_ON_PRINCIPAL):
            raise Untold("that of the application is obeyed; none can hang on the service principal")
        return "application"
    if "Response" in _signed(traffic, trials.SIGN_ON_FORMAT):
        return "service_principal"
    came = traffic.trial(trials.POLICIES_OF_CERTIFICATE) if traffic.done(trials.SIGNING_ON_PRINCIPAL) else []
    if any(each.good and each.entries() for each in came):
        return "preexisting"
    raise Untold("neither that of the service principal nor that of the application is obeyed")


def _signed(traffic: Traffic, trial: str) -> list[object]:
    found = _note(traffic, trial).get("signed")
    return list(found) if isinstance(found, list) else []


JUDGES: dict[str, Judge] = {
    "no_policy_nameid": no_policy_nameid,
    "nameidpolicy_unspecified": nameidpolicy_unspecified,
    "policy_nameid_format": policy_nameid_format,
    "nameidpolicy_under_policy": nameidpolicy_under_policy,
    "samlnameidformat_key": samlnameidformat_key,
    "optional_claims_under_policy": optional_claims_under_policy,
    "policy_attachment": policy_attachment,
}

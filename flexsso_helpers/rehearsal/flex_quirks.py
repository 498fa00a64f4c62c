"""What no source could settle about Flex: each question, its possible answers, and what the runbook makes of each.

The first answer is the default. `since` is the first notebook in which the question can matter, `case` names the
circumstances in which it does (empty: in any onboarding); what is expected is expected there.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Expected:
    """What the runbook does: it proves the sign-on, or an error of this class ends this notebook."""

    outcome: Literal["proved", "refused"]
    error: str = ""
    notebook: str = ""


PROVED = Expected("proved")
NOT_PROVEN = Expected("refused", "NotProven", "08")
NO_FLEX = Expected("refused", "Refused", "00")


@dataclass(frozen=True)
class Quirk:
    """One open question. `source` names the rule and, where there is one, the question of flex.md section 12."""

    source: str
    expects: dict[str, Expected]
    since: Literal["00", "06", "08"] = "08"
    case: str = ""


def _proved(source: str, *alternatives: str, since: Literal["00", "06", "08"] = "08", case: str = "") -> Quirk:
    return Quirk(source, dict.fromkeys(alternatives, PROVED), since, case)


QUIRKS: dict[str, Quirk] = {
    "region": _proved("F04 Q2", "us1", "other", since="00"),
    "bad_id_status": _proved("F01", "400", "404", since="00"),
    "active_before_save": _proved("F09", "false", "true", since="00"),
    "listed_before_save": _proved("F10 Q5", "no", "yes", since="00"),
    "bad_settings_at": _proved("F11", "login", "save", since="06"),
    "multi_cert": _proved("F12 Q4", "refuse", "first", "all", since="06"),
    "runtime_domain_match": _proved("F20", "both", "twil_io", since="00"),
    "no_connection": _proved("F21 Q5", "empty", "404", since="00"),
    "unknown_account": _proved("F22 Q5", "empty", "404", "400", since="00"),
    "flex_missing_status": Quirk("F26 Q22", {"404": NO_FLEX, "400": NO_FLEX}, "00", "an account without Flex"),
    "runtime_domain_form": _proved("F27", "bare", "url", since="00"),
    "popup_wins": _proved("F31 Q6", "public", "ui", since="06"),
    "untrusted_at": _proved("F33 Q19", "authorize", "callback", since="06"),
    "trusted_match": _proved("F33 Q19", "prefix", "origin", "exact", since="06"),
    "missing_pkce": _proved("F35", "45004", "accept", since="06"),
    "authn_nameid_policy": _proved("F38 Q3", "none", "emailAddress", "unspecified", "persistent", since="06"),
    "force_authn": _proved("F39 Q3", "false", "true", since="06"),
    "sp_profile": _proved("F52 Q3", "wsfed-4.6.1", "wsfed-4.6.4", "strict"),
    "saml_error_code": _proved("9.5 Q3", "70252", "45050", "45002"),
    "require_signatures": _proved("F50 Q3", "any", "both"),
    "allow_sha1": _proved("F53 Q3", "true", "false"),
    "check_cert_expiry": _proved("F54 Q3", "false", "true"),
    "check_issuer": _proved("F59 Q3", "true", "false"),
    "idp_initiated": _proved("F60 Q20", "allowed", "refused"),
    "check_in_response_to": _proved("F61 Q3", "false", "true"),
    "reject_replay": _proved("F62 Q3", "false", "true"),
    "bad_relaystate": _proved("F64", "refuse", "as_idp_initiated"),
    "allow_doctype": _proved("F65", "false", "true"),
    "namespaced_emailaddress": _proved("F68 Q24", "ignored", "fills_email"),
    "empty_mandatory": _proved("F69 Q12", "missing", "accept"),
    "no_nameid": _proved("F70", "45050", "70252"),
    "trim_roles": _proved("F71 Q7", "true", "false"),
    "roles_shape": _proved("F72 Q7", "list", "as_received"),
    "unknown_role": Quirk(
        "F73 Q12", {"store": NOT_PROVEN, "45050": NOT_PROVEN, "70253": NOT_PROVEN}, case="a role that Flex does not know"
    ),
    "strip_suffix": _proved("F77 Q8", "true", "false"),
    "unknown_channel": _proved("F79", "400", "ignore"),
    "dotted": _proved("F80 Q8", "flat", "nested", "400"),
    "friendly_name": _proved("F81 Q10", "nameid", "full_name"),
    "escape_underscore": _proved("F82 Q9", "true", "false", case="an underscore in the mail address"),
    "cleared_as": _proved("F84 Q21", "empty_string", "null", "removed"),
    "nameid_case": Quirk(
        "F87 Q11",
        {"same_worker": PROVED, "new_user": NOT_PROVEN, "conflict": NOT_PROVEN},
        case="another letter case than at the first sign-on",
    ),
    "preexisting_worker": Quirk(
        "F90 Q18",
        {"conflict": NOT_PROVEN, "adopt": PROVED, "duplicate": PROVED},
        case="a worker of that name made by API",
    ),
    "too_long": _proved("F91 Q22", "400", "45050"),
    "long_name": Quirk(
        "F92 Q11", {"fail": NOT_PROVEN, "truncate": PROVED}, case="a user name of more than 64 characters"
    ),
    "pkce_fail": _proved("F98", "45002", "45050"),
    "show_library_text": _proved("F102", "false", "true"),
    "list_attributes": _proved("F105 Q15", "value", "null"),
    "legacy": _proved("F120 Q1", "retired", "working", since="00"),
    "friendly_name_filter": _proved("F107 Q16", "exact", "ignore_case"),
}

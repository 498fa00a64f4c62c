"""What no source could settle about Flex: each question, its possible answers, and what the runbook makes of each.

The first answer is the default. `SINCE` names the first notebook in which a question can matter, `CASES` the
circumstances in which it does; where there are any, what is expected is expected there.
"""

from flexsso_helpers.rehearsal.world.quirks import quirk

NOT_PROVEN = ("NotProven", "08")
NO_FLEX = ("Refused", "00")

QUIRKS = {
    "region": quirk("us1", "other", source="F04: every public address is in us1"),
    "bad_id_status": quirk("400", "404", source="F01: the shape is known, the status is not"),
    "active_before_save": quirk("false", "true", source="F09: the guide tells the steps, not the flag"),
    "listed_before_save": quirk("no", "yes", source="F10: nobody says when the Config call lists it"),
    "bad_settings_at": quirk("login", "save", source="F11: the code is known, the moment is not"),
    "multi_cert": quirk("refuse", "first", "all", source="F12: one box is documented"),
    "certificate_box": quirk(
        "lenient",
        "strict",
        source="F12: nobody says whether one long line or lines before the certificate are taken",
    ),
    "runtime_domain_match": quirk("both", "twil_io", source="F20: Flex's SDK sends <name>.twil.io"),
    "no_connection": quirk("empty", "404", source="F21: nobody says"),
    "unknown_account": quirk("empty", "404", "400", source="F22: nobody says"),
    "flex_missing_status": quirk(
        "404", "400", source="F26: codes without a status", refused={"404": NO_FLEX, "400": NO_FLEX}
    ),
    "runtime_domain_form": quirk("bare", "url", source="F27: the specification shows a URL, login links a bare name"),
    "popup_wins": quirk("public", "ui", source="F31: the changelog and an implementer differ"),
    "untrusted_at": quirk("authorize", "callback", source="F33: nobody says"),
    "trusted_match": quirk("prefix", "origin", "exact", source="F33: nobody says"),
    "missing_pkce": quirk("45004", "accept", source="F35: the error page names no parameter"),
    "authn_nameid_policy": quirk(
        "none", "emailAddress", "unspecified", "persistent", source="F38: the library's template has none"
    ),
    "force_authn": quirk("false", "true", source="F39: only when configured"),
    "sp_profile": quirk("wsfed-4.6.1", "wsfed-4.6.4", "strict", source="F52: two releases of the library differ"),
    "saml_error_code": quirk("70252", "45050", "45002", source="F102: 45050 is also a default"),
    "require_signatures": quirk("any", "both", source="F50: the library takes one, the guides ask for both"),
    "allow_sha1": quirk("true", "false", source="F53: Auth0 may restrict it"),
    "check_cert_expiry": quirk("false", "true", source="F54: an option of the connection"),
    "check_issuer": quirk("true", "false", source="F59: the library does not check, Legacy did"),
    "idp_initiated": quirk("allowed", "refused", source="F60: opt-in in Auth0"),
    "check_in_response_to": quirk("false", "true", source="F61: the library's hook is empty"),
    "reject_replay": quirk("false", "true", source="F62: the library has no memory"),
    "bad_relaystate": quirk("refuse", "as_idp_initiated", source="F64: only the client's text is known"),
    "allow_doctype": quirk("false", "true", source="F65: the library accepts an unused entity"),
    "namespaced_emailaddress": quirk("ignored", "fills_email", source="F68: the library copies it"),
    "empty_mandatory": quirk("missing", "accept", source="F69: nobody says"),
    "no_nameid": quirk("45050", "70252", source="F70: mandatory, the code is not named"),
    "trim_roles": quirk("true", "false", source="F71: samples have spaces"),
    "roles_shape": quirk("list", "as_received", source="F72: one value arrives as text"),
    "unknown_role": quirk(
        "store",
        "45050",
        "70253",
        source="F73: the client grants nothing",
        refused={"store": NOT_PROVEN, "45050": NOT_PROVEN, "70253": NOT_PROVEN},
    ),
    "strip_suffix": quirk("true", "false", source="F77: implied by the docs"),
    "unknown_channel": quirk("400", "ignore", source="F79: documented for channels that exist"),
    "dotted": quirk("flat", "nested", "400", source="F80: nobody says"),
    "friendly_name": quirk(
        "nameid", "full_name", source="F81: the Flex Users API, a public beta, calls the user name friendly_name"
    ),
    "escape_underscore": quirk("true", "false", source="F82: examples have @ and . only"),
    "cleared_as": quirk("empty_string", "null", "removed", source="F84: nobody says"),
    "nameid_case": quirk(
        "same_worker",
        "new_user",
        "conflict",
        source="F87: names are unique whatever their letter case",
        refused={"new_user": NOT_PROVEN, "conflict": NOT_PROVEN},
    ),
    "worker_touch": quirk(
        "moves",
        "stays",
        source="F83: not documented; Twilio's support: each login overwrites the attributes, which is a write, "
        "and date_updated is when the worker was last updated",
    ),
    "flex_user_version": quirk(
        "stays",
        "moves",
        "absent",
        source="F112: version and updated_date are described, not whether a sign-on that changes nothing moves them, "
        "nor whether every version of the API sends them",
    ),
    "preexisting_worker": quirk(
        "conflict",
        "adopt",
        "duplicate",
        source="F90: such a worker is not associated",
        refused={"conflict": NOT_PROVEN},
    ),
    "too_long": quirk("400", "45050", source="F91: the limit is known, the code is not"),
    "long_name": quirk("fail", "truncate", source="F92: 64 characters", refused={"fail": NOT_PROVEN}),
    "pkce_fail": quirk("45002", "45050", source="F98: the client's default is 45050"),
    "show_library_text": quirk("false", "true", source="F102: the client never shows it"),
    "list_attributes": quirk("value", "null", source="F105: the specification contradicts its example"),
    "legacy": quirk("retired", "working", source="F120: the end was moved three times"),
    "friendly_name_filter": quirk("exact", "ignore_case", source="F107: nobody says"),
}

SINCE = {
    **dict.fromkeys(
        (
            "region",
            "bad_id_status",
            "active_before_save",
            "listed_before_save",
            "runtime_domain_match",
            "no_connection",
            "unknown_account",
            "flex_missing_status",
            "runtime_domain_form",
            "legacy",
        ),
        "00",
    ),
    **dict.fromkeys(
        (
            "bad_settings_at",
            "multi_cert",
            "certificate_box",
            "popup_wins",
            "untrusted_at",
            "trusted_match",
            "missing_pkce",
            "authn_nameid_policy",
            "force_authn",
        ),
        "06",
    ),
}
"""All others matter in 08 only."""

CASES = {
    "flex_missing_status": "an account without Flex",
    "unknown_role": "a role that Flex does not know",
    "escape_underscore": "an underscore in the mail address",
    "nameid_case": "another letter case than at the first sign-on",
    "preexisting_worker": "a worker of that name made by API",
    "long_name": "a user name of more than 64 characters",
}

"""What Entra answers to a failed sign-in: numbers, what they mean, what mends it, and in which notebook.

What a number says of an account, a device or a policy stands in entra_numbers, for whatever was signed in to.
"""

from flexsso_helpers.entra_numbers import MEANINGS

_USER = ("The person has to settle this; neither the application nor Flex is at fault.", "")
_ADMIN = ("An administrator has to look at the sign-in logs; the application is not at fault.", "")
_CONSENT = (
    "An Application Administrator or Cloud Application Administrator agrees for the tenant: Entra › Enterprise "
    "applications "
    "› the application › Permissions.",
    "",
)
_FLEX_SIDE = ("This is decided by Flex's request: keep this text and report it to Twilio support.", "")
UNKNOWN = ("Entra refused the sign-in with a number that is not in our table.", "Open Microsoft's page about it.", "")
_REPLY_URL = ("set the reply URL to the value from Console, query string included.", "02")
_LOGIN_URL = ("copy the Login URL of this tenant into Console again.", "06")
_MAKE_CERTIFICATE = ("make and activate a signing certificate, then wait some minutes.", "03")

_ROWS: tuple[tuple[str, str, tuple[str, str]], ...] = (
    (
        "50011",
        "The reply URL in Flex's request is not the one registered in Entra, often by its ?connection=JQ….",
        _REPLY_URL,
    ),
    ("900971", "The application has no reply URL.", _REPLY_URL),
    (
        "700016",
        "No application with this identifier exists in the tenant: the identifier is missing or differs, or the "
        "Login URL leads to another tenant.",
        ("set the identifier to urn:flex:JQ…, and check the tenant in the Login URL.", "02"),
    ),
    (
        "65005 650056",
        "The application is misconfigured; with SAML the identifier is often wrong.",
        ("compare the identifier with the issuer of Flex's request.", "02"),
    ),
    (
        "70001 7000112",
        "The application is disabled in the tenant.",
        ("enable sign-in for the enterprise application.", "01"),
    ),
    (
        "90002 90019",
        "Entra could not find the tenant: the Login URL in Console is wrong, or is that of another cloud.",
        _LOGIN_URL,
    ),
    ("90038", "The tenant belongs to another national cloud.", _LOGIN_URL),
    ("50194", "The Login URL names “common” instead of the tenant.", _LOGIN_URL),
    (
        "50105",
        "The person is not assigned to the application, neither directly nor as a direct member of an assigned group. "
        "Members of nested groups do not count.",
        ("assign the person or a group that holds the person directly.", "07"),
    ),
    (
        "50020 16000 16003 50034 51004 90072",
        "",
        ("Sign in with the right account, or invite the guest first.", ""),
    ),
    ("50014", "", ("The guest opens the invitation mail and accepts.", "")),
    ("50057 500571", "", ("An administrator enables the account in Entra.", "")),
    ("50058", "", ("Start an ordinary sign-in from the Flex login link.", "")),
    ("50055 50126 50056 50144 50072 50074 50076 50079 50158", "", _USER),
    (
        "50053 50097 50129 50131 53000 53001 53002 53003 53004 53011 530032 530033 530034 530035 530036 530084",
        "",
        _ADMIN,
    ),
    ("500212 500213 500021 500022", "", _ADMIN),
    (
        "90094 900941 90093 90095 65001 65004",
        "Nobody has agreed yet that people may sign in to this application.",
        _CONSENT,
    ),
    (
        "50146",
        "The claims policy needs a signing certificate of the application's own: there is none, or it is expired or "
        "not yet valid.",
        _MAKE_CERTIFICATE,
    ),
    (
        "501461",
        "acceptMappedClaims is set for an audience that does not allow it. SAML does not need it.",
        ("leave acceptMappedClaims unset; the certificate does its work.", "03"),
    ),
    ("50003", "The application has no signing key.", _MAKE_CERTIFICATE),
    (
        "501241 50124",
        "The NameID could not be built: its source is empty for this person, often because `mail` is empty.",
        ("fill the person's mail, or choose the user principal name for everybody.", "04"),
    ),
    ("501621", "A claims transformation took too long.", ("take the transformation out of the claims.", "04")),
    ("50042 50043", "Entra tried to make an anonymous id and could not.", ("write an explicit NameID claim.", "04")),
    ("75006 90011", "The request asks for something that Entra does not support, such as a NameID format.", _FLEX_SIDE),
    ("75016", "The request has an invalid NameIDPolicy.", _FLEX_SIDE),
    ("900235", "The request wants a way of signing in compared otherwise than exactly.", _FLEX_SIDE),
    ("900236", "The request carries a property that must not be set, such as Subject.", _FLEX_SIDE),
    ("75005", "What arrived at the Login URL is not a SAML request.", _LOGIN_URL),
    (
        "750054",
        "The Login URL was opened without a SAML request: directly, or by a redirect that dropped the query.",
        ("start from the Flex login link.", "06"),
    ),
    ("75001 75003 75008", "The request uses a binding or destination that Entra refuses.", _FLEX_SIDE),
    ("7500514", "No supported response type was found.", _FLEX_SIDE),
    (
        "75011",
        "The request demands a way of signing in (RequestedAuthnContext) that this person did not use.",
        ("Flex should not send RequestedAuthnContext; when a test program did, switch it off there.", ""),
    ),
    ("7500529", "The id of the request is not a valid SAML id.", _FLEX_SIDE),
    (
        "76021",
        "The application demands signed requests, and Flex does not sign.",
        ("switch the verification of request signatures off.", "02"),
    ),
    ("76026", "The request is too old.", ("Start the sign-in again; if it stays, check the computer's clock.", "")),
    ("50008 50006 50012 50107", "", _ADMIN),
    ("90012 90033 50033 90024 50196", "", ("Wait a minute and sign in again.", "")),
)
ENTRA = {number: (meaning or MEANINGS[number], *fix) for numbers, meaning, fix in _ROWS for number in numbers.split()}

"""The rows behind aadsts.py: numbers, what they mean, what mends it, and in which notebook.

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
UNKNOWN_FLEX = (
    "Twilio answered with a number that is not in our table.",
    "Open Twilio's page about it, and paste the SAML response to see whether it holds.",
    "",
)
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

FLEX: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "",
        r"invalid attribute format",
        "A typed claim (such as skill.int) has a value of another type. Nothing at all was changed.",
        "correct the value or the type in the claim's name.",
        "04",
    ),
    (
        "45050",
        r"missing user attributes",
        "Flex misses email, full_name or roles. It is also Flex's general answer when the sign-on "
        "failed otherwise, so it proves nothing alone.",
        "paste the SAML response; it shows what is missing.",
        "08",
    ),
    (
        "45002",
        r"verify your OAuth/SSO credentials",
        "Flex refused the credentials of the sign-on.",
        "compare the values in Console with Entra's.",
        "06",
    ),
    ("45003", "", "Flex refused the authorisation.", "check the role values.", "05"),
    (
        "45004",
        r"request validation failed",
        "Flex refused the request itself.",
        "start again from the Flex login link.",
        "06",
    ),
    ("45005", "", "Flex is not available at the moment.", "wait and sign on again.", "08"),
    ("45010", "", "Too many requests to Flex.", "wait a minute and sign on again.", "08"),
    ("45101", "", "Flex has no configuration for this account.", "check the Flex account.", "00"),
    ("45103", "", "Flex has no workspace in this account.", "check the Flex account.", "00"),
    ("45600", "", "A general error of Flex.", "sign on again; keep the text for Twilio support.", "08"),
    (
        "70002",
        r"trusted login has not been enabled|domain not authorized",
        "The address that Flex should return to is not among the trusted URLs.",
        "add it to Trusted URLs in Console.",
        "06",
    ),
    (
        "70004",
        r"invalid issuer in the assertion",
        "Flex expects another issuer (an answer of the old, Legacy single sign-on).",
        "correct the field Identity Provider Issuer in Console, final slash included.",
        "06",
    ),
    (
        "70251",
        r"invalid SSO settings|IdP certificate invalid|no valid certificate for identity realm",
        "The identity-provider data in Console is not usable: a malformed URL, or a missing or expired certificate.",
        "paste the certificate and the URLs into Console again.",
        "06",
    ),
    ("70252", r"bad SAML response", "Flex refused the SAML response.", "paste the SAML response to see why.", "08"),
    (
        "70253",
        r"invalid user grants",
        "Flex has stored rights for this person that it cannot read.",
        "check the role values.",
        "05",
    ),
    ("70051", "", "The API key or account may not do this.", "check the account and the key.", "00"),
    (
        "14240",
        "",
        "The account has reached its highest number of concurrent workers.",
        "ask Twilio to raise the limit.",
        "08",
    ),
    (
        "20003",
        "",
        "Twilio does not accept the key, or it may not do this.",
        "check the account and the key.",
        "00",
    ),
    ("20404", "", "Twilio does not have what was asked for.", "check the Flex account.", "00"),
    ("20429", "", "Twilio was asked too often.", "wait a minute and sign on again.", "08"),
    ("20500", "", "Twilio has a fault of its own.", "wait some minutes and sign on again.", "08"),
    ("20503", "", "Twilio is not available at the moment.", "wait some minutes and sign on again.", "08"),
    (
        "",
        r"pop-?ups? (?:is|are|was|were|has been|have been) blocked",
        "The browser blocks the window in which Flex signs people on.",
        "allow pop-ups for Flex and sign on again.",
        "08",
    ),
    (
        "",
        r"single sign-on has not been configured",
        "Flex knows no active single sign-on for this account.",
        "finish the set-up in Console.",
        "06",
    ),
    (
        "",
        r"runtime domain is incorrect",
        "The Flex login link has a wrong runtime domain.",
        "copy the login link from Console again.",
        "06",
    ),
    (
        "",
        r"XML file does not appear to have any style information",
        "The Single Sign-On URL in Console is the metadata address.",
        "paste the Login URL instead.",
        "06",
    ),
    (
        "",
        r"locally stored state does not match",
        "The browser answered for another sign-on than the one that was started.",
        "close the tab and start from the Flex login link.",
        "08",
    ),
    (
        "",
        r"invalid thumbprint \(configured",
        "Flex holds another certificate than the one that signed: the text names both thumbprints, first Flex's own.",
        "paste the certificate that signs into Flex Console, whole.",
        "06",
    ),
    (
        "",
        r"audience is invalid\. configured",
        "The response is made out to another identifier than Flex's, which stands behind “Configured”.",
        "set the identifier to exactly that value.",
        "02",
    ),
    (
        "",
        r"recipient is invalid\. configured|destination endpoint .{0,400} did not match",
        "The response is addressed to another URL than Flex's own, which the text names last.",
        "set the reply URL to exactly that value, query string included.",
        "02",
    ),
    (
        "",
        r"assertion has expired",
        "The response was too old, or not yet valid, when it reached Flex.",
        "sign on again from the Flex login link, and do not go back in the browser.",
        "08",
    ),
    (
        "",
        r"neither the response nor the assertion are signed|signature is missing \(xpath",
        "The response lacks a signature that Flex looks for.",
        "set the signing option to “Sign SAML response and assertion”.",
        "03",
    ),
    (
        "",
        r"signature check errors|could not validate signature|signature was found more than one time",
        "The signature does not fit: the response was changed on its way, or another certificate signed.",
        "paste the SAML response; it shows which of the two.",
        "08",
    ),
    (
        "",
        r"signing certificate is not currently valid",
        "The signing certificate has expired, or is not valid yet.",
        "make a new one and paste it into Flex Console.",
        "03",
    ),
    (
        "",
        r"signing certificate is invalid|PEM_read_bio",
        "What Flex Console holds as certificate is none: a line is missing, or letters were changed.",
        "paste the whole certificate into Flex Console again, its first and last line included.",
        "06",
    ),
    (
        "",
        r"assertion is encrypted",
        "Entra encrypts the assertion, and Flex cannot read it.",
        "switch token encryption off.",
        "02",
    ),
    (
        "",
        r"does not contain an assertion element",
        "Entra's answer holds no assertion: it refused the sign-on.",
        "paste the SAML response; its status says why.",
        "08",
    ),
    (
        "",
        r"can contain only one (?:encrypted)?assertion|samlresponse should be unique",
        "The response holds more than one assertion or response; Entra sends one of each.",
        "sign on again, without any browser extension or proxy that changes pages.",
        "08",
    ),
    (
        "",
        r"assertion version not supported",
        "Entra sent an assertion of SAML 1.1.",
        "the token issuance policy must say SamlTokenVersion 2.0.",
        "03",
    ),
    (
        "",
        r"namequalifier attribute in the nameid element does not match",
        "The NameID has a qualifier that names somebody else than Entra or Flex.",
        "take the qualifier out of the NameID claim.",
        "04",
    ),
    (
        "",
        r"unable to successfully authenticate the principal|error on the part of the (?:requester|saml responder)",
        "Entra refused the sign-on, and Flex repeats only that.",
        "look at the sign-in logs of the application in Entra, or paste the SAML response; its status says why.",
        "08",
    ),
)

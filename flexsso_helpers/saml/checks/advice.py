"""What the owner of any other application of Entra does about a check: what to compare, where it stands, what to press.

Nobody with another application is sent to a notebook that sets up Flex.
"""

_APP = "Entra admin center › Enterprise applications › the application"
_SSO = f"{_APP} › Single sign-on"
_CERTIFICATES = f"{_SSO} › SAML Certificates"
_CLAIMS = f"{_SSO} › Attributes & Claims › Edit"
AGAIN = (
    "Sign on again, and copy the form field SAMLResponse: the browser's developer tools (Ctrl+Shift+I) › Network › "
    "the POST to the application's reply URL › Payload."
)
_DISCARD = f"Do not use this response. {AGAIN}"
_NAME_ID = f"{_CLAIMS} › Unique User Identifier (Name ID): choose the source that the application expects, and Save."
_ONLY_FLEX = "Only Flex asks for this; compare with what your application asks for."
CERTIFICATE = (
    "Give the certificate: save the App Federation Metadata Url's document "
    f"({_CERTIFICATES}) and add --metadata FILE; for a tenant of ours, --tenant NAME."
)
STRANGER = (
    f"Compare the thumbprint received with {_CERTIFICATES}. If it is listed there, save the metadata again and judge "
    "anew; if not, another application or tenant signed this: open the sign-on of the right one."
)

_SAME: dict[str, str] = {
    "S01 S02 S03 S06": AGAIN,
    "S04 S05": "Do not use this file.",
    "S08": f"Look the sign-on up at {_APP} › Sign-in logs, by its time and the number in the message.",
    "S09 S10 S12 S14 S18 S21 S54 S81": _DISCARD,
    "S11": f"{_APP} › Token encryption: deactivate the certificate, or judge what the application has decrypted.",
    "S13": "The token issuance policy of the application must say SamlTokenVersion 2.0 (Microsoft Graph).",
    "S15 S16": f"{_CERTIFICATES} › Edit › Signing Option: choose “Sign SAML response and assertion” and Save. An "
    "application that asks for one signature only is judged with --require assertion or --require response.",
    "S17": _DISCARD,
    "S19 S20": f"{_CERTIFICATES} › Edit › Signing Algorithm: choose SHA-256 and Save.",
    "S22 S25": STRANGER,
    "S23": "Mend the signature first (S15 to S22); until then the values only help to find the cause.",
    "S24": f"{_CERTIFICATES} › Edit › New Certificate, Save, then … › Make certificate active.",
    "S26": "Read the application's metadata again in some minutes: a change takes that long to be published.",
    "S28 S29": f"{_CERTIFICATES} › Edit › New Certificate and Save; give it to the application, then … › Make "
    "certificate active.",
    "S31": f"Compare the application's field for the identity provider's issuer (entity ID) with {_SSO} › Set up › "
    "Microsoft Entra Identifier, final slash included.",
    "S32": "Sign on with an account of this tenant, in a private window.",
    "S33 S34": f"{_SSO} › Basic SAML Configuration › Edit › Reply URL: enter exactly the URL that the application "
    "names (assertion consumer service), and Save.",
    "S35 S36": f"{_SSO} › Basic SAML Configuration › Edit › Identifier: enter exactly the entity ID that the "
    "application names, and Save.",
    "S39 S42": "Compare this computer's clock with the time in the response. One that was kept is judged with --at.",
    "S40 S41": f"{AGAIN} One that was kept is judged for its own time with --at.",
    "S43": "Take the session lifetime out of the Conditional Access policy, or make it a working day.",
    "S44 S46": "Sign on again, from the application's own login page.",
    "S45": f"{_SSO} › Basic SAML Configuration › Edit › Relay State: empty it, and Save.",
    "S47": _NAME_ID,
    "S49 S50": _NAME_ID,
    "S72": f"Compare {_APP} › Users and groups: a change takes some minutes to arrive, then sign on again.",
}
_SPLIT = {check: words for checks, words in _SAME.items() for check in checks.split()}
_GIVES = {
    "S17": CERTIFICATE,
    "S31": "Add --metadata FILE.",
    "S33": "Add --metadata FILE and --reply-url URL, as the application names it.",
    "S34": "Add --metadata FILE and --reply-url URL, as the application names it.",
    "S35": "Add --metadata FILE and --identifier ID, the entity ID that the application names.",
}

_PLACES = {
    "01": f"Look at {_APP} › Properties.",
    "02": f"Compare {_SSO} › Basic SAML Configuration with what the application names, and Save.",
    "03": f"Look at {_CERTIFICATES}: one has to be active and valid.",
    "04": f"Look at {_CLAIMS}, and at this person's properties in Entra.",
    "05": "Look at App registrations › the application › App roles.",
    "06": f"Copy the values of {_SSO} › Set up into the application's own SAML settings again.",
    "07": f"{_APP} › Users and groups › Add user/group: assign the person, or a group that holds the person directly.",
    "08": "Start the sign-on again from the application's own login page.",
}
_WORDS = (
    ("Twilio support", "its makers"),
    ("Flex Console", "the application"),
    ("Console", "the application"),
    ("Flex", "the application"),
)


def to_mend(check: str) -> str:
    """What mends it in any application of Entra."""
    return _SPLIT.get(check, _ONLY_FLEX)


def to_know(check: str) -> str:
    """The option of the command that lets this check be made; empty when none does."""
    return _GIVES.get(check, "")


def about_error(meaning: str, fix: str, notebook: str) -> tuple[str, str]:
    """Meaning and next step of an error of the sign-in, for an application that is not Flex."""
    for ours, theirs in _WORDS:
        meaning, fix = meaning.replace(ours, theirs), fix.replace(ours, theirs)
    return meaning, _PLACES.get(notebook, fix)

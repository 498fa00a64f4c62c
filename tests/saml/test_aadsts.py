import pytest

from flexsso_helpers.notebooks import TITLES
from flexsso_helpers.saml.aadsts import explain
from flexsso_helpers.saml.entra_errors import ENTRA
from flexsso_helpers.saml.flex_errors import FLEX

PAGE = """Sorry, but we’re having trouble signing you in.
AADSTS50105: Your administrator has configured the application Flex ('11111111-2222-3333-4444-555555555555') to block
users unless they are specifically granted access.
Request Id: 22222222-2222-3333-4444-555555555555
Correlation Id: 33333333-2222-3333-4444-555555555555
Timestamp: 2026-11-02T08:00:00Z
Trace ID: 44444444-2222-3333-4444-555555555555"""

TWILIO = "https://www.twilio.com/docs/api/errors/"


def test_a_pasted_page_is_explained_with_what_support_asks_for() -> None:
    found = explain(PAGE)
    assert found is not None
    assert found.code == "AADSTS50105"
    assert "nested groups do not count" in found.meaning
    assert found.next_step.startswith("07 · Assign users: ")
    assert found.request_id == "22222222-2222-3333-4444-555555555555"
    assert found.trace_id == "44444444-2222-3333-4444-555555555555"
    assert found.correlation_id == "33333333-2222-3333-4444-555555555555"
    assert found.timestamp == "2026-11-02T08:00:00Z"
    assert found.link == "https://login.microsoftonline.com/error?code=50105"


def test_the_link_leads_to_the_own_cloud() -> None:
    found = explain("AADSTS50011", login="https://login.microsoftonline.us")
    assert found is not None
    assert found.link == "https://login.microsoftonline.us/error?code=50011"


@pytest.mark.parametrize(
    ("text", "code", "notebook"),
    [
        ("AADSTS50011: The redirect URI … does not match", "AADSTS50011", "02"),
        ("AADSTS700016: Application with identifier …", "AADSTS700016", "02"),
        ("AADSTS50146: This application is required to be configured …", "AADSTS50146", "03"),
        ("AADSTS501461", "AADSTS501461", "03"),
        ("AADSTS501241: Mandatory Input 'mail' …", "AADSTS501241", "04"),
        ("AADSTS75011: Authentication method 'X509, MultiFactor' …", "AADSTS75011", ""),
        ("AADSTS750054", "AADSTS750054", "06"),
        ("AADSTS7500514", "AADSTS7500514", ""),
        ("AADSTS99999999: see AADSTS90002", "AADSTS90002", "06"),
        ("AADSTS1234567", "AADSTS1234567", ""),
        ("AADSTS70002: … (error code 45050)", "AADSTS70002", ""),
        ("Missing User Attributes. Please verify … (error code 45050)", "Flex 45050", "08"),
        ("Trusted Login has not been enabled for this domain", "Flex 70002", "06"),
        ("error code: 70002", "Flex 70002", "06"),
        ("Invalid issuer in the Assertion/Response. Was 'a', but expected 'b'", "Flex 70004", "06"),
        ("Twilio 70251", "Flex 70251", "06"),
        ("IdP certificate invalid or expired", "Flex 70251", "06"),
        ("SAML authentication failed (70253)", "Flex 70253", "05"),
        ("error 45678", "Flex 45678", ""),
        ("Error 20404", "Flex 20404", "00"),
        ("The pop-up was blocked.", "", "08"),
        ("400 Error invalid attribute format", "", "04"),
        ("Hmm, Single Sign-On has not been configured.", "", "06"),
        ("Oops! Your runtime domain is incorrect.", "", "06"),
        ("This XML file does not appear to have any style information", "", "06"),
        ("Locally stored state does not match response state", "", "08"),
        ("Sign-in error code 50105", "AADSTS50105", "07"),
        ("Sign-in error code\n700016\nFailure reason\nApplication …", "AADSTS700016", "02"),
        ("Sign-in error code: 70044", "AADSTS70044", ""),
        ('"status": {"errorCode": 50105, "failureReason": "The signed in user is not assigned"}', "AADSTS50105", "07"),
        ("errorCode: 50105", "AADSTS50105", "07"),
        ('{"error": "invalid_grant", "error_codes": [50126]}', "AADSTS50126", ""),
        ("aadsts50011: the reply url does not match", "AADSTS50011", "02"),
        ("AADSTS 50105", "AADSTS50105", "07"),
        ("AADSTS: 50105 - not assigned", "AADSTS50105", "07"),
        ("AAD\xadSTS\u200b501\u200d05: not assigned", "AADSTS50105", "07"),
        ("error\xa0code:\u202f45050", "Flex 45050", "08"),
        ("Error code: 50011", "AADSTS50011", "02"),
        ("Error 700016", "AADSTS700016", "02"),
        ("Invalid thumbprint (configured: AA. calculated: BB)", "", "06"),
        ("Audience is invalid. Configured: urn:flex:JQ0", "", "02"),
        ("Recipient is invalid. Configured: https://login.flex.us1.twilio.com/x", "", "02"),
        ("Destination endpoint https://a did not match https://b", "", "02"),
        ("assertion has expired.", "", "08"),
        ("neither the response nor the assertion are signed", "", "03"),
        ("Signature is missing (xpath: /*[local-name(.)='Response'])", "", "03"),
        ("Signature check errors: invalid signature: for uri #_a", "", "08"),
        ("Could not validate Signature(s)", "", "08"),
        ("The signing certificate is not currently valid.", "", "03"),
        ("The signing certificate is invalid (PEM_read_bio_PUBKEY failed)", "", "06"),
        ("Assertion is encrypted. Please set options.decryptionKey with …", "", "02"),
        ("saml response does not contain an Assertion element (Status: …)", "", "08"),
        ("A SAMLResponse can contain only one Assertion element.", "", "08"),
        ("SAML Assertion version not supported, or not defined", "", "03"),
        ("SPNameQualifier attribute in the NameID element does not match urn:x", "", "04"),
        ("The responding provider was unable to successfully authenticate the principal", "", "08"),
    ],
)
def test_errors_are_told_apart(text: str, code: str, notebook: str) -> None:
    found = explain(text)
    assert found is not None
    assert (found.code, found.notebook) == (code, notebook)
    assert found.meaning
    assert found.next_step


def test_entra_and_twilio_numbers_are_never_confused() -> None:
    entra, flex = explain("AADSTS70002"), explain("Login failed (error code 70002)")
    assert entra is not None
    assert flex is not None
    assert "trusted" not in entra.meaning.lower()
    assert "trusted URLs" in flex.meaning
    assert (entra.link, flex.link) == ("https://login.microsoftonline.com/error?code=70002", TWILIO + "70002")


def test_a_number_that_nobody_here_knows_says_where_to_look() -> None:
    for text, page in (("AADSTS1234567", "error?code=1234567"), ("error 45678", TWILIO + "45678")):
        found = explain(text)
        assert found is not None
        assert "not in our table" in found.meaning
        assert found.link.endswith(page)


@pytest.mark.parametrize(
    "text",
    ["", "error 12345", "hello", "45050", "call +1 555 45050", "AADSTS12", "postcode of code 1450501", "errorCode: 0"],
)
def test_other_texts_are_not_explained(text: str) -> None:
    assert explain(text) is None


def test_every_row_says_what_to_do_and_names_a_notebook_that_exists() -> None:
    rows = [*ENTRA.values(), *(row[2:] for row in FLEX)]
    assert len(ENTRA) == 89
    for meaning, fix, notebook in rows:
        assert meaning.endswith(".")
        assert fix.endswith(".")
        assert notebook in {"", *TITLES}

"""A refused sign-in: by its whole number, by the method that was tried, and with what support asks for."""

import pytest
from azure.core.exceptions import ClientAuthenticationError

from flexsso_helpers.entra_numbers import MEANINGS, numbers_in, support_ids
from flexsso_helpers.errors import SignInError
from flexsso_helpers.graph.sign_in_errors import _BLOCKED, EXPLAINED, explained

TENANT = "11111111-2222-4333-8444-555555555555"
LINK = "https://login.microsoftonline.com/consent"
TRACE, CORRELATION = "255d1aef-8c98-452f-ac51-23d051240864", "fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7"
IDS = f"Trace ID: {TRACE} Correlation ID: {CORRELATION} Timestamp: 2026-11-02 08:00:00Z"
KNOWN = sorted({*EXPLAINED, *_BLOCKED})


def said(number: str, method: str = "", more: str = IDS) -> SignInError:
    error = explained(ClientAuthenticationError(f"AADSTS{number}: text {more}"), TENANT, LINK, method)
    assert isinstance(error, SignInError)
    return error


@pytest.mark.parametrize("number", KNOWN)
@pytest.mark.parametrize("method", ["browser", "device_code", "client_secret", ""])
def test_every_known_number_has_a_reason_and_a_fix_whatever_was_tried(number: str, method: str) -> None:
    error = said(number, method)
    assert f"(AADSTS{number})" in error.what
    assert error.why
    assert error.fix
    assert (CORRELATION in error.support, TRACE in error.support, "2026-11-02 08:00:00Z" in error.support) == (
        True,
    ) * 3
    assert f"Correlation ID {CORRELATION}" in str(error)
    if method:
        assert f"Use tenant.sign_in.method: {method}" not in error.fix


@pytest.mark.parametrize("number", KNOWN)
@pytest.mark.parametrize("tail", ["0", "9"])
def test_a_number_that_only_begins_like_a_known_one_is_not_taken_for_it(number: str, tail: str) -> None:
    longer = number + tail
    error = said(longer)
    assert f"(AADSTS{longer})" in error.what
    if longer not in KNOWN:
        assert error.why.startswith(f"AADSTS{longer}: text")


@pytest.mark.parametrize(
    ("number", "method", "fix"),
    [
        ("53003", "device_code", "Use tenant.sign_in.method: browser"),
        ("53003", "browser", "The browser was the way tried: sign in from a device that the company manages."),
        ("530036", "device_code", "Use tenant.sign_in.method: browser"),
        ("530033", "browser", "the sign-in log"),
        ("53003", "client_secret", "A policy on workloads"),
        ("700016", "browser", "Check tenant.sign_in.client_id"),
        ("700016", "client_certificate", "a Privileged Role Administrator"),
        ("53000", "browser", "a device that the company manages"),
        ("530084", "browser", "An application of your own"),
        ("7000218", "device_code", "allow public client flows"),
        ("7000112", "browser", "enables it in Entra"),
        ("50020", "browser", "an account of this tenant"),
        ("500571", "browser", "looks at the account"),
    ],
)
def test_the_way_out_is_one_that_was_not_tried(number: str, method: str, fix: str) -> None:
    assert fix in said(number, method).fix


@pytest.mark.parametrize("number", ["65001", "90094", "65004", "900941", "650052"])
def test_where_consent_is_lacking_it_is_said_who_can_help_and_where(number: str) -> None:
    person = said(number, "browser").fix
    assert "an Application Administrator or Cloud Application Administrator" in person
    assert person.endswith(LINK)
    assert "a Privileged Role Administrator" in said(number, "client_certificate").fix


def test_a_permission_that_the_application_does_not_list_is_added_to_its_registration() -> None:
    assert "API permissions: add the delegated permissions" in said("650057", "browser").fix


def test_a_browser_that_never_comes_back_names_the_approval_page_among_the_causes() -> None:
    waited = ClientAuthenticationError("Timed out after waiting 300 seconds for the user to authenticate")
    error = explained(waited, TENANT, LINK, "browser")
    assert "Need admin approval" in error.why
    assert "an Application Administrator or Cloud Application Administrator" in error.fix
    assert LINK in error.fix
    assert "choose another" not in error.fix.lower()


def test_a_code_that_nobody_entered_is_not_called_a_refusal() -> None:
    """What azure-identity says when the code ends while Entra still waits: it has no number."""
    error = explained(
        ClientAuthenticationError("Timed out waiting for user to authenticate"), TENANT, LINK, "device_code"
    )
    assert error.what == f"Nobody finished the sign-in for tenant {TENANT} while its code was good."
    assert "The page was closed" in error.why
    assert error.fix.startswith("Run the cell again and enter the new code within fifteen minutes.")
    assert LINK in error.fix
    assert "AADSTS" not in str(error)


def test_an_unknown_number_is_quoted_without_its_ids_which_stand_apart() -> None:
    error = said("99999")
    assert (error.why, error.support.startswith("Correlation ID")) == ("AADSTS99999: text", True)


def test_what_the_judge_and_the_sign_in_share_stands_in_one_place() -> None:
    from flexsso_helpers.saml.entra_errors import ENTRA

    shared = MEANINGS.keys() & ENTRA.keys()
    assert {number: ENTRA[number][0] for number in shared} == {number: MEANINGS[number] for number in shared}
    assert MEANINGS.keys() == shared
    assert MEANINGS.keys() <= {*KNOWN}
    assert ENTRA["7000112"][2] == "01"


def test_numbers_and_ids_are_read_from_any_text() -> None:
    assert numbers_in("aadsts530032: x, AADSTS53003.") == ["530032", "53003"]
    assert support_ids("nothing here") == ""

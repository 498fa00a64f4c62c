"""What is edited in a section's form reaches the tenant's file, by the next plan and not before."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import Widget
from stage import Stage

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.sections.app_roles import step as app_roles
from flexsso_helpers.sections.assignments import step as assignments
from flexsso_helpers.sections.basic_saml import step as basic_saml
from flexsso_helpers.sections.claims import step as claims
from flexsso_helpers.sections.enterprise_application import step as enterprise_application
from flexsso_helpers.sections.sign_on import step as sign_on
from flexsso_helpers.sections.sign_on.pasted import pasted
from flexsso_helpers.sections.signing import step as signing
from flexsso_helpers.sections.step import Step

CONNECTION = "JQf1e55000000000000000000000000002"


def test_an_edit_is_planned_and_kept(tmp_path: Path) -> None:
    async def edit() -> tuple[str, str]:
        session = await Stage(tmp_path).open()
        claims.form(session).inputs["name_id"].value = "userprincipalname"
        assert session.tenant.name_id == "mail"
        plan = await claims.plan(session)
        return session.tenant.name_id, str(plan.changes[0].should_be)

    assert asyncio.run(edit()) == ("userprincipalname", "user.userprincipalname")


def test_editing_again_without_showing_the_form_again_counts(tmp_path: Path) -> None:
    async def edit() -> list[int]:
        session = await Stage(tmp_path).open()
        form = signing.form(session)
        seen = []
        for days in ("365", "730", "1095"):
            form.inputs["signing.valid_days"].value = days
            await signing.plan(session)
            seen.append(session.tenant.signing.valid_days)
        return seen

    assert asyncio.run(edit()) == [365, 730, 1095]


def test_what_changed_elsewhere_since_is_not_written_over_by_a_form_that_was_saved(tmp_path: Path) -> None:
    async def edit() -> int:
        session = await Stage(tmp_path).open()
        signing.form(session).inputs["signing.valid_days"].value = "365"
        await signing.plan(session)
        session.record({("signing", "valid_days"): 730})
        await signing.plan(session)
        return session.tenant.signing.valid_days

    assert asyncio.run(edit()) == 730


REPLY, IDENTIFIER = basic_saml.CONNECTION
URL = f"https://login.flex.us1.twilio.com/login/callback?connection={CONNECTION}"
CALLED_WRONG: dict[str, tuple[Step[Any], dict[str, str], dict[str, str]]] = {
    "no name": (enterprise_application.STEP, {"application.name": ""}, {"application.name": "application.name is "}),
    "too many days": (
        signing.STEP,
        {"signing.valid_days": "9999"},
        {"signing.valid_days": "signing.valid_days is 9999"},
    ),
    "no address": (
        signing.STEP,
        {"signing.notification_addresses": "sso-owners@contoso.com\nnobody"},
        {"signing.notification_addresses": "signing.notification_addresses[2] "},
    ),
    "no role of Flex": (app_roles.STEP, {"roles": "admin\nAgent"}, {"roles": "roles[2] "}),
    "another product's page": (
        basic_saml.STEP,
        {REPLY: "https://iam.twilio.com/v2/saml2/authenticate/JBxx", IDENTIFIER: f"urn:flex:{CONNECTION}"},
        {REPLY: "flex.connection.reply_url belongs to SSO for Twilio Console"},
    ),
    "both values in each other's field": (
        basic_saml.STEP,
        {REPLY: f"urn:flex:{CONNECTION}", IDENTIFIER: URL},
        {
            REPLY: "flex.connection.reply_url is the identifier; the reply URL is https://",
            IDENTIFIER: "flex.connection.identifier is a URL; the identifier is urn:flex:JQ",
        },
    ),
    "values of two connections": (
        basic_saml.STEP,
        {REPLY: URL, IDENTIFIER: f"urn:flex:{CONNECTION[:-1]}3"},
        {IDENTIFIER: "has another JQ than reply_url: two Flex connections are mixed"},
    ),
    "half of a connection": (basic_saml.STEP, {REPLY: URL}, {}),
    "both halves": (basic_saml.STEP, {REPLY: URL, IDENTIFIER: f"urn:flex:{CONNECTION}"}, {}),
    "somebody's role": (
        assignments.STEP,
        {"assignments.users": "bo.agent@contoso.com, agnet"},
        {"assignments.users": "did you mean agent?"},
    ),
    "the role before the name": (
        assignments.STEP,
        {"assignments.users": "agent, bo.agent@contoso.com"},
        {"assignments.users": "assignments.users[1].user is not an address; write it like ada@contoso.com"},
    ),
    "the other choice": (claims.STEP, {"name_id": "userprincipalname"}, {}),
}


@pytest.mark.parametrize("case", CALLED_WRONG)
def test_as_one_types_a_form_says_what_the_file_would_say(case: str, tmp_path: Path) -> None:
    step, typed, wanted = CALLED_WRONG[case]

    async def problems() -> tuple[dict[str, str], dict[str, str]]:
        session = await Stage(tmp_path).open()
        form = step.form(session)
        before = {key: form.inputs[key].value for key in typed}
        for key, text in typed.items():
            form.inputs[key].value = text
        found = form.problems()
        for key, text in before.items():
            form.inputs[key].value = text
        return found, form.problems()

    found, mended = asyncio.run(problems())
    assert mended == {}
    assert found.keys() == wanted.keys()
    for key, text in wanted.items():
        assert text in found[key]
        assert "papermill" not in found[key]


def test_people_are_written_as_the_file_writes_them(tmp_path: Path) -> None:
    async def edit() -> list[tuple[str, str]]:
        session = await Stage(tmp_path).open()
        form = assignments.form(session)
        form.inputs["assignments.users"].value = "bo.agent@contoso.com, supervisor"
        form.inputs["assignments.groups"].value = ""
        await assignments.plan(session)
        assert session.tenant.assignments.groups == ()
        return [(entry.user, entry.role) for entry in session.tenant.assignments.users]

    assert asyncio.run(edit()) == [("bo.agent@contoso.com", "supervisor")]


def test_a_copied_connection_can_be_taken_back(tmp_path: Path) -> None:
    async def edit() -> tuple[bool, bool]:
        session = await Stage(tmp_path).open()
        form = basic_saml.form(session)
        reply, identifier = basic_saml.CONNECTION
        form.inputs[reply].value = f"https://login.flex.us1.twilio.com/login/callback?connection={CONNECTION}"
        form.inputs[identifier].value = f"urn:flex:{CONNECTION}"
        await basic_saml.plan(session)
        known = session.tenant.flex.connection is not None
        again = basic_saml.form(session)
        again.inputs[reply].value = again.inputs[identifier].value = ""
        await basic_saml.plan(session)
        return known, session.tenant.flex.connection is None

    assert asyncio.run(edit()) == (True, True)


def test_a_wrong_edit_is_refused_in_words_and_nothing_is_kept(tmp_path: Path) -> None:
    async def edit() -> str:
        session = await Stage(tmp_path).open()
        enterprise_application.form(session).inputs["application.name"].value = ""
        with pytest.raises(ParametersError) as caught:
            await enterprise_application.plan(session)
        assert session.tenant.application.name == "Twilio Flex"
        return str(caught.value)

    told = asyncio.run(edit())
    assert "application.name" in told
    assert "papermill" not in told


def test_what_is_pasted_stays_in_memory(tmp_path: Path) -> None:
    """A live person signs in elsewhere and pastes; the text reaches the judge and no file."""

    async def paste() -> str:
        session = await Stage(tmp_path).open(apply=False)
        sign_on.responses(session).inputs["bo.agent@contoso.com"].value = "this is\nnot a response"
        await sign_on.plan(session)
        seen = pasted(session, "bo.agent@contoso.com")
        assert pasted(session, "ada.admin@contoso.com") is None
        kept = [path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()]
        assert kept
        assert not any("not a response" in text for text in kept)
        assert "not a response" not in str(Widget.get_manager_state(drop_defaults=False))  # what JupyterLab may save
        return seen.response if seen else ""

    assert asyncio.run(paste()) == "this is\nnot a response"

"""What is edited in a section's form reaches the tenant's file, by the next plan and not before."""

import asyncio
from pathlib import Path

import pytest
from stage import Stage

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.sections import assignments, basic_saml, claims, enterprise_application, sign_on, signing
from flexsso_helpers.sections.pasted import pasted

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
        for days in ("365", "730"):
            form.inputs["signing.valid_days"].value = days
            await signing.plan(session)
            seen.append(session.tenant.signing.valid_days)
        return seen

    assert asyncio.run(edit()) == [365, 730]


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

    assert "application.name" in asyncio.run(edit())


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
        return seen.response if seen else ""

    assert asyncio.run(paste()) == "this is\nnot a response"

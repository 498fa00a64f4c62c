"""02 proves a connection only where Flex lists it: another account's values have the right form too."""

import asyncio
from collections.abc import Callable

import pytest
from onboarding import STEPS, change_application, finding, look, onboard, proof
from stage import Stage, through

from flexsso_helpers.flex import Connection
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.world import journal
from flexsso_helpers.resources.connection import of_flex
from flexsso_helpers.sections.basic_saml import step as basic_saml
from flexsso_helpers.sections.flex_console import checklist

TITLE = "Connection of this Flex account"
OTHER = "JQf1e55000000000000000000000000009"
VALUES = {
    "reply_url": f"https://login.flex.us1.twilio.com/login/callback?connection={OTHER}",
    "identifier": f"urn:flex:{OTHER}",
}


@pytest.mark.full
def test_copied_values_are_said_until_flex_lists_them(before: Callable[[str], Stage]) -> None:
    stage = before("02")
    _, _, evidence = asyncio.run(onboard(stage, since="02", until="02"))["02"]
    about = finding(evidence, "F19", TITLE)
    assert (about.state, about.received) == ("said", "not yet compared with Flex")
    assert "proved" not in evidence.verdict
    asyncio.run(onboard(stage, since="03", until="06"))
    _, again = asyncio.run(look(stage, "02"))
    assert isinstance(again, Evidence)
    assert finding(again, "F19", TITLE).state == "holds"
    assert again.verdict == "proved, nothing changed"


def test_another_accounts_connection_is_wrong_as_soon_as_flex_lists_ours(configured: Stage) -> None:
    values = journal.tenant_values(configured.world)
    values["flex"]["connection"] = VALUES
    journal.keep_tenant_values(configured.world, values)
    change_application(
        configured.world, identifierUris=[VALUES["identifier"]], web={"redirectUris": [VALUES["reply_url"]]}
    )
    _, evidence = asyncio.run(look(configured, "02"))
    assert isinstance(evidence, Evidence)
    about = finding(evidence, "F19", TITLE)
    assert about.state == "wrong"
    assert OTHER in about.configured
    assert "JQf1e55000000000000000000000000001" in about.received
    assert "JQf1e55000000000000000000000000001" in about.fix
    assert evidence.outcome in (1, 2)
    assert "proved" not in evidence.verdict or evidence.planned


def test_another_accounts_connection_pasted_into_the_form_is_found_out_by_a_started_login(
    before: Callable[[str], Stage],
) -> None:
    """02 can only say *not yet compared*; as soon as Console is saved, both name the account's own and lead to 02."""
    stage = before("06")

    async def paste() -> tuple[Evidence, Evidence, str, Evidence]:
        session = await stage.open()
        form = STEPS["02"].form(session)
        for key, value in zip(basic_saml.CONNECTION, VALUES.values(), strict=True):
            form.inputs[key].value = value
        _, _, said = await through(session, STEPS["02"])
        plan = await STEPS["06"].plan(session)
        await STEPS["06"].apply(session, plan, session.approval(plan))
        card = (await checklist(session)).text
        return said, await proof(session, "06"), card, await proof(session, "02")

    said, console, card, again = asyncio.run(paste())
    assert (finding(said, "F19", TITLE).state, finding(said, "F19", TITLE).received) == (
        "said",
        "not yet compared with Flex",
    )
    assert "proved" not in said.verdict.removeprefix("not proved")
    for check in ("S32", "S33", "S35"):
        assert finding(console, check).state == "wrong"
        assert finding(console, check).fix == (
            "02 · Basic SAML configuration: copy both values from the Flex Console of this account into the form: Flex "
            f"lists JQf1e55000000000000000000000000001 for it, and not {OTHER}."
        )
    assert "02 first" in card
    whose = finding(again, "F19", TITLE)
    assert (whose.state, whose.configured) == ("wrong", OTHER)
    assert "JQf1e55000000000000000000000000001" in whose.received
    assert "JQf1e55000000000000000000000000001" in whose.fix


def test_of_several_connections_the_only_active_one_counts() -> None:
    two = (Connection(name="JQ1", active=False), Connection(name="JQ2", active=True))
    tenant = None
    assert of_flex(two, tenant) == two[1]  # type: ignore[arg-type]


def test_a_missing_reply_url_is_not_exactly_one(configured: Stage) -> None:
    change_application(configured.world, web={"redirectUris": []})
    _, evidence = asyncio.run(look(configured, "02"))
    assert isinstance(evidence, Evidence)
    one = finding(evidence, "D07")
    assert (one.state, one.level, one.received) == ("wrong", "warning", "1 identifier, 0 reply URLs")
    assert one.fix == basic_saml.FIX  # nothing is to be removed

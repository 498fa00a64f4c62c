"""A run without approval over an empty tenant: complete plans, what is unknown says so, and nothing is written."""

import asyncio

import pytest
from onboarding import DOCUMENTED, STEPS, open_settings
from stage import Stage

from flexsso_helpers.plan import Change, Pending, in_words
from flexsso_helpers.views.shown import text_of

REPLY_URL = "https://login.flex.us1.twilio.com/login/callback?connection=JQf1e55000000000000000000000000001"
IDENTIFIER = "urn:flex:JQf1e55000000000000000000000000001"

# By section: setting, now, should be. Everything that there is to plan, in its order.
PLANS: dict[str, list[tuple[str, str, str]]] = {
    "01": [
        ("Enterprise application", "none", "Twilio Flex"),
        ("Mark in its notes", "no", "yes"),
        ("Single sign-on method", "none", "saml"),
        (
            "Tags of a SAML application",
            "none",
            "WindowsAzureActiveDirectoryCustomSingleSignOnApplication, WindowsAzureActiveDirectoryIntegratedApp",
        ),
    ],
    "02": [
        ("Reply URL", "known after 01", REPLY_URL),
        ("Identifier (Entity ID)", "known after 01", IDENTIFIER),
        ("Assignment required", "known after 01", "yes"),
        ("Sign-on URL", "known after 01", "empty"),
        ("Relay state", "known after 01", "empty"),
        ("Signed requests required", "known after 01", "no"),
    ],
    "03": [
        ("Token-signing certificate", "known after 01", "a new one, valid for 1095 days, active"),
        ("Signing option", "known after 01", "sign SAML response and assertion"),
        ("Signing algorithm", "known after 01", "SHA-256"),
        ("Signing policy of the application", "known after 01", "the same"),
        ("Expiry notifications go to", "known after 01", "sso-owners@contoso.com"),
    ],
    "04": [
        ("Unique user identifier (NameID)", "known after 01", "user.mail"),
        ("Claim email", "known after 01", "user.mail"),
        ("Claim full_name", "known after 01", "user.displayname"),
        ("Claim roles", "known after 01", "user.assignedroles"),
        ("Microsoft’s default claims", "known after 01", "not sent"),
    ],
    "05": [
        ("App role admin", "known after 01", "enabled, for users and groups"),
        ("App role supervisor", "known after 01", "enabled, for users and groups"),
        ("App role agent", "known after 01", "enabled, for users and groups"),
    ],
    "06": [
        ("Identity Provider Issuer", "none", "known after 03"),
        ("Single Sign-On URL", "none", "known after 03"),
        ("X.509 Certificate", "none", "known after 03"),
    ],
    "07": [
        ("User ada.admin@contoso.com", "known after 01", "admin"),
        ("User sol.supervisor@contoso.com", "known after 01", "supervisor"),
        ("User bo.agent@contoso.com", "known after 01", "agent"),
        ("Group Flex Agents", "known after 01", "agent"),
        ("Group Flex Supervisors", "known after 01", "supervisor"),
    ],
    "08": [
        ("Sign-on of ada.admin@contoso.com", "none", "known after 07"),
        ("Sign-on of sol.supervisor@contoso.com", "none", "known after 07"),
        ("Sign-on of bo.agent@contoso.com", "none", "known after 07"),
    ],
}
TEXT_FACE_OF_05 = """\
05 · App roles · plan for “Twilio Flex” in Contoso · 3 changes  [REHEARSAL]

      Setting               Now              Should be                       Why
  ────────────────────────────────────────────────────────────────────────────────────────────────
  +   App role admin        known after 01   enabled, for users and groups   D18 · Flex admin
  +   App role supervisor   known after 01   enabled, for users and groups   D18 · Flex supervisor
  +   App role agent        known after 01   enabled, for users and groups   D18 · Flex agent
"""


def told(change: Change) -> tuple[str, str, str]:
    return change.setting, in_words(change.now), in_words(change.should_be)


def test_a_dry_run_over_an_empty_tenant_is_complete_quiet_and_writes_nothing(empty: Stage) -> None:
    async def dry() -> None:
        session = await empty.open(apply=False)
        for number in DOCUMENTED:
            step = STEPS[number]
            plan = await step.plan(session)
            assert [told(change) for change in plan.changes] == PLANS[number]
            assert {change.kind for change in plan.changes} == {"+"}
            applied = await step.apply(session, plan, session.approval(plan))
            assert (applied.made, applied.left) == ((), plan.open)
            evidence = await step.verify(session)
            assert evidence.outcome == 2, number
            assert evidence.verdict == f"not proved: {len(plan.open)} changes planned"

    before = empty.world.store.changes
    asyncio.run(dry())
    assert empty.writes == {"graph": 0, "console": 0, "sign_ins": 0}
    assert empty.world.store.all("application") == Stage(empty.folder).world.store.all("application")
    assert empty.world.store.changes > before  # the sign-in and the clock do move


@pytest.mark.thinned(8)
@pytest.mark.parametrize("number", DOCUMENTED)
def test_the_plan_shows_every_pending_value_in_its_text(number: str, empty: Stage) -> None:
    plan = asyncio.run(planned(empty, number))
    text = " ".join(text_of(plan).split())
    assert text.count("known after 0") == sum(change.pending for change in plan.changes)
    assert "  [REHEARSAL]" in text_of(plan).splitlines()[0]
    assert f"{len(plan.open)} changes" in text


def test_the_text_face_of_a_plan_word_for_word(empty: Stage) -> None:
    assert text_of(asyncio.run(planned(empty, "05"))).startswith(TEXT_FACE_OF_05)


@pytest.mark.thinned(4)
@pytest.mark.parametrize(
    ("number", "why"),
    [(number, "not approved" if number == "01" else f"the values it needs are {after}") for number, after in {
        "01": "", "02": "known after 01", "03": "known after 01", "04": "known after 01", "05": "known after 01",
        "06": "known after 03", "07": "known after 01", "08": "known after 07",
    }.items()],
)  # fmt: skip
def test_what_was_left_says_why_and_names_nobody(number: str, why: str, empty: Stage) -> None:
    async def dry() -> str:
        session = await empty.open(apply=False)
        plan = await STEPS[number].plan(session)
        return (await STEPS[number].apply(session, plan, session.approval(plan))).why_not

    assert asyncio.run(dry()) == why


def test_approving_what_cannot_be_done_yet_writes_nothing_either(empty: Stage) -> None:
    async def early() -> None:
        session = await empty.open(apply=True)
        for number in DOCUMENTED[1:]:
            plan = await STEPS[number].plan(session)
            assert (await STEPS[number].apply(session, plan, session.approval(plan))).made == ()

    asyncio.run(early())
    assert empty.writes == {"graph": 0, "console": 0, "sign_ins": 0}


def test_after_the_application_exists_only_what_it_lacks_is_pending(empty: Stage) -> None:
    async def partly() -> None:
        session = await empty.open()
        first = await STEPS["01"].plan(session)
        await STEPS["01"].apply(session, first, session.approval(first))
        later = {number: await STEPS[number].plan(session) for number in DOCUMENTED[1:]}
        pending = {number: {str(v) for change in plan.open for v in (change.now, change.should_be)
                            if isinstance(v, Pending)} for number, plan in later.items()}  # fmt: skip
        assert pending == {
            "02": set(), "03": set(), "04": set(), "05": set(), "06": {"known after 03"}, "07": set(),
            "08": {"known after 07"},
        }  # fmt: skip
        assert {change.waits for change in later["07"].open} == {"after 05, which makes the role"}
        assert open_settings(later["02"]) == ["Reply URL", "Identifier (Entity ID)"]

    asyncio.run(partly())


def test_before_anyone_started_the_set_up_in_flex_the_plan_says_where_the_values_come_from(empty: Stage) -> None:
    for entry in empty.world.store.all("flex_connection"):
        empty.world.store.remove("flex_connection", entry["sid"], at=empty.world.clock.now)
    plan = asyncio.run(planned(empty, "02"))
    assert [told(change)[2] for change in plan.changes][:2] == ["known after Flex Console shows it"] * 2


async def planned(stage: Stage, number: str):  # type: ignore[no-untyped-def]
    session = await stage.open(apply=False)
    return await STEPS[number].plan(session)

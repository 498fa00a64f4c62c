"""Graph gives lists in an order of its own, and times with more or fewer digits; no plan, no approval hangs on it."""

import asyncio

import pytest
from onboarding import STEPS, application, change_application, change_principal, principal
from stage import Stage, approved

from flexsso_helpers.plan import Plan
from flexsso_helpers.rehearsal.directory.credentials import make_certificate
from flexsso_helpers.resources.key_ring import Key, KeyRing
from flexsso_helpers.sections.sign_on import capture

OTHER = "https://other.example.com/acs"
DAY = 86400.0


def crowded(stage: Stage) -> None:
    """Several of everything that Graph gives in a list."""
    world = stage.world
    app, sp = application(world), principal(world)
    now, end = world.clock.now, world.clock.now + 300 * DAY
    spares = [make_certificate(world, name="CN=Spare", start=now, end=end) for _ in range(2)]
    change_application(
        world,
        identifierUris=[*app["identifierUris"], "urn:other"],
        web=app["web"] | {"redirectUris": [*app["web"]["redirectUris"], OTHER]},
    )
    change_principal(
        world,
        notificationEmailAddresses=[*sp["notificationEmailAddresses"], "a@contoso.com", "b@contoso.com"],
        keyCredentials=[*sp["keyCredentials"], *(key for spare in spares for key in spare.keys)],
        passwordCredentials=[*sp["passwordCredentials"], *(spare.password for spare in spares)],
        preferredTokenSigningKeyThumbprint=None,
    )
    world.advance(600.0)


@pytest.mark.thinned(6)
@pytest.mark.parametrize("number", ["01", "02", "03", "04", "05", "07"])
def test_a_plan_is_the_same_whatever_the_order_of_lists(number: str, configured: Stage) -> None:
    crowded(configured)

    async def plans() -> list[Plan]:
        found = []
        for order in ("kept", "turned"):
            configured.world.quirks.chosen["list_order"] = order
            found.append(await STEPS[number].plan(await configured.open(apply=False)))
        return found

    kept, turned = asyncio.run(plans())
    assert [change.setting for change in kept.changes] == [change.setting for change in turned.changes]
    assert kept.changes == turned.changes
    assert kept.digest == turned.digest


def test_the_spare_certificate_that_lasts_longest_is_found_by_the_moment_and_not_by_its_text() -> None:
    start = "2026-11-01T00:00:00Z"
    sooner = Key(sha1="aa", start=start, end="2027-11-01T00:00:00Z")
    later = Key(sha1="bb", start=start, end="2027-11-01T00:00:01.5Z")
    same = Key(sha1="cc", start=start, end="2027-11-01T00:00:01.5000000Z")
    now = sooner.dates
    assert now is not None
    for keys in ((sooner, later, same), (same, later, sooner)):
        assert KeyRing(keys=keys).spare(now[0]) == same


@pytest.mark.full
@pytest.mark.parametrize("order", ["kept", "turned", "changing"])
def test_a_capture_is_made_beside_another_reply_url_and_leaves_what_stood_there(order: str, configured: Stage) -> None:
    world = configured.world
    before = application(world)
    change_application(world, web=before["web"] | {"redirectUris": [*before["web"]["redirectUris"], OTHER]})
    world.advance(600.0)
    world.quirks.chosen["list_order"] = order

    async def capture_once() -> list[str]:
        session = await configured.open()
        plan = await capture.plan(session, "ada.admin@contoso.com")
        applied = await capture.apply(session, plan, approved(plan, capture.SETTING))
        return [change.setting for change in applied.made]

    assert asyncio.run(capture_once()) == [capture.SETTING]
    after = application(world)
    assert after["web"]["redirectUris"] == [before["defaultRedirectUri"], OTHER]
    assert after["defaultRedirectUri"] == before["defaultRedirectUri"]

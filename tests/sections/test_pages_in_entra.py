"""The proof of a live tenant leads to the page of this very application where its settings are seen."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from onboarding import STEPS, application, principal
from stage import Stage

from flexsso_helpers.clouds import LIVE_CLOUDS

ENTERPRISE_APP = "Microsoft_AAD_IAM/ManagedAppMenuBlade/~/{}/objectId/{sp}/appId/{app}"
SAML = "/preferredSingleSignOnMode/saml/servicePrincipalType/Application/fromNav/"
PAGES = {
    "01": ENTERPRISE_APP.format("Overview", sp="{sp}", app="{app}"),
    "02": ENTERPRISE_APP.format("SignOn", sp="{sp}", app="{app}") + SAML,
    "03": ENTERPRISE_APP.format("SignOn", sp="{sp}", app="{app}") + SAML,
    "04": ENTERPRISE_APP.format("SignOn", sp="{sp}", app="{app}") + SAML,
    "05": "Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/AppRoles/appId/{app}/isMSAApp~/false",
    "07": ENTERPRISE_APP.format("Users", sp="{sp}", app="{app}"),
}


def told(stage: Stage, number: str, cloud: str, rehearsal: bool) -> str | None:
    """The page that the facts of a proof name, were this stage's tenant one of that cloud."""

    async def go() -> dict[str, str]:
        session = await stage.open(apply=False)
        context: Any = SimpleNamespace(
            cloud=LIVE_CLOUDS[cloud], tenant=SimpleNamespace(rehearsal=rehearsal), now=await session.present()
        )
        return STEPS[number].facts(context, await STEPS[number].read(session))

    return asyncio.run(go()).get("Page in Entra")


@pytest.mark.parametrize("number", PAGES)
def test_each_proof_leads_to_its_page_of_this_application_in_the_portal_of_its_cloud(
    configured: Stage, number: str
) -> None:
    page = PAGES[number].format(sp=principal(configured.world)["id"], app=application(configured.world)["appId"])
    assert told(configured, number, "global", False) == f"https://entra.microsoft.com/#view/{page}"
    assert told(configured, number, "gov_l4", False) == f"https://entra.microsoft.us/#view/{page}"
    assert told(configured, number, "china", False) == f"https://entra.microsoftonline.cn/#view/{page}"
    assert told(configured, number, "bleu", False) is None  # the name of its portal is known, and no address
    assert told(configured, number, "global", True) is None  # no rehearsal plays the page


@pytest.mark.parametrize("number", PAGES)
def test_without_an_application_there_is_no_page(empty: Stage, number: str) -> None:
    assert told(empty, number, "global", False) is None

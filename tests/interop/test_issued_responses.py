"""What the rehearsal's Entra issues for an onboarded tenant, before judges that share no code with it."""

import asyncio
import base64
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from onboarding import change_policy, onboard
from outside import Asked, Judge
from stage import Stage

from flexsso_helpers.commands.judge.live_tenant import live_tenant
from flexsso_helpers.sections.sign_on import step as sign_on

pytestmark = pytest.mark.interop
PEOPLE = {
    "ada.admin@contoso.com": ("Ada Admin", "admin"),
    "sol.supervisor@contoso.com": ("Sol Supervisor", "supervisor"),
    "bo.agent@contoso.com": ("Bo Agent", "agent"),
}
WANT_BOTH = ("node-saml", "python3-saml", "pysaml2", "xmlsec1", "ours")


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A stage after one whole onboarding, with the responses of three people; not to be changed."""
    stage = Stage(tmp_path_factory.mktemp("interop"))
    asyncio.run(onboard(stage))
    return stage


async def asked_about(stage: Stage, user: str, xml: bytes) -> Asked:
    """The response beside the live configuration, for the rehearsal's present."""
    session = await stage.open(apply=False)
    expected = await live_tenant(session, user=user)
    request = etree.fromstring(xml).get("InResponseTo", "")
    return Asked(xml=xml, expected=replace(expected, request_id=request))


async def signed_on(stage: Stage, user: str) -> bytes:
    """The response of a sign-on now."""
    session = await stage.open(apply=False)
    link = (await sign_on.read(session)).login_link
    seen = await session.person.sign_on(link, user)
    assert seen is not None
    return base64.b64decode(seen.response)


@pytest.mark.thinned(3)
@pytest.mark.parametrize("user", PEOPLE)
def test_every_judge_accepts_a_proved_sign_on_and_reads_the_same_person(
    user: str, proved: Stage, judges: dict[str, Judge]
) -> None:
    xml = (proved.folder / "run-1" / "responses" / f"{user}.xml").read_bytes()
    asked = asyncio.run(asked_about(proved, user, xml))
    full_name, role = PEOPLE[user]
    for name, judge in judges.items():
        said = judge(asked)
        assert (name, said.accepted, said.words) == (name, True, "")
        if name == "xmlsec1":
            continue
        claims = {key: said.attributes[key] for key in ("email", "full_name", "roles")}
        read = {key: value if isinstance(value, str) else ",".join(value) for key, value in claims.items()}
        assert (name, said.name_id, read) == (name, user, {"email": user, "full_name": full_name, "roles": role})


@pytest.mark.thinned(3)
@pytest.mark.parametrize(
    ("option", "refusing"),
    [("TokenOnly", WANT_BOTH), ("ResponseOnly", WANT_BOTH), ("ResponseAndToken", ())],
)
def test_the_signing_option_decides_who_accepts(
    option: str, refusing: tuple[str, ...], proved: Stage, judges: dict[str, Judge], tmp_path: Path
) -> None:
    stage = Stage(tmp_path, world=proved.world.copy())
    change_policy(stage.world, "tokenIssuancePolicy", "TokenIssuancePolicy", TokenResponseSigningPolicy=option)

    async def issued() -> Asked:
        user = "bo.agent@contoso.com"
        return await asked_about(stage, user, await signed_on(stage, user))

    asked = asyncio.run(issued())
    assert {name for name, judge in judges.items() if not judge(asked).accepted} == set(refusing)

"""Who is signed in, as Graph says: each kind of account, through azure-identity and Graph's own client."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from stage import Stage
from starlette.responses import JSONResponse, PlainTextResponse

from flexsso_helpers.errors import SignInError
from flexsso_helpers.rehearsal.server import seed
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.session import Session
from flexsso_helpers.views.shown import text_of

ADA, BO = "ada.admin@contoso.com", "bo.agent@contoso.com"
GUEST, GUEST_HERE = "gail.guest@fabrikam.com", "gail.guest_fabrikam.com#EXT#@contoso.onmicrosoft.com"
DELEGATE = "dana.delegate@fabrikam.com"
CUSTOM, SCOPED, ELIGIBLE = "cleo.custom@contoso.com", "skye.scoped@contoso.com", "ellis.eligible@contoso.com"
AUTOMATION = {"method": "client_secret", "client_id": seed.AUTOMATION_CLIENT, "secret": "env:X", "user": None}


def opened(folder: Path, user: str = ADA, *, app: Any = None, sign_in: Any = None, **quirks: str) -> Session:
    async def open_() -> Session:
        stage = Stage(folder, world=World(quirks=quirks), changes={"sign_in": sign_in or {"user": user}})
        seed.administrators(stage.world)
        return await stage.open(apply=False, app=app(stage.app) if app else None)

    return asyncio.run(open_())


def card(session: Session) -> str:
    return " ".join(text_of(session).split())


@pytest.mark.parametrize("token", ["all", "without_wids", "opaque"])
@pytest.mark.parametrize(
    ("user", "kind", "name"), [(ADA, "member", ADA), (GUEST, "guest", GUEST_HERE), (DELEGATE, "delegate", "")]
)
def test_who_is_signed_in_does_not_depend_on_the_tokens_inside(
    user: str, kind: str, name: str, token: str, tmp_path: Path
) -> None:
    who = opened(tmp_path, user, token_claims=token).principal
    assert (who.kind, who.user_name) == (kind, name)
    assert who.app_only is False
    assert ("Application Administrator" in who.roles) is (kind != "delegate")


@pytest.mark.parametrize("token", ["all", "opaque"])
def test_an_application_is_known_by_what_me_refuses(token: str, tmp_path: Path) -> None:
    session = opened(tmp_path, sign_in=AUTOMATION, token_claims=token)
    assert session.principal.kind == "application"
    assert "an application, without a person" in card(session)


@pytest.mark.parametrize("answer", ["unique_name", "upn"])
def test_a_guest_goes_on_and_is_said_to_be_one(answer: str, tmp_path: Path) -> None:
    session = opened(tmp_path, GUEST, guest_token=answer)
    assert f"{GUEST_HERE} · a guest of this tenant · Application Administrator" in card(session)
    assert "May set policies ✓ yes" in card(session)


@pytest.mark.parametrize("answer", ["404", "403"])
def test_a_partners_delegate_goes_on_with_what_cannot_be_told(answer: str, tmp_path: Path) -> None:
    shown = card(opened(tmp_path, DELEGATE, delegate_me=answer))
    assert "no account of this tenant: a partner’s delegate (GDAP), as far as can be told" in shown
    assert "May set policies ! not known" in shown
    assert "✗" not in shown


@pytest.mark.parametrize(
    ("user", "scopes", "said"),
    [
        (CUSTOM, "consented", "custom role Flex Deployer: whether it is enough is not known"),
        (SCOPED, "consented", "Application Administrator for a part of the tenant: whether it is enough is not known"),
        (CUSTOM, "asked", "custom and scoped roles may not be read"),
        (SCOPED, "asked", "custom and scoped roles may not be read"),
        (ELIGIBLE, "asked", "custom and scoped roles may not be read"),
    ],
)
def test_a_role_of_another_kind_is_not_called_missing(user: str, scopes: str, said: str, tmp_path: Path) -> None:
    shown = card(opened(tmp_path, user, token_scopes=scopes))
    assert said in shown
    assert "✗" not in shown


def test_a_role_that_is_not_activated_is_named_where_roles_may_be_read(tmp_path: Path) -> None:
    shown = card(opened(tmp_path, ELIGIBLE, token_scopes="consented"))
    assert "May set policies ✗ no" in shown
    assert "(Application Administrator, not activated)" in shown


def test_a_group_that_may_hold_roles_leaves_it_open_which(tmp_path: Path) -> None:
    async def look() -> str:
        stage = Stage(tmp_path, world=World(quirks={"token_scopes": "consented"}), changes={"sign_in": {"user": BO}})
        group = next(each for each in stage.world.store.all("group") if each["displayName"] == "Flex Agents")
        stage.world.store.put("group", group["id"], group | {"isAssignableToRole": True}, at=stage.world.clock.now)
        return card(await stage.open(apply=False))

    assert "May set policies ! not known" in asyncio.run(look())
    assert "May set policies ✗ no" in card(opened(tmp_path, BO, token_scopes="consented"))


def test_a_guest_may_be_expected_by_the_name_at_home_and_nobody_else_gets_in(tmp_path: Path) -> None:
    assert opened(tmp_path, GUEST_HERE).principal.kind == "guest"
    assert opened(tmp_path, GUEST.upper()).principal.kind == "guest"


class Instead:
    """The application, but for one path."""

    def __init__(self, path: str, answer: Any) -> None:
        self.path, self.answer = path, answer

    def __call__(self, app: Any) -> Any:
        async def answered(scope: Any, receive: Any, send: Any) -> None:
            await (self.answer if scope["path"].startswith(self.path) else app)(scope, receive, send)

        return answered


def error(status: int) -> JSONResponse:
    return JSONResponse({"error": {"code": "x", "message": "no"}}, status)


ODD = {
    "400": error(400), "403": error(403), "404": error(404), "500": error(500),
    "html": PlainTextResponse("<html>hotspot</html>"), "empty": PlainTextResponse(""), "list": JSONResponse([1]),
    "two": JSONResponse({"value": [{}, {}]}), "half": JSONResponse({"id": "x"}),
}  # fmt: skip
READS = ["/v1.0/me", "/v1.0/me/transitiveMemberOf", "/v1.0/roleManagement"]


@pytest.mark.thinned(6)
@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("odd", ODD)
def test_whatever_these_reads_come_to_nobody_is_stopped_and_nothing_is_called_missing(
    path: str, odd: str, tmp_path: Path
) -> None:
    session = opened(tmp_path, app=Instead(path, ODD[odd]), token_scopes="consented")
    shown = card(session)
    assert "✗" not in shown
    if path == "/v1.0/roleManagement":
        assert "May set policies ✓ yes" in shown


def test_where_me_cannot_be_read_the_token_is_named_and_proves_nothing(tmp_path: Path) -> None:
    session = opened(tmp_path, app=Instead("/v1.0/me", error(500)))
    assert (session.principal.kind, session.principal.roles) == ("not known", ())
    assert f"{ADA} · who this is could not be read" in card(session)


def test_another_tenants_organization_is_refused_where_the_token_tells_no_tenant(tmp_path: Path) -> None:
    there = JSONResponse({"value": [{"id": "f1e55000-0000-4000-8000-000000000002", "verifiedDomains": []}]})
    with pytest.raises(SignInError, match="answered for tenant f1e55000-0000-4000-8000-000000000002"):
        opened(tmp_path, app=Instead("/v1.0/organization", there), token_claims="opaque")
    assert opened(tmp_path, app=Instead("/v1.0/organization", error(400))).organization.startswith("f1e55000")

"""From claims to workers: every rule of provisioning, and what each open question changes."""

import json
from typing import Any

import pytest
from flex_signer import Response
from flex_stage import Checks, Make, Stage, error, shown, signed_in, stage_without

from flexsso_helpers.rehearsal.flex import identity as flex_identity
from flexsso_helpers.rehearsal.flex import seed, workers

CHECKS = Checks()
BO = Response().claims
EMAIL_CLAIM = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
FORMAT = "400 Error invalid attribute format"


def claims(**more: Any) -> dict[str, Any]:
    return {**BO, **{name.replace("__", "."): value for name, value in more.items()}}


def without(name: str) -> dict[str, Any]:
    return {other: value for other, value in BO.items() if other != name}


def failed(stage: Stage, code: str, answer: Any) -> None:
    """The person sees the code, and the workspace is as it was."""
    assert code in error(answer), f"{error(answer)!r}, log {stage.logged}"
    assert stage.names() == []


@CHECKS("F68")
def bare_exact_names(make: Make) -> None:
    for misnamed in ({"Roles": "agent", **without("roles")}, {EMAIL_CLAIM: "bo@contoso.com", **without("email")}):
        stage = make()
        failed(stage, "45050", stage.sign_on(claims=misnamed))
    stage = make()
    assert signed_in(stage.sign_on(claims={**BO, EMAIL_CLAIM: "other@contoso.com", "urn:x": "y"}))
    assert stage.attributes()["email"] == BO["email"]
    assert set(stage.attributes()) == {*BO, "contact_uri"}
    filling = make(namespaced_emailaddress="fills_email")
    assert signed_in(filling.sign_on(claims={**without("email"), EMAIL_CLAIM: "bo@contoso.com"}))
    assert filling.attributes()["email"] == "bo@contoso.com"


@CHECKS("F69")
def mandatory(make: Make) -> None:
    for name in ("roles", "full_name", "email"):
        stage = make()
        failed(stage, "45050", stage.sign_on(claims=without(name)))
        failed(stage, "45050", stage.sign_on(claims={**BO, name: ""}))
    assert signed_in(make(empty_mandatory="accept").sign_on(claims={**BO, "full_name": ""}))


@CHECKS("F70")
def nobody_named(make: Make) -> None:
    for quirk in ("45050", "70252"):
        stage = make(no_nameid=quirk)
        failed(stage, quirk, stage.sign_on(name_id=None))
        assert stage.logged["rule"] == "F70"


@CHECKS("F71")
def role_shapes(make: Make) -> None:
    for sent in (["agent", "supervisor"], "agent, supervisor", ["agent,supervisor"]):
        stage = make()
        assert signed_in(stage.sign_on(claims=claims(roles=sent)))
        assert stage.attributes()["roles"] == ["agent", "supervisor"]
    untrimmed = make(trim_roles="false")
    untrimmed.sign_on(claims=claims(roles="agent, supervisor"))
    assert untrimmed.attributes()["roles"] == ["agent", " supervisor"]


@CHECKS("F72")
def stored_roles(make: Make) -> None:
    as_list = make()
    as_list.sign_on(claims=claims(roles="agent"))
    assert as_list.attributes()["roles"] == ["agent"]
    as_received = make(roles_shape="as_received")
    as_received.sign_on(claims=claims(roles="agent, supervisor"))
    assert as_received.attributes()["roles"] == "agent, supervisor"


@CHECKS("F73")
def unknown_role(make: Make) -> None:
    stage = make()
    assert signed_in(stage.sign_on(claims=claims(roles="Agent")))
    assert stage.attributes()["roles"] == ["Agent"]
    for code in ("45050", "70253"):
        strict = make(unknown_role=code)
        failed(strict, code, strict.sign_on(claims=claims(roles="Agent")))


@CHECKS("F74")
def effective_role(make: Make) -> None:
    cases = (["agent", "admin"], "admin"), (["agent", "supervisor"], "supervisor"), (["Admin"], "agent")
    for sent, works_as in cases:
        assert shown(make().sign_on(claims=claims(roles=sent)), "effective-role") == works_as


@CHECKS("F75")
def read_only_admin(make: Make) -> None:
    answer = make().sign_on(claims=claims(roles=["agent", "flex.readonlyadmin"]))
    assert shown(answer, "roles") == "agent"


@CHECKS("F76")
def insights(make: Make) -> None:
    for role, outcome in (("agent", "refused"), ("supervisor", "open")):
        answer = make().sign_on(claims=claims(roles=[role, "wfo.dashboard_viewer"]))
        assert shown(answer, "insights") == outcome
    assert shown(make().sign_on(), "insights") == "none"


@CHECKS("F77")
def typed(make: Make) -> None:
    sent = claims(
        skill__int="7", vip__boolean="true", languages__stringarray=["en", "de"], floors__intarray="1,2",
        shifts__booleanarray=["true", "false"], desk__string="12",
    )  # fmt: skip
    stage = make()
    assert signed_in(stage.sign_on(claims=sent))
    held = {name: value for name, value in stage.attributes().items() if name not in {*BO, "contact_uri"}}
    assert held == {
        "skill": 7,
        "vip": True,
        "languages": ["en", "de"],
        "floors": [1, 2],
        "shifts": [True, False],
        "desk": "12",
    }
    kept = make(strip_suffix="false")
    kept.sign_on(claims=claims(skill__int="7"))
    assert kept.attributes()["skill.int"] == 7


@CHECKS("F78")
def badly_typed(make: Make) -> None:
    for name, value in (("skill.int", "a"), ("skill.int", "1.23"), ("vip.boolean", "yes"), ("floors.intarray", "1,x")):
        stage = make()
        failed(stage, FORMAT, stage.sign_on(claims={**BO, name: value}))
    stage = make()
    assert signed_in(stage.sign_on())
    before = stage.worker()
    stage.sign_on(claims={**BO, "full_name": "Bo Other", "skill.int": "a"})
    assert stage.worker() == before


@CHECKS("F79")
def channels(make: Make) -> None:
    stage = make()
    assert signed_in(stage.sign_on(claims=claims(channel__chat__capacity="3", channel__chat__availability="false")))
    worker = stage.worker()
    assert worker is not None
    workspace = stage.sdk.taskrouter.v1.workspaces(seed.WORKSPACE_SID)
    chat = {each.task_channel_unique_name: each for each in workspace.workers(worker["sid"]).worker_channels.list()}[
        "chat"
    ]
    assert (chat.configured_capacity, chat.available) == (3, False)
    assert not [name for name in stage.attributes() if name.startswith("channel")]
    for name, value in (("channel.fax.capacity", "1"), ("channel.chat.capacity", "many"), ("channel.chat.colour", "1")):
        refusing = make()
        failed(refusing, FORMAT, refusing.sign_on(claims={**BO, name: value}))
    assert signed_in(make(unknown_channel="ignore").sign_on(claims=claims(channel__fax__capacity="1")))


@CHECKS("F80")
def dotted(make: Make) -> None:
    flat = make()
    flat.sign_on(claims=claims(routing__skills="a"))
    assert flat.attributes()["routing.skills"] == "a"
    nested = make(dotted="nested")
    nested.sign_on(claims=claims(routing__skills="a"))
    assert nested.attributes().get("routing") == {"skills": "a"}
    refusing = make(dotted="400")
    failed(refusing, FORMAT, refusing.sign_on(claims=claims(routing__skills="a")))


@CHECKS("F81")
def first_login(make: Make) -> None:
    stage = make()
    answer = stage.sign_on()
    assert shown(answer, "full-name") == "Bo Agent"
    assert stage.names() == ["bo.agent@contoso.com"]
    assert stage.attributes() == {**BO, "contact_uri": "client:bo_2Eagent_40contoso_2Ecom"}
    assert stage.billed == 1
    other = make(friendly_name="full_name")
    other.sign_on()
    assert other.names() == ["Bo Agent"]


@CHECKS("F82")
def escaped(make: Make) -> None:
    stage = make()
    stage.sign_on(name_id="zoë_1@contoso.com")
    assert stage.attributes("zoë_1@contoso.com")["contact_uri"] == "client:zo_C3_AB_5F1_40contoso_2Ecom"
    kept = make(escape_underscore="false")
    kept.sign_on(name_id="a_1@contoso.com")
    assert kept.attributes("a_1@contoso.com")["contact_uri"] == "client:a_1_40contoso_2Ecom"


@CHECKS("F83")
def overwritten(make: Make) -> None:
    stage = make()
    stage.sign_on()
    first = stage.worker()
    stage.sign_on(claims=claims(full_name="Bo Renamed", roles=["supervisor"]))
    again = stage.worker()
    assert first is not None
    assert again is not None
    assert again["sid"] == first["sid"]
    assert stage.attributes()["full_name"] == "Bo Renamed"
    assert stage.attributes()["roles"] == ["supervisor"]
    assert stage.billed == 1


@CHECKS("F84")
def cleared(make: Make) -> None:
    for quirk, left in (("empty_string", {"phone": ""}), ("null", {"phone": None}), ("removed", {})):
        stage = make(cleared_as=quirk)
        stage.sign_on(claims=claims(phone="+1", level__int="3"))
        stage.sign_on()
        assert stage.attributes()["phone"] == "+1"
        assert signed_in(stage.sign_on(claims=claims(phone="", level__int="")))
        assert {name: value for name, value in stage.attributes().items() if name == "phone"} == left


@CHECKS("F85")
def by_hand(make: Make) -> None:
    stage = make()
    stage.sign_on()
    worker = stage.worker()
    assert worker is not None
    by_hand = {**stage.attributes(), "note": "by hand", "roles": ["admin"]}
    stage.sdk.taskrouter.v1.workspaces(seed.WORKSPACE_SID).workers(worker["sid"]).update(attributes=json.dumps(by_hand))
    stage.sign_on()
    assert stage.attributes().get("note") == "by hand"
    assert stage.attributes()["roles"] == ["agent"]


@CHECKS("F86")
def another_name(make: Make) -> None:
    stage = make()
    stage.sign_on()
    stage.sign_on(name_id="pairwise-1")
    assert stage.names() == ["bo.agent@contoso.com", "pairwise-1"]
    assert stage.billed == 2


@CHECKS("F87")
def letter_case(make: Make) -> None:
    same = make()
    same.sign_on()
    assert signed_in(same.sign_on(name_id="Bo.Agent@contoso.com"))
    assert (same.names(), same.billed) == (["bo.agent@contoso.com"], 1)
    new = make(nameid_case="new_user", preexisting_worker="duplicate")
    new.sign_on()
    new.sign_on(name_id="Bo.Agent@contoso.com")
    assert new.billed == 2
    conflict = make(nameid_case="conflict")
    conflict.sign_on()
    assert "45050" in error(conflict.sign_on(name_id="Bo.Agent@contoso.com"))


@CHECKS("F88")
def console_login(make: Make) -> None:
    stage = make()
    name_id, full_name, _ = seed.CONSOLE_USERS[0]
    sent = {"roles": ["agent"], "full_name": full_name, "email": name_id}
    assert signed_in(stage.sign_on(name_id=name_id, claims=sent))
    same_mail = [each for each in workers.workers(stage.world) if workers.attributes(each)["email"] == name_id]
    assert [workers.attributes(each)["roles"] for each in same_mail] == [["admin", "wfo.full_access"], ["agent"]]
    assert stage.billed == 1


@CHECKS("F89")
def made_again(make: Make) -> None:
    stage = make()
    stage.sign_on()
    worker = stage.worker()
    assert worker is not None
    assert stage.sdk.taskrouter.v1.workspaces(seed.WORKSPACE_SID).workers(worker["sid"]).delete()
    assert stage.names() == []
    assert signed_in(stage.sign_on())
    again = stage.worker()
    assert again is not None
    assert again["sid"] != worker["sid"]
    assert stage.billed == 1


@CHECKS("F90")
def made_by_api(make: Make) -> None:
    def stage_with_worker(**quirks: str) -> Stage:
        stage = make(**quirks)
        stage.sdk.taskrouter.v1.workspaces(seed.WORKSPACE_SID).workers.create(friendly_name="bo.agent@contoso.com")
        return stage

    conflict = stage_with_worker()
    assert "45050" in error(conflict.sign_on())
    assert conflict.attributes() == {}
    adopting = stage_with_worker(preexisting_worker="adopt")
    assert signed_in(adopting.sign_on())
    assert adopting.names() == ["bo.agent@contoso.com"]
    double = stage_with_worker(preexisting_worker="duplicate")
    assert signed_in(double.sign_on())
    assert double.names() == ["bo.agent@contoso.com"] * 2


@CHECKS("F91")
def too_long(make: Make) -> None:
    for quirk, code in (("400", FORMAT), ("45050", "45050")):
        stage = make(too_long=quirk)
        failed(stage, code, stage.sign_on(claims=claims(note="x" * 4000)))
        room = 4096 - len(workers.as_text({**BO, "contact_uri": "client:bo_2Eagent_40contoso_2Ecom", "note": ""}))
        assert signed_in(stage.sign_on(claims=claims(note="x" * room)))


@CHECKS("F92")
def long_name(make: Make) -> None:
    name_id = "n" * 60 + "@contoso.com"
    stage = make()
    failed(stage, FORMAT, stage.sign_on(name_id=name_id))
    cut = make(long_name="truncate")
    assert signed_in(cut.sign_on(name_id=name_id))
    assert cut.names() == [name_id[:64]]


@CHECKS("F93")
def worker_limit(make: Make) -> None:
    stage = make()
    home = {**workers.account(stage.world), "max_workers": len(seed.CONSOLE_USERS)}
    stage.world.store.put("flex_account", home["sid"], home, at=stage.world.clock.now)
    failed(stage, "14240", stage.sign_on())


@CHECKS("F94")
def team(make: Make) -> None:
    for sent, kept in (("Contoso Care", "Contoso Care"), ("", "default")):
        stage = make()
        assert signed_in(stage.sign_on(claims=claims(team_member=sent)))
        users = [user for user in stage.world.store.all("flex_user") if user["via"] == "sso"]
        assert [user.get("team") for user in users] == [kept]
    for wrong in ("contoso care", ["default", "Contoso Care"]):
        stage = make()
        failed(stage, FORMAT, stage.sign_on(claims=claims(team_member=wrong)))


@CHECKS("F95")
def own_contact(make: Make) -> None:
    stage = make()
    stage.sign_on(claims=claims(contact_uri="sip:bo@example.com"))
    assert stage.attributes()["contact_uri"] == "sip:bo@example.com"


@CHECKS("F96")
def hyphen(make: Make) -> None:
    stage = make()
    assert signed_in(stage.sign_on(claims=claims(object_id="1-2")))
    assert stage.logged.get("rule") == "F96"
    assert "object_id" in stage.logged["text"]


@pytest.mark.parametrize("number", CHECKS)
def test_rule_holds(number: str) -> None:
    CHECKS[number](stage_without())


@pytest.mark.thinned(3)
@pytest.mark.parametrize("number", CHECKS)
def test_the_check_of_a_rule_fails_without_the_rule(number: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS[number](stage_without(number))


@pytest.mark.parametrize(
    ("name_id", "identity"),
    [
        ("ada.l@example.org", "ada_2El_40example_2Eorg"),
        ("Abc123", "Abc123"),
        ("x_#EXT#@y", "x_5F_23EXT_23_40y"),
        ("ü", "_C3_BC"),
        ("", ""),
    ],
)
def test_identities_are_escaped_byte_by_byte(name_id: str, identity: str) -> None:
    assert flex_identity.escape(name_id) == identity

"""What an account may do: yes and no where that is known for sure, and otherwise not known."""

import pytest

from flexsso_helpers.graph import ASSIGNING, ROLE_TITLES, SCOPES, HeldRole, Hint, Principal
from flexsso_helpers.parameters import from_mapping
from flexsso_helpers.session.rights import RIGHTS, asked_of, rights_for

GLOBAL, APPLICATION, CLOUD_APPLICATION = ROLE_TITLES
ALL = frozenset(scope for right in RIGHTS for scope in right.scopes)
CUSTOM = HeldRole(title="Flex Deployer")
SCOPED = HeldRole(title="Application Administrator", template_id=APPLICATION, scope="/an-application")
ASLEEP = HeldRole(title="Application Administrator", template_id=APPLICATION, active=False)
OTHER = HeldRole(title="Global Reader", template_id="f2ef992c-3afb-46b9-b7cf-a126ee74c451")


def role(template_id: str) -> HeldRole:
    return HeldRole(title=ROLE_TITLES[template_id], template_id=template_id)


def who(*held: HeldRole, scopes: frozenset[str] | None = ALL, kind: str = "member", all_seen: bool = True) -> Principal:
    return Principal(
        tenant_id="t", object_id="o", name="n", user_name="ada", scopes=scopes, kind=kind, held=held,  # type: ignore[arg-type]
        all_roles_seen=all_seen, hint=Hint(role_ids=frozenset({APPLICATION})),
    )  # fmt: skip


def verdicts(principal: Principal) -> dict[str, str]:
    return {right.words: right.verdict(principal).state for right in RIGHTS}


APPLICATIONS, POLICIES, ASSIGN, READ = (right.words for right in RIGHTS)


@pytest.mark.parametrize("template_id", [GLOBAL, APPLICATION, CLOUD_APPLICATION], ids=ROLE_TITLES.get)
def test_each_administrator_of_applications_may_do_everything(template_id: str) -> None:
    assert set(verdicts(who(role(template_id))).values()) == {"yes"}
    assert set(verdicts(who(role(template_id), all_seen=False)).values()) == {"yes"}


def test_an_application_needs_no_directory_role() -> None:
    assert set(verdicts(who(kind="application", all_seen=False)).values()) == {"yes"}


@pytest.mark.parametrize(
    ("held", "all_seen", "state", "said"),
    [
        ((), True, "no", "directory role Application Administrator or Cloud Application Administrator"),
        ((OTHER,), True, "no", "directory role"),
        ((ASLEEP,), True, "no", "(Application Administrator, not activated)"),
        ((), False, "not known", "custom and scoped roles may not be read"),
        ((OTHER,), False, "not known", "custom and scoped roles may not be read"),
        ((ASLEEP,), False, "not known", "Application Administrator, not activated; other roles may not be read"),
        ((CUSTOM,), True, "not known", "custom role Flex Deployer: whether it is enough is not known"),
        ((SCOPED,), True, "not known", "Application Administrator for a part of the tenant"),
    ],
    ids=["none", "another", "eligible", "none-seen", "another-seen", "eligible-seen", "custom", "scoped"],
)
def test_a_role_that_cannot_be_told_is_not_known_and_never_no(
    held: tuple[HeldRole, ...], all_seen: bool, state: str, said: str
) -> None:
    principal = who(*held, all_seen=all_seen)
    assert verdicts(principal) == {APPLICATIONS: state, POLICIES: state, ASSIGN: state, READ: "yes"}
    assert said in " ".join(RIGHTS[0].verdict(principal).why)
    assert bool(RIGHTS[0].missing(principal)) == (state == "no")


@pytest.mark.parametrize("kind", ["delegate", "not known"])
def test_of_somebody_without_an_account_the_token_is_quoted_and_proves_nothing(kind: str) -> None:
    verdict = RIGHTS[0].verdict(who(kind=kind, all_seen=False))
    assert verdict.state == "not known"
    assert verdict.why == ("directory roles may not be read; the token names Application Administrator",)


@pytest.mark.parametrize("scope", sorted(ALL))
def test_each_permission_that_is_lacking_for_sure_is_named(scope: str) -> None:
    held = (
        ALL - {scope}
        if scope != "Policy.Read.All"
        else frozenset(ALL - {scope, "Policy.ReadWrite.ApplicationConfiguration"})
    )
    told = [right.verdict(who(role(APPLICATION), scopes=held)) for right in RIGHTS if scope in right.scopes]
    if scope == ASSIGNING:  # Application.ReadWrite.All, which is held, may be enough
        assert [verdict.state for verdict in told] == ["not known"]
    else:
        assert [verdict.state for verdict in told] == ["no"]
        assert f"permission {scope}" in told[0].why


def test_without_a_word_about_permissions_none_is_lacking() -> None:
    assert set(verdicts(who(role(APPLICATION), scopes=None)).values()) == {"not known"}


@pytest.mark.parametrize(
    ("instead", "of", "right", "state"),
    [
        ("User.ReadWrite.All", "User.Read.All", READ, "yes"),
        ("Directory.Read.All", "User.Read.All", READ, "yes"),
        ("Directory.ReadWrite.All", "User.Read.All", READ, "yes"),
        ("User.ReadBasic.All", "User.Read.All", READ, "not known"),
        ("User.Read", "User.Read.All", READ, "no"),
        ("Group.Read.All", "GroupMember.Read.All", READ, "yes"),
        ("Group.ReadWrite.All", "GroupMember.Read.All", READ, "yes"),
        ("Directory.Read.All", "GroupMember.Read.All", READ, "yes"),
        ("Directory.ReadWrite.All", "GroupMember.Read.All", READ, "not known"),
        ("Policy.ReadWrite.ApplicationConfiguration", "Policy.Read.All", POLICIES, "yes"),
        ("Application.ReadWrite.OwnedBy", "Application.ReadWrite.All", APPLICATIONS, "not known"),
        ("Directory.ReadWrite.All", "Application.ReadWrite.All", APPLICATIONS, "not known"),
        ("Application.Read.All", "Application.ReadWrite.All", APPLICATIONS, "no"),
        ("Application.ReadWrite.All", ASSIGNING, ASSIGN, "not known"),
    ],
)
def test_another_permission_counts_as_what_it_is(instead: str, of: str, right: str, state: str) -> None:
    held = ALL - {of} | {instead}
    assert verdicts(who(role(APPLICATION), scopes=frozenset(held)))[right] == state


TENANT = {
    "name": "contoso", "title": "Contoso", "cloud": "global", "tenant_id": "11111111-2222-4333-8444-555555555555",
    "flex": {"account_sid": "AC0123456789abcdef0123456789abcdef", "api_key": "SK0123456789abcdef0123456789abcdef",
             "api_secret": "env:TWILIO_API_SECRET"},
}  # fmt: skip
SOMEBODY = {"assignments": {"users": [{"user": "ada@contoso.com", "role": "admin"}]}}


@pytest.mark.parametrize(
    ("more", "apply", "asked"),
    [
        ({}, True, False), ({}, None, True), ({}, False, True), (SOMEBODY, True, True),
        ({"assignments": {"exact": True}}, True, True),
        ({"assignments": {"groups": [{"group": "Agents", "role": "agent"}]}}, True, True),
    ],
    ids=["nobody-approved", "nobody-yet", "only-looks", "somebody", "takes-off", "groups"],
)  # fmt: skip
def test_the_strongest_permission_is_asked_for_only_where_somebody_is_or_may_yet_be_assigned(
    more: dict[str, object], apply: bool | None, asked: bool
) -> None:
    scopes = asked_of(from_mapping(TENANT | more), apply=apply)
    assert (ASSIGNING in scopes) is asked
    assert ASSIGNING in asked_of(from_mapping(TENANT | more), apply=apply, assigns=True)
    assert set(SCOPES) - set(scopes) == (set() if asked else {ASSIGNING})
    assert [right.words for right in rights_for(scopes)] == [
        words for words in (APPLICATIONS, POLICIES, ASSIGN, READ) if asked or words != ASSIGN
    ]

import pytest

from flexsso_helpers.saml.worker import ROLE_NAMES, BadClaim, escape_identity, expected_worker, split_roles, typed_value


@pytest.mark.parametrize(
    ("name_id", "escaped"),
    [
        ("ada.l@example.org", "ada_2El_40example_2Eorg"),
        ("Ada9", "Ada9"),
        ("a_b", "a_5Fb"),
        ("a b+c#", "a_20b_2Bc_23"),
        ("é", "_C3_A9"),
        ("", ""),
    ],
)
def test_the_identity_is_escaped_byte_by_byte(name_id: str, escaped: str) -> None:
    assert escape_identity(name_id) == escaped


def test_the_underscore_may_stay() -> None:
    assert escape_identity("a_b@c", escape_underscore=False) == "a_b_40c"


@pytest.mark.parametrize(
    ("values", "roles"),
    [
        (("admin",), ("admin",)),
        (("wfo.full_access", "admin"), ("wfo.full_access", "admin")),
        (("agent, supervisor,admin",), ("agent", "supervisor", "admin")),
        ((" agent ", "agent", ""), ("agent",)),
        ((), ()),
    ],
    ids=str,
)
def test_roles_come_as_elements_or_as_one_text(values: tuple[str, ...], roles: tuple[str, ...]) -> None:
    assert split_roles(values) == roles


def test_there_are_three_flex_roles_and_seven_of_insights() -> None:
    assert ROLE_NAMES[:3] == ("admin", "supervisor", "agent")
    assert len([name for name in ROLE_NAMES if name.startswith("wfo.")]) == 7


def test_a_first_sign_on_makes_this_worker() -> None:
    claims = {
        "email": ("ada@contoso.com",),
        "full_name": ("Ada Admin",),
        "roles": ("admin, wfo.full_access",),
        "level.int": ("-3",),
        "remote.boolean": ("True",),
        "languages.stringarray": ("en,de", "fr"),
        "numbers.intarray": ("1", "2"),
        "flags.booleanarray": ("true,false",),
        "note.string": ("plain",),
        "several": ("a", "b"),
        "cleared": (),
        "channel.chat.capacity": ("2",),
        "channel.chat.availability": ("false",),
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname": ("Admin",),
        "urn:x": ("y",),
    }
    assert expected_worker("ada@contoso.com", claims) == {
        "friendly_name": "ada@contoso.com",
        "attributes": {
            "email": "ada@contoso.com",
            "full_name": "Ada Admin",
            "roles": ["admin", "wfo.full_access"],
            "level": -3,
            "remote": True,
            "languages": ["en", "de", "fr"],
            "numbers": [1, 2],
            "flags": [True, False],
            "note": "plain",
            "several": ["a", "b"],
            "cleared": "",
            "contact_uri": "client:ada_40contoso_2Ecom",
        },
        "channels": {"chat": {"capacity": 2, "availability": False}},
    }


def test_an_asserted_contact_uri_wins() -> None:
    worker = expected_worker("ada@contoso.com", {"contact_uri": ("sip:ada@contoso.com",)})
    assert worker["attributes"] == {"contact_uri": "sip:ada@contoso.com"}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("skill.int", ("a",)),
        ("skill.int", ("1.23",)),
        ("skill.int", ("",)),
        ("skill.int", ("1", "2")),
        ("skill.int", ("٣",)),
        ("skill.int", ("9" * 5000,)),
        ("on.boolean", ("yes",)),
        ("numbers.intarray", ("1,b",)),
        ("flags.booleanarray", ("true", "no")),
    ],
    ids=str,
)
def test_a_value_of_another_type_is_refused(name: str, values: tuple[str, ...]) -> None:
    with pytest.raises(BadClaim) as error:
        typed_value(name, values)
    assert name in error.value.what


def test_a_channel_with_a_bad_capacity_is_refused() -> None:
    with pytest.raises(BadClaim):
        expected_worker("ada@contoso.com", {"channel.chat.capacity": ("many",)})

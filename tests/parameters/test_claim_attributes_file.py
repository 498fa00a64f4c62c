"""Further attributes in a tenant's file: what is refused, where, and with which words."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import claim_names, load
from flexsso_helpers.rehearsal.directory.policy_definitions import USER_IDS
from flexsso_helpers.rehearsal.flex import claims
from flexsso_helpers.rehearsal.server.server import app_for
from flexsso_helpers.rehearsal.world.world import World
from flexsso_helpers.saml.worker import expected_worker

Write = Callable[[str | bytes], Path]
WORLD = World()
app_for(WORLD, nonce="stage")  # declares the rules
FIRST = 29
"""The line of the first entry."""

# (entries, line below the first entry, words in the message)
WRONG = {
    "namespace": ("{name: https://x.example/job, source: user.jobtitle}", 0, "attributes[1].name has a namespace"),
    "one of the four": ("{name: Email, source: user.mail}", 0, "is one of the claims that Flex always gets (email)"),
    "one of the four, typed": ("{name: roles.stringarray, source: user.city}", 0, "always gets (roles)"),
    "reserved": ("{name: contact_uri, source: user.mail}", 0, "is reserved: Flex sets contact_uri itself"),
    "reserved, typed": ("{name: routing.string, source: user.city}", 0, "is reserved: Flex sets routing"),
    "too long": (f"{{name: {'n' * 129}, source: user.city}}", 0, "has more than 128 characters"),
    "hyphen": ("{name: cost-centre, source: user.city}", 0, "may have letters, digits and underscores only"),
    "blank": ('{name: "cost centre", source: user.city}', 0, "may have letters, digits and underscores only"),
    "type in words": ("{name: skill.integer, source: user.city}", 0, "did you mean skill.int?"),
    "type in upper case": ("{name: skill.INT, source: user.city}", 0, "did you mean skill.int?"),
    "no type": ("{name: routing_.skills, source: user.city}", 0, "ends in .skills, which is no type of Flex"),
    "two dots": ("{name: a.b.int, source: user.city}", 0, "has several dots"),
    "channel": ("{name: channel.chat.size, source: user.city}", 0, "write channel.NAME.capacity or channel.NAME.avail"),
    "channel, typed": ("{name: channel.chat.capacity.int, source: user.city}", 0, "is no setting of a channel"),
    "source of Graph": (
        "{name: a, source: jobTitle}",
        0,
        "source is written otherwise in a claims policy; write user.jo",
    ),
    "source by its path": (
        "{name: a, source: onPremisesExtensionAttributes.extensionAttribute7}",
        0,
        "write user.extensionattribute7",
    ),
    "source misspelt": ("{name: a, source: user.departement}", 0, "did you mean user.department?"),
    "roles again": ("{name: a, source: user.assignedroles}", 0, "is what the claim roles is made of already"),
    "extension cut short": ("{name: a, source: extension_site}", 0, "is not the whole name of an extension property"),
    "no source": ("{name: a}", 0, "attributes[1] says not where its value comes from"),
    "source and value": ("{name: a, source: user.city, value: x}", 0, "attributes[1].value stands beside source"),
    "value of another type": ("{name: a.int, value: many}", 0, "is not whole numbers, as .int in the name demands"),
    "list of another type": ("{name: a.booleanarray, value: 'true, ja'}", 0, "is not true or false"),
    "twice": ("{name: a, value: x}\n    - {name: a, value: y}", 1, "is a, and an earlier entry is a"),
    "twice by case": ("{name: Site, value: x}\n    - {name: site, value: y}", 1, "is site, and an earlier entry is Si"),
    "twice by type": ("{name: a.int, value: '1'}\n    - {name: a, value: y}", 1, "is a, and an earlier entry is a.int"),
    "unknown key": ("{name: a, claim: user.city}", 0, "claim is unknown"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_what_flex_or_entra_would_not_take_is_refused_by_line(
    fabrikam: Write, good: str, case: tuple[str, int, str]
) -> None:
    entries, line, words = case
    with pytest.raises(ParametersError) as caught:
        load(fabrikam(f"{good}  attributes:\n    - {entries}\n"))
    assert words in str(caught.value)
    assert f"line {FIRST + line}" in str(caught.value)


def test_more_than_entra_issues_are_refused(fabrikam: Write, good: str) -> None:
    many = "".join(f"    - {{name: a{n}, value: x}}\n" for n in range(47))
    with pytest.raises(ParametersError, match="attributes has 47 entries; at most 46 are possible"):
        load(fabrikam(f"{good}  attributes:\n{many}"))


def test_an_acknowledgement_stands_once(fabrikam: Write, good: str) -> None:
    with pytest.raises(ParametersError, match="stands in this list a second time"):
        load(fabrikam(f"{good}  claims:\n    acknowledged: [a, A]\n"))


def test_the_page_is_kept_in_the_global_cloud_only(fabrikam: Write, good: str) -> None:
    text = good.replace("cloud: global", "cloud: china") + "  claims:\n    store: portal_policy\n"
    with pytest.raises(ParametersError, match="store is portal_policy, which only the global cloud has"):
        load(fabrikam(text))


def test_every_source_is_one_that_entra_takes_in_a_policy() -> None:
    assert set(claim_names.USER_PROPERTIES) <= USER_IDS


names = st.from_regex(re.compile(f"^(?:{claim_names.NAME})$", re.ASCII), fullmatch=True).filter(
    lambda name: len(name) < 60 and not {name.lower().split(".")[0]} & {*claim_names.PASSED_ALREADY, "contact_uri"}
)
texts = st.text(st.characters(codec="ascii", categories=["L", "N"], include_characters=" ,.-"), min_size=1, max_size=20)


@given(
    names, st.one_of(texts, st.integers(-99, 10**6).map(str), st.sampled_from(["true", "FALSE", "1,2", "true,false"]))
)
def test_flex_takes_what_the_file_takes_and_calls_it_as_foreseen(name: str, value: str) -> None:
    try:
        claim_names.attribute(name)
    except ValueError:
        return
    if claim_names.misfit(name, value):
        return
    sent: dict[str, claims.Value] = {"email": "a@x.example", "full_name": "A", "roles": "agent", name: value}
    made = claims.read(sent, WORLD.rules, WORLD.quirks)
    foreseen = expected_worker("a@x.example", {key: (str(each),) for key, each in sent.items()})
    own = {key: each for key, each in foreseen["attributes"].items() if key != "contact_uri"}  # type: ignore[attr-defined]
    assert made.attributes == own
    assert made.channels == foreseen["channels"]
    if not name.startswith("channel."):
        assert claim_names.split(name)[0] in made.attributes

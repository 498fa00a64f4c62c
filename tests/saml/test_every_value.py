"""Whatever stands in any one place of a response, signed as it stands, the judge answers (S03-S81 never raise)."""

import json
from datetime import UTC, datetime

import pytest
import saml_forge as forge
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from flexsso_helpers.commands.judge import judge_given
from flexsso_helpers.saml.diagnosis import judge

PLAIN = forge.Forge().plain()
ROOT = etree.fromstring(PLAIN)
PLACES = [
    *((number, name) for number, each in enumerate(ROOT.iter(etree.Element)) for name in each.attrib),
    *((number, "") for number, each in enumerate(ROOT.iter(etree.Element)) if not len(each)),
]
"""Every attribute of every element, and every element that has a text."""

MOMENTS = (
    "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "2026-11-02T24:00:00Z", "2026-02-30T00:00:00Z", "2026-11-02T08:00:00+99:99", "٢٠٢٦-11-02T08:00:00Z",
    "-0044-03-15T00:00:00Z", "12026-11-02T08:00:00Z", "2026-11-02T08:00:00." + "9" * 400 + "Z", "2016-12-31T23:59:60Z",
)  # fmt: skip
TEXTS = (
    "", " ", "\n", "\u202e", "\ud7ff\ue000", "𝕏" * 300, "%", "%ZZ%00", "a" * 70_000, "-" * 5000, "," * 5000,
    "<&>\"'", "]]>", "{}", "{{0}}", "[red]x[/red]", "file:///etc/passwd", "javascript:alert(1)", "urn:spn:", "0" * 5000,
    "٣", "-٣", "1e999", "NaN", "JQ" + "0" * 32, "AADSTS" + "5" * 5000,
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(MOMENTS + TEXTS),
    st.datetimes().map(lambda at: at.isoformat() + "Z"),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufffe\uffff")),
)
SHORT_OF_LAST, FIRST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)


def written(places: dict[tuple[int, str], str]) -> bytes:
    """The response with these values, signed after they were written."""

    def edit(text: str) -> str:
        root = etree.fromstring(text)
        elements = list(root.iter(etree.Element))
        for (number, name), value in places.items():
            if name:
                elements[number].set(name, value)
            else:
                elements[number].text = value
        return etree.tostring(root, encoding="unicode")

    return forge.Forge().but(before_signing=edit).xml()


def answered(xml: bytes, **changes: object) -> None:
    expected = forge.expected(**changes)
    judgement = judge(xml, expected)
    assert judgement.findings
    verdict = judge_given(xml, expected)
    assert verdict.card().text
    assert verdict.card().html
    json.dumps(verdict.as_json()).encode()


@pytest.mark.thinned(6)
@pytest.mark.parametrize("profile", ["flex", "saml"])
@pytest.mark.parametrize("value", MOMENTS + TEXTS, ids=lambda value: ascii(value)[:24])
def test_a_value_at_its_limit_in_every_place(value: str, profile: str) -> None:
    answered(written({place: value for place in PLACES if place[1] not in ("ID", "Version")}), profile=profile)


@settings(max_examples=40, deadline=None)
@given(places=st.dictionaries(st.sampled_from(PLACES), VALUES, min_size=1, max_size=4), at=st.datetimes())
def test_any_values_in_any_places_at_any_time(places: dict[tuple[int, str], str], at: datetime) -> None:
    answered(written(places), at=at.replace(tzinfo=UTC))


@pytest.mark.parametrize("at", [SHORT_OF_LAST, FIRST])
def test_the_first_and_the_last_moment_to_judge_for(at: datetime) -> None:
    answered(forge.Forge().xml(), at=at)


def test_what_net_writes_for_always_is_valid_always() -> None:
    always = (("NotBefore", MOMENTS[1]), ("NotOnOrAfter", MOMENTS[0]))
    judgement = judge(written({place: value for place in PLACES for name, value in always if place[1] == name}),
                      forge.expected())  # fmt: skip
    assert judgement.accepted
    assert {each.check for each in judgement.findings if each.state == "wrong"} == {"S42"}, "its lifetime is unusual"


def swollen(more: str) -> bytes:
    return forge.Forge().but(before_signing=lambda text: text.replace("<AttributeStatement>", more)).xml()


@pytest.mark.parametrize(
    ("xml", "refused"),
    [
        (swollen("<AttributeStatement " + " ".join(f'a{n}="x"' for n in range(65)) + ">"), True),
        (swollen("<AttributeStatement " + " ".join(f'a{n}="x"' for n in range(64)) + ">"), False),
        (forge.Forge(name_id="a" * 65_537).xml(), True),
        (forge.Forge(name_id="a" * 65_536).xml(), False),
        (forge.Forge(in_response_to="a" * 65_537).xml(), True),
        (forge.Forge().xml().replace(b"<samlp:Status>", b"<x>" * 300 + b"</x>" * 300 + b"<samlp:Status>"), True),
        (swollen(f"<AttributeStatement>{' ' * 65_537}"), True),
    ],
)
def test_what_is_too_much_for_a_response_is_refused_at_once(xml: bytes, refused: bool) -> None:
    assert ([each.check for each in judge(xml, forge.expected()).findings] == ["S05"]) is refused


@pytest.mark.parametrize(
    ("place", "named"),
    [("<samlp:Extensions>{}</samlp:Extensions>", "Extensions"), ('<x:Odd xmlns:x="urn:x">{}</x:Odd>', "Odd")],
)
def test_a_signature_in_a_foreign_element_is_called_by_its_place(place: str, named: str) -> None:
    stray = place.format(f'<Signature xmlns="{forge.DSIG}"/>')
    xml = forge.Forge().xml().replace(b"<samlp:Status>", stray.encode() + b"<samlp:Status>")
    found = next(each for each in judge(xml, forge.expected()).findings if each.check == "S18" and each.fails)
    assert found.received == f"a Signature inside {named}"


def test_re_formatting_is_claimed_only_where_undoing_it_mends_the_signature() -> None:
    pretty = forge.Forge().xml().replace(b"><", b">\n <")
    titles = {
        each.title
        for xml in (pretty, pretty.replace(b">admin<", b">agent<"))
        for each in judge(xml, forge.expected()).findings
        if each.check == "S17"
    }
    assert sum("re-formatted" in title for title in titles) == 2
    assert len(titles) == 4, "the forged one is called changed or fitting no certificate"

"""Whatever somebody does to a signed response: if it is still believed, it says what was signed."""

from collections.abc import Callable
from copy import deepcopy

import pytest
import saml_forge as forge
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from flexsso_helpers.saml.diagnosis import Judgement, judge
from flexsso_helpers.saml.expected import Expected

SIGNED = {signed: forge.Forge(signed=signed).xml() for signed in ("both", "assertion", "response")}
BELIEVED = {"email": ("ada@contoso.com",), "full_name": ("Ada Admin",), "roles": ("admin",)}
TEXTS = (
    "ada@contoso.com",
    "admin",
    "email",
    "<!---->",
    "Ada",
    "_a2222222",
    "_r1111111",
    "ID=",
    "xmlns",
    "Signature",
    "/>",
)


Way = tuple[str, str, str]
WAYS: list[Way] = [
    (signed, requires, profile)
    for signed in SIGNED
    for requires in ("both", "assertion", "response")
    for profile in ("saml", "flex")
    if signed in (requires, "both")
]
"""What is signed, what is required, and how it is judged: every way in which the unchanged response is accepted."""


def lenient(way: Way) -> Expected:
    """Knows nothing but the certificate, so that nothing but the signatures stands between a lie and belief."""
    _, requires, profile = way
    return Expected(at=forge.NOW, certificates=(forge.certificate(),), profile=profile, requires=requires)


def says_the_truth(judgement: Judgement) -> bool:
    if judgement.name_id is None and not judgement.attributes:
        return not judgement.accepted
    return (judgement.name_id, dict(judgement.attributes)) == ("ada@contoso.com", BELIEVED)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_unchanged_it_is_believed_with_the_least_knowledge(way: Way) -> None:
    judgement = judge(SIGNED[way[0]], lenient(way))
    assert judgement.accepted
    assert says_the_truth(judgement)


@settings(max_examples=60, deadline=None)
@given(way=st.sampled_from(WAYS), at=st.integers(0, 9000), byte=st.integers(0, 255), cut=st.integers(0, 3))
def test_bytes_changed_or_cut(way: Way, at: int, byte: int, cut: int) -> None:
    xml = SIGNED[way[0]]
    at %= len(xml)
    assert says_the_truth(judge(xml[:at] + bytes([byte]) + xml[at + cut :], lenient(way)))


@settings(max_examples=60, deadline=None)
@given(
    way=st.sampled_from(WAYS),
    old=st.sampled_from(TEXTS),
    new=st.sampled_from(TEXTS),
    which=st.integers(0, 5),
)
def test_texts_replaced(way: Way, old: str, new: str, which: int) -> None:
    parts = SIGNED[way[0]].decode().split(old)
    which %= len(parts)
    xml = old.join(parts[:which]) + (new if which else "") + old.join(parts[which:])
    assert says_the_truth(judge(xml.encode(), lenient(way)))


def _duplicate(element: etree._Element, place: etree._Element) -> None:
    place.append(deepcopy(element))


def _before(element: etree._Element, place: etree._Element) -> None:
    if place.getparent() is not None:
        place.addprevious(deepcopy(element))


def _replace(element: etree._Element, place: etree._Element) -> None:
    if place.getparent() is not None:
        place.getparent().replace(place, deepcopy(element))


def _move(element: etree._Element, place: etree._Element) -> None:
    if element is not place and element not in place.iterancestors() and element.getparent() is not None:
        place.append(element)


def _comment(element: etree._Element, place: etree._Element) -> None:
    place.insert(0, etree.Comment(str(etree.QName(element).localname)))


def _forge(element: etree._Element, place: etree._Element) -> None:
    copy = deepcopy(element)
    for node in copy.iter():
        if isinstance(node.tag, str) and etree.QName(node).localname in ("NameID", "AttributeValue"):
            node.text = "eve"
    place.append(copy)


MOVES = (_duplicate, _before, _replace, _move, _comment, _forge)


@settings(max_examples=100, deadline=None)
@given(
    way=st.sampled_from(WAYS),
    moves=st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=3),
)
def test_elements_duplicated_moved_and_forged(way: Way, moves: list[tuple[Callable[..., None], int, int]]) -> None:
    root = etree.fromstring(SIGNED[way[0]])
    for move, one, other in moves:
        elements = [node for node in root.iter() if isinstance(node.tag, str)]
        move(elements[one % len(elements)], elements[other % len(elements)])
    assert says_the_truth(judge(etree.tostring(root), lenient(way)))


@settings(max_examples=60, deadline=None)
@given(
    way=st.sampled_from(WAYS),
    element=st.integers(0, 60),
    name=st.sampled_from(["ID", "Id", "id", "URI", "Algorithm", "Name", "Value", "Method", "Version", "{urn:x}ID"]),
    value=st.sampled_from(
        ["", "_evil", forge.Forge().assertion_id, forge.Forge().response_id, "#_evil", forge.EXC_C14N]
    ),
)
def test_attributes_set(way: Way, element: int, name: str, value: str) -> None:
    root = etree.fromstring(SIGNED[way[0]])
    elements = list(root.iter())
    elements[element % len(elements)].set(name, value)
    assert says_the_truth(judge(etree.tostring(root), lenient(way)))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(WAYS), st.binary(max_size=400))
def test_arbitrary_bytes_never_crash(way: Way, data: bytes) -> None:
    assert not judge(data, lenient(way)).accepted
    assert not judge(
        b"<samlp:Response xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol'>" + data, lenient(way)
    ).accepted

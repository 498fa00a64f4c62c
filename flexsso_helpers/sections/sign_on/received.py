"""08 · What came of a sign-on: the response judged against this person, a refusal explained. Kept in memory only."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from flexsso_helpers.graph import literal
from flexsso_helpers.identities import same
from flexsso_helpers.ledger import write_whole
from flexsso_helpers.person import SeenSignOn
from flexsso_helpers.resources import federation_metadata
from flexsso_helpers.resources.application import find
from flexsso_helpers.resources.key_ring import short
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.resources.test_users import Tested
from flexsso_helpers.saml.aadsts import Explanation, explain
from flexsso_helpers.saml.diagnosis import Judgement, judge
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.given import NoResponse, read_given
from flexsso_helpers.saml.worker import contact_uris
from flexsso_helpers.sections.sign_on import expected as expectations
from flexsso_helpers.sections.sign_on.results import SignedOn
from flexsso_helpers.session import Session

IN_THE_WAY = (
    "A worker {name} is there that no sign-on of {name_id} made: Flex may refuse to take it over. Rename or delete "
    "this worker in TaskRouter, then sign on again."
)
FRESH = timedelta(hours=1)
"""How old a pasted response may be: it is judged for the moment it was issued, since pasting takes a while."""
FIELD = "Copy the form field SAMLResponse again, whole, and paste it into this person's field."


async def received(session: Session, each: Tested, seen: SeenSignOn) -> SignedOn:
    """What came of it: the verdict on the response, or what the page means that was shown instead."""
    if not seen.response:
        explained = explain(seen.said)
        return SignedOn(seen=replace(seen, response=""), told=_words(explained) if explained else "")
    given, kept = read_given(seen.response), replace(seen, response="")
    expected = await _expected(session, each)
    if isinstance(given, NoResponse):
        return _no_response(kept, given, each, expected)
    judgement = _judged(given.xml, expected)
    if other := await _somebody_else(session, judgement, each):
        return _of_another(session, kept, each, other)
    if session.target.rehearsal:
        _keep(session.folder / "responses", each.user_name, given.xml)
    session.ledger.remark(
        f"Sign-on of {each.id}: response {judgement.sha256}, {'accepted' if judgement.accepted else 'not accepted'}"
    )
    told = _told(kept, judgement, each, expected) if seen.signed_in is False else ""
    return SignedOn(seen=kept, judgement=judgement, told=told)


def _no_response(kept: SeenSignOn, given: NoResponse, each: Tested, expected: Expected) -> SignedOn:
    """An error of Entra or Flex is a refusal; anything else is no answer, and the right thing is still awaited."""
    told, error = given.explanation, given.unreadable
    if told is None:
        what = " ".join(filter(None, (error.what, error.why)))
        return SignedOn(seen=replace(kept, said=what), told=error.fix or FIELD, unread=True)
    named = [told.code, *(f"{name}: {value}" for name, value in told.ids.items())]
    said = " · ".join(filter(None, named)) or "an error page"
    words = _words(told)
    if told.code.startswith("Flex") and told.notebook in ("06", "08"):
        words = f"{words} {_in_the_way(each) or compare_console(expected)}"
    return SignedOn(seen=replace(kept, signed_in=False, said=said), told=words)


def _words(explained: Explanation) -> str:
    return f"{explained.meaning} {explained.next_step}"


async def _somebody_else(session: Session, judgement: Judgement, each: Tested) -> str:
    """The user name of whoever the response is about, when that is another person of the directory; else empty."""
    name_id = judgement.name_id or ""
    if not name_id or any(same(name_id, known) for known in (each.name_id, each.user_name, each.mail)):
        return ""
    condition = f"mail eq {literal(name_id)} or userPrincipalName eq {literal(name_id)}"
    found = await look(session.graph.list("/users", {"$filter": condition, "$select": "id,userPrincipalName"}))
    others = [] if isinstance(found, NotSeen) else [entry for entry in found if entry.get("id") != each.id]
    return str(others[0].get("userPrincipalName") or name_id) if others else ""


def _of_another(session: Session, kept: SeenSignOn, each: Tested, other: str) -> SignedOn:
    there = next((name for name in session.tenant.test_sign_ons if same(name, other)), None)
    to_do = f"Paste it into the field of {there}" if there else "Nobody tests as this person"
    again = f"sign on as {each.user_name} in a private window: the browser was still signed in as another."
    return SignedOn(
        seen=replace(kept, said=f"this is the response of {other}"),
        told=f"{to_do}, and {again}",
        unread=True,
    )


def _in_the_way(each: Tested) -> str:
    """What to do about a worker that nobody signed on as, or somebody of another letter case (F87, F90)."""
    other = each.shown("contact_uri") not in contact_uris(each.name_id)
    return IN_THE_WAY.format(name=each.worker_name, name_id=each.name_id) if each.worker_sid and other else ""


def refused_by_flex(expected: Expected) -> str:
    """What to compare in Flex Console when Flex does not take a response that is right, with the values it should hold.

    Flex's text is the same for many causes, and nobody but a person sees what Console holds (F50, F51).
    """
    return (
        "The response itself is right, so Flex Console holds another certificate or another issuer, or was not saved, "
        f"or this is another connection. {compare_console(expected)}"
    )


def compare_console(expected: Expected) -> str:
    """What Console's page of this connection should hold, to be compared by a person (D21, D22)."""
    active = next((each for each in expected.certificates if each.sha1 == expected.active_sha1), None)
    key = f"thumbprint {short(active.sha1)}, valid to {active.not_after:%Y-%m-%d}" if active else "the active one"
    return (
        f"Compare on its page for {expected.identifier or 'this connection'}: "
        f"X.509 Certificate ({key}), Identity Provider Issuer ({expected.issuer}, final slash included). "
        "06 · Flex Console: paste the values again and save."
    )


def _told(seen: SeenSignOn, judgement: Judgement, each: Tested, expected: Expected) -> str:
    """What Flex's refusal of a response that was judged means: its own text is the same for many causes."""
    explained = explain(seen.said)
    if explained is None:
        return ""
    if explained.notebook == "08" and not judgement.accepted:
        return f"{explained.meaning} The checks of the response below say why."
    if not judgement.accepted or explained.notebook not in ("06", "08"):  # Flex's text says more than the response
        return _words(explained)
    if in_the_way := _in_the_way(each):
        return f"{explained.meaning} The response itself is right. {in_the_way}"
    return f"{explained.meaning} {refused_by_flex(expected)}"


def _keep(folder: Path, user_name: str, xml: bytes) -> None:
    """A rehearsal's responses are about nobody; they are kept for outside judges."""
    folder.mkdir(exist_ok=True, mode=0o700)
    write_whole(folder / f"{user_name}.xml", xml)


def _judged(xml: bytes, expected: Expected) -> Judgement:
    """Judged for now, or, of one that was issued within the hour, for the moment at which it was issued."""
    now = judge(xml, expected)
    if now.issued is None or not timedelta(0) < expected.at - now.issued <= FRESH:
        return now
    return judge(xml, replace(expected, at=now.issued))


async def configured_side(session: Session) -> Expected:
    """What a response of our application is held against, whoever signs on; the application is there by then."""
    found = await find(session)
    document = await federation_metadata.metadata(session, found) if found else None
    assert found is not None
    assert document is not None
    return await expectations.of_application(session, found, document)


async def _expected(session: Session, each: Tested) -> Expected:
    configured = await configured_side(session)
    return expectations.of_person(session.tenant, replace(configured, signing_option="both"), each)

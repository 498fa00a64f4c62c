"""08 · What came of a sign-on: the response judged against this person, a refusal explained. Kept in memory only."""

from dataclasses import replace
from pathlib import Path

from flexsso_helpers.person import SeenSignOn
from flexsso_helpers.saml import reading
from flexsso_helpers.saml.aadsts import explain
from flexsso_helpers.saml.diagnosis import Judgement, judge
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.sections import expectations, published
from flexsso_helpers.sections.application import find
from flexsso_helpers.sections.flex_console import FIX as CONSOLE_FIX
from flexsso_helpers.sections.signed_on import SignedOn
from flexsso_helpers.sections.tested import Tested
from flexsso_helpers.session import Session

IN_THE_WAY = (
    "The response itself is right, and a worker of this name is there that no sign-on made: Flex may refuse to take it "
    "over. Rename or delete this worker in TaskRouter, then sign on again."
)


async def received(session: Session, each: Tested, seen: SeenSignOn) -> SignedOn:
    """What came of it: the verdict on the response, or what the page means that was shown instead."""
    if not seen.response:
        explained = explain(seen.said)
        told = f"{explained.meaning} {explained.next_step}" if explained else ""
        return SignedOn(seen=replace(seen, response=""), judgement=None, told=told)
    captured = reading.read(seen.response)
    judgement = judge(captured.xml, await _expected(session, each))
    if session.target.rehearsal:
        _keep(session.folder / "responses", each.user_name, captured.xml)
    session.ledger.remark(
        f"Sign-on of {each.id}: response {judgement.sha256}, {'accepted' if judgement.accepted else 'not accepted'}"
    )
    return SignedOn(
        seen=replace(seen, response=""),
        judgement=judgement,
        told="" if seen.signed_in else _told(seen, judgement, each),
    )


def _told(seen: SeenSignOn, judgement: Judgement, each: Tested) -> str:
    """What Flex's refusal of a response that was judged means: its own text is the same for many causes."""
    explained = explain(seen.said)
    if explained is None:
        return ""
    if explained.notebook != "08":  # Flex's text says more than the response does
        return f"{explained.meaning} {explained.next_step}"
    if judgement.accepted and each.worker_sid and not each.shown("contact_uri"):
        return f"{explained.meaning} {IN_THE_WAY}"
    if judgement.accepted:
        return f"{explained.meaning} The response itself is right, so Flex Console holds other values. {CONSOLE_FIX}"
    return f"{explained.meaning} The checks of the response below say why."


def _keep(folder: Path, user_name: str, xml: bytes) -> None:
    """A rehearsal's responses are about nobody; they are kept for outside judges."""
    folder.mkdir(exist_ok=True, mode=0o700)
    (folder / f"{user_name}.xml").write_bytes(xml)


async def _expected(session: Session, each: Tested) -> Expected:
    found = await find(session)
    document = await published.metadata(session, found) if found else None
    assert found is not None
    assert document is not None
    configured = await expectations.of_application(session, found, document)
    return expectations.of_person(session, replace(configured, signing_option="both"), each)

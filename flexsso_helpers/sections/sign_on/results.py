"""The sign-ons of a session: what was seen, what the judge says, what moved at Flex. Kept in memory only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from flexsso_helpers.parameters import AttestedSignOn
from flexsso_helpers.person import SeenSignOn
from flexsso_helpers.resources.key_ring import short
from flexsso_helpers.saml.diagnosis import Judgement
from flexsso_helpers.sections.sign_on.trace import Look
from flexsso_helpers.session import Session
from flexsso_helpers.views import Shown, card
from flexsso_helpers.views.diagram import Broken, sign_on
from flexsso_helpers.views.shown import stack

Verdict = Literal["proved", "said", "half", "unread", "refused"]
"""proved: genuine, and Flex left a trace. said: genuine, and only a person says that Flex opened. half: genuine, and
nothing is known of Flex. unread: nothing that could be judged for this person. refused: by Entra, the judge or Flex."""


@dataclass(frozen=True, kw_only=True)
class SignedOn:
    """One sign-on of this session: what was seen and what the judge says. Kept in memory only."""

    seen: SeenSignOn
    judgement: Judgement | None = None
    told: str = ""
    """What was shown instead means, in plain words, or what to do with what was pasted."""
    unread: bool = False
    trace: str = ""
    """What Flex did with the response, as it was seen at Flex; empty where nothing was."""
    looked: datetime | None = None
    """When Flex was first looked at, to the end, without a trace of it."""
    opened: str = ""
    """Who says that Flex opened, where no trace tells."""

    @property
    def verdict(self) -> Verdict:
        """What this sign-on comes to."""
        if self.unread:
            return "unread"
        if self.judgement is None or not self.judgement.accepted or self.seen.signed_in is False:
            return "refused"
        return "proved" if self.trace else "said" if self.opened else "half"

    @property
    def ended(self) -> bool:
        """Whether nothing more is awaited of this sign-on, whatever came of it."""
        return self.verdict in ("proved", "said", "refused")


@dataclass
class Results:
    """The sign-ons of a session, by user name, and the start at the tile."""

    by_user: dict[str, SignedOn] = field(default_factory=dict)
    tile: SeenSignOn | None = None
    first: dict[str, Look] = field(default_factory=dict)
    """What this session saw first of each person at Flex."""
    worker_there: dict[str, bool] = field(default_factory=dict)
    """Whether Flex had a worker of this person when it was last looked at after a sign-on."""
    standing: AttestedSignOn | None = None
    """Earlier sign-ons that still count, as of the last reading."""

    def of(self, *verdicts: Verdict) -> list[str]:
        """The users whose sign-on came to one of these."""
        return [user for user, done in self.by_user.items() if done.verdict in verdicts]


def pictures(session: Session) -> Shown:
    """Each sign-on of this session as a picture, with this tenant's values and a mark where it broke."""
    session.enter("08")
    results = session.memory(Results)
    shown = {user: done for user, done in results.by_user.items() if not done.unread}
    if not shown:
        return card(
            title="08 · Test the sign-on",
            subtitle="pictures",
            badge=session.badge,
            footer=f"Nobody signed on in this session. {_earlier(results.standing)}",
        )
    return stack(*(_picture(session, user, each) for user, each in shown.items()))


def _earlier(standing: AttestedSignOn | None) -> str:
    if standing is None or not (standing.users or standing.said):
        return "No earlier sign-on is proved either."
    proved = f"The proof of {standing.at[:10]} still stands for {', '.join(standing.users)}." if standing.users else ""
    said = f"Of {', '.join(standing.said)} {standing.by} said that Flex opened." if standing.said else ""
    return " ".join(filter(None, (proved, said)))


def _picture(session: Session, user: str, done: SignedOn) -> Shown:
    connection = session.tenant.flex.connection
    return sign_on(
        tenant_title=session.tenant.title,
        user=user,
        identifier=connection.identifier if connection else "",
        tenant_short=f"{session.tenant.tenant_id[:4]}…{session.tenant.tenant_id[-4:]}",
        response=_response(done.judgement) if done.judgement else "",
        outcome=_outcome(done),
        broken=_broken(done),
        badge=session.badge,
    )


def _outcome(done: SignedOn) -> str:
    if done.judgement is None:
        return ""
    roles = f"roles {', '.join(done.judgement.attributes.get('roles', ()))}"
    at_flex: Mapping[Verdict, str] = {
        "proved": done.trace,
        "said": f"opened, says {done.opened}; not seen",
        "half": "nothing seen at Flex yet",
    }
    return " · ".join(filter(None, (roles, at_flex.get(done.verdict, ""))))


def _response(judgement: Judgement) -> str:
    signed = [part for part in ("response", "assertion") if judgement.signed[part]]
    keys = [short(certificate.sha1) for certificate in judgement.certificates]
    return " · ".join((" and ".join(signed) + " signed" if signed else "not signed", *keys, judgement.name_id or ""))


def _broken(done: SignedOn) -> Broken | None:
    if done.verdict == "half":
        return Broken(step=4, what="Not seen at Flex", detail="no trace of this sign-on yet")
    if done.verdict != "refused":
        return None
    if done.judgement is None:
        by = "Entra refused" if "AADSTS" in done.seen.said else "Refused"
        return Broken(step=3, what=by, detail=done.seen.said)
    failing = done.judgement.failing
    if failing:
        worst = failing[0]
        return Broken(step=4, what=f"{worst.title} ({worst.check})", detail=f"{worst.configured} ≠ {worst.received}")
    return Broken(step=4, what="Flex refused", detail=done.seen.said)

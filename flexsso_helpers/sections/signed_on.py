"""The sign-ons of a session: what was seen, what the judge says, and the picture of each. Kept in memory only."""

from dataclasses import dataclass, field

from flexsso_helpers.person import SeenSignOn
from flexsso_helpers.saml.diagnosis import Judgement
from flexsso_helpers.sections.certificates import short
from flexsso_helpers.session import Session
from flexsso_helpers.views import Shown, card
from flexsso_helpers.views.diagram import Broken, sign_on
from flexsso_helpers.views.shown import stack


@dataclass(frozen=True, kw_only=True)
class SignedOn:
    """One sign-on of this session: what was seen and what the judge says. Kept in memory only."""

    seen: SeenSignOn
    judgement: Judgement | None
    told: str = ""
    """What an error page means, in plain words."""

    @property
    def proved(self) -> bool:
        """Whether Flex let the person in and the response holds."""
        return self.seen.signed_in and self.judgement is not None and self.judgement.accepted


@dataclass
class Results:
    """The sign-ons of a session, by user name, and the start at the tile."""

    by_user: dict[str, SignedOn] = field(default_factory=dict)
    tile: SeenSignOn | None = None


def pictures(session: Session) -> Shown:
    """Each sign-on of this session as a picture, with this tenant's values and a mark where it broke."""
    session.enter("08")
    done = session.memory(Results).by_user
    if not done:
        return card(
            title="08 · Test sign-on",
            subtitle="pictures",
            badge=session.badge,
            footer="Nobody signed on in this session: the last proof still stands.",
        )
    return stack(*(_picture(session, user, each) for user, each in done.items()))


def _picture(session: Session, user: str, done: SignedOn) -> Shown:
    connection = session.tenant.flex.connection
    return sign_on(
        tenant_title=session.tenant.title,
        user=user,
        identifier=connection.identifier if connection else "",
        tenant_short=f"{session.tenant.tenant_id[:4]}…{session.tenant.tenant_id[-4:]}",
        response=_response(done.judgement) if done.judgement else "",
        outcome=f"roles {', '.join(done.judgement.attributes.get('roles', ()))}" if done.judgement else "",
        broken=_broken(done),
    )


def _response(judgement: Judgement) -> str:
    signed = [part for part in ("response", "assertion") if judgement.signed[part]]
    keys = [short(certificate.sha1) for certificate in judgement.certificates]
    return " · ".join((" and ".join(signed) + " signed" if signed else "not signed", *keys, judgement.name_id or ""))


def _broken(done: SignedOn) -> Broken | None:
    if done.proved:
        return None
    if done.judgement is None:
        return Broken(step=3, what="Entra refused", detail=done.seen.said)
    failing = done.judgement.failing
    if failing:
        worst = failing[0]
        return Broken(step=4, what=f"{worst.title} ({worst.check})", detail=f"{worst.configured} ≠ {worst.received}")
    return Broken(step=4, what="Flex refused", detail=done.seen.said)

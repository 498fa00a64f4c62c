"""What a first contact learns beside the open questions: facts of this tenant that no rehearsal plays. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flexsso_helpers.first_contact import trials
from flexsso_helpers.first_contact.verdicts.traffic import Traffic, Untold
from flexsso_helpers.traffic import Exchange
from flexsso_helpers.traffic.vocabulary import CLAIMS


@dataclass(frozen=True, kw_only=True)
class Eye:
    """What a person may look at, where no program can."""

    title: str
    words: str
    choices: tuple[str, ...]


EYES: Mapping[str, Eye] = {
    "portal_signing_option": Eye(
        title=trials.PORTAL_SIGNING,
        words="In the Entra admin center, open Enterprise apps › {name} › Single sign-on › SAML Certificates › Edit. A "
        "signing policy hangs on this application. Which Signing Option is shown: both (response and assertion), "
        "response, assertion, or absent (none is shown)?",
        choices=("both", "response", "assertion", "absent"),
    ),
    "portal_claims_blade": Eye(
        title=trials.PORTAL_BLADE,
        words="In the same place, open Attributes & Claims. A claims policy hangs on this application. Is the blade "
        "locked (it says that a policy overrides it), or editable?",
        choices=("locked", "editable"),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One of them, in words; `attested` where a person said it."""

    name: str
    told: str
    attested: bool = False


def facts(exchanges: Sequence[Exchange], attested: Mapping[str, str]) -> tuple[Fact, ...]:
    """All that can be told."""
    traffic = Traffic(exchanges)
    found = [Fact(name=name, told=told) for name, tell in TELLS.items() if (told := tell(traffic))]
    for name, eye in EYES.items():
        said = str(traffic.told(eye.title).get(name) or attested.get(name, ""))
        found += [Fact(name=name, told=said, attested=True)] if said else []
    return tuple(found)


def token_claims(traffic: Traffic) -> str:
    """The names of what the token says, and of whom."""
    told = traffic.told(trials.CLAIM_NAMES)
    claims = told.get("token_claims")
    known = [name for name in claims if name in CLAIMS] if isinstance(claims, list) else []
    names = ", ".join(map(str, known))
    return f"{told.get('kind')}: {names}" if names else ""


def grants(traffic: Traffic) -> str:
    """What was granted to the application that signs in, before everything else and at the end."""
    before, after = traffic.told(trials.GRANTS), traffic.told(trials.GRANTS_AFTERWARDS)
    if not before:
        answers = [each for each in traffic.trial(trials.GRANTS) if not each.good]
        return f"could not be read ({answers[-1].status})" if answers else ""
    moved = "" if not after else "; the same at the end" if after == before else f"; at the end {_granted(after)}"
    return _granted(before) + moved


def _granted(told: Mapping[str, object]) -> str:
    words = {"AllPrincipals": "for everybody", "Principal": "for single people"}
    parts = [f"{word} {', '.join(map(str, scopes))}" for kind, word in words.items() if (scopes := _list(told, kind))]
    return " · ".join(parts) or "nothing"


def _list(told: Mapping[str, object], name: str) -> list[object]:
    found = told.get(name)
    return found if isinstance(found, list) else []


def certificate_shown(traffic: Traffic) -> str:
    """How long after it was made the list and the metadata showed the certificate, and whether it vanished again."""
    made = [each for each in traffic.trial(trials.FIRST_CERTIFICATE) if each.good]
    if not made:
        return ""
    began, thumbprint = made[-1].at, made[-1].said("thumbprint")
    watched = [each.at for each in traffic.trial(trials.WATCHED)]
    until = max(watched, default=began + SOON)
    reads = [each for each in traffic.exchanges if began <= each.at <= until and each.good]
    lists = [(each.at, bool(keys)) for each in reads if isinstance(keys := each.said("keyCredentials"), list)]
    documents = [(each.at, thumbprint in each.said("thumbprints")) for each in reads if each.said("thumbprints")]
    parts = [_shown("list", lists, began), _shown("metadata", documents, began)]
    if watched:
        parts.append(f"looked at for {round((watched[-1] - began) / 60)} minutes")
    return ", ".join(parts)


SOON = 300.0
"""Seconds that count where nobody looked again."""


def _shown(where: str, looks: Sequence[tuple[float, bool]], began: float) -> str:
    first = next((number for number, (_, there) in enumerate(looks) if there), None)
    if first is None:
        return f"not seen in the {where}"
    gone = sum(1 for _, there in looks[first:] if not there)
    return f"in the {where} after {looks[first][0] - began:.0f} s" + (f", and gone again {gone} times" if gone else "")


RIGHT_AND_PROVED = "the values of the throw-away application, which is gone: no mistake is left, as a sign-on proved"
RIGHT = "the values of the throw-away application, which is gone: no mistake is left, as a person said"
WRONG = "perhaps a value that was wrong on purpose: nobody pasted the right ones back"


def flex_console(traffic: Traffic) -> str:
    """What Flex Console holds after mistakes on purpose."""
    asked = [name for name in PASTES if traffic.told(name)]
    if not asked:
        return ""
    right = [trials.RIGHT_PASTE, trials.TILE, trials.PUT_BACK]
    last_right = max((PASTES.index(name) for name in right if traffic.told(name).get("console") == "saved"), default=-1)
    if any(PASTES.index(name) > last_right for name in asked if name not in right):
        return WRONG
    try:
        told = traffic.note(trials.SECOND_AT_FLEX)
    except Untold:
        return RIGHT
    return RIGHT_AND_PROVED if told.get("trace") else RIGHT


PASTES = (
    trials.RIGHT_PASTE, trials.ONE_LINE, trials.NO_ADDRESS, trials.NO_SLASH, trials.TWO_CERTIFICATES,
    trials.WRONG_CERTIFICATE, trials.TILE, trials.PUT_BACK,
)  # fmt: skip
"""In the order in which they are asked for."""
TELLS: Mapping[str, Callable[[Traffic], str]] = {
    "token_claims": token_claims,
    "grants": grants,
    "certificate_shown": certificate_shown,
    "flex_console": flex_console,
}

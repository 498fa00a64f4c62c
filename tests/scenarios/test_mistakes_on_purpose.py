"""Mistakes made on purpose in a guided session: the notebooks' own cells, a human who does one thing wrong, a sentence.

Mistakes in forms, boxes, the order of cells and the file are played where the form, the box or the file is tested.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from failures import MISTAKES
from human import Human, Mistakes, Seen, of_somebody_else, switch_off
from live_play import LiveStage, Notebook, at_the_screen

from flexsso_helpers.errors import FlexSSOError
from flexsso_helpers.plan import Evidence
from flexsso_helpers.rehearsal.world.world import World

ADA, SOL, BO = (f"{name}@contoso.com" for name in ("ada.admin", "sol.supervisor", "bo.agent"))
PASTE_AGAIN = "06 · Flex Console: paste the values again and save."
SIGNED_IN = "signed in to Flex: "


def as_sso_url(issuer: str) -> str:
    """What stands in the other field: this tenant's sign-on URL."""
    return f"https://login.microsoftonline.com/{issuer.split('/')[3]}/saml2"


def as_issuer(sso_url: str) -> str:
    """What stands in the other field: this tenant's issuer."""
    return f"https://sts.windows.net/{sso_url.split('/')[3]}/"


def nothing(_seen: dict[str, Seen], _user: str) -> str:
    """The window was closed before anything was copied."""
    return ""


def the_response(seen: dict[str, Seen], user: str) -> str:
    """What the developer tools showed, although Flex refused it on the next page."""
    return seen[user].response


def nonsense(_certificate: str) -> str:
    """Whatever the clipboard held."""
    return "nonsense"


@dataclass(frozen=True, kw_only=True)
class Row:
    """The notebooks that are walked through, with which mistake; what is said of it, and what never is."""

    notebooks: tuple[str, ...]
    start: str = ""
    """Before which notebook the tenant stands, where that is not the first of them."""
    mistakes: Mistakes
    says: tuple[str, ...]
    never: tuple[str, ...] = (SIGNED_IN,)


TO_SIGN_ON = ("06", "07", "08")
ROWS = {
    "another person's response": Row(
        notebooks=("08",),
        mistakes=Mistakes(given=of_somebody_else),
        says=(
            f"waiting · Sign-on of {BO}: in this person’s field: this is the response of {ADA}.",
            f"Paste it into the field of {ADA}, and sign on as {BO} in a private window",
        ),
    ),
    "the window closed before copying, and Flex opened ticked": Row(
        notebooks=("08",),
        mistakes=Mistakes(given=nothing),
        says=(f"waiting · Sign-on of {BO}: not yet. Sign in at ",),
    ),
    "no certificate, ticked": Row(
        notebooks=("06",),
        mistakes=Mistakes(certificate=nonsense),
        says=("said · Certificate in Flex Console: ", "08 · Test the sign-on: a sign-on shows whether Flex has it."),
        never=("holds · Certificate in Flex Console",),
    ),
    "no certificate, the page pasted": Row(
        notebooks=TO_SIGN_ON, mistakes=Mistakes(certificate=nonsense), says=("70251", PASTE_AGAIN)
    ),
    "issuer and sign-on URL swapped": Row(
        notebooks=("06",),
        mistakes=Mistakes(issuer=as_sso_url, sso_url=as_issuer),
        says=("A started login leads to (S32): expected https://login.", PASTE_AGAIN),
    ),
    "the page of Console closed before Save": Row(
        notebooks=("06",),
        mistakes=Mistakes(save=False),
        says=("A started login leads to (S32): expected https://login.", PASTE_AGAIN),
    ),
    "08 before 06": Row(
        notebooks=("07", "08"),
        start="06",
        mistakes=Mistakes(),
        says=(
            "Flex knows no active single sign-on for this account. 06 · Flex Console: finish the set-up in Console.",
        ),
    ),
    "the connection switched off again": Row(
        notebooks=("06",), mistakes=Mistakes(afterwards=switch_off), says=("A started login leads to", PASTE_AGAIN)
    ),
}


class AtTheScreen:
    """Somebody who goes from notebook to notebook, and all that is said to them."""

    def __init__(self, stage: LiveStage, mistakes: Mistakes) -> None:
        self.human = Human(stage, mistakes=mistakes)
        self.told = list[str]()

    async def walk(self, number: str) -> Notebook:
        """Work through one notebook, to its end or its error."""
        notebook = Notebook(number, self.human)
        await self.keep(notebook, notebook.work_through())
        return notebook

    async def keep(self, notebook: Notebook, work: Awaitable[None]) -> None:
        """What the work says at its end."""
        try:
            await work
        except FlexSSOError as error:
            self.told.append(str(error))
        else:
            assert notebook.evidence is not None
            self.told.append(said(notebook.evidence))

    @property
    def words(self) -> str:
        """All of it, in one line."""
        return " ".join(" ".join(self.told).split())


def said(evidence: Evidence) -> str:
    return " ".join(f"{each.state} · {each.title}: {each.received}. {each.fix}" for each in evidence.findings)


@pytest.mark.thinned(4)
@pytest.mark.parametrize("name", ROWS)
def test_a_mistake_gets_its_sentence(name: str, worlds: Mapping[str, World], tmp_path: Path) -> None:
    row = ROWS[name]
    stage = LiveStage(tmp_path, world=worlds[row.start or row.notebooks[0]].copy())
    person = AtTheScreen(stage, row.mistakes)

    async def go() -> None:
        with at_the_screen(stage, person.human):
            for number in row.notebooks:
                await person.walk(number)

    asyncio.run(go())
    assert [words for words in row.says if words not in person.words] == [], person.words
    assert [words for words in row.never if words in person.words] == [], person.words


@pytest.mark.full
def test_a_response_that_flex_refused_is_no_evidence_after_the_repair(
    worlds: Mapping[str, World], tmp_path: Path
) -> None:
    """A wrong certificate in Console, what Flex refused pasted all the same; then mended, and nothing pasted anew."""
    stage = LiveStage(tmp_path, world=worlds["06"].copy())
    wrong = MISTAKES["another certificate"](stage.world).certificate
    person = AtTheScreen(stage, Mistakes(certificate=wrong, given=the_response))

    async def go() -> None:
        with at_the_screen(stage, person.human):
            for number in TO_SIGN_ON[:-1]:
                await person.walk(number)
            sign_on = await person.walk("08")
            assert f"Entra’s response is right, and Flex has no worker {BO}: it did not take" in person.words
            assert PASTE_AGAIN in person.words
            assert SIGNED_IN not in person.words

            person.human.mistakes, person.told = Mistakes(), []
            person.human.words = ""
            await person.walk("06")
            assert "paste all values again" in person.human.words
            person.human.pastes()
            run_from_look = partial(sign_on.run, sign_on.look)
            person.told = []
            await person.keep(sign_on, run_from_look())
            assert f"waiting · Sign-on of {BO}: not yet. Sign in at " in person.words
            assert SIGNED_IN not in person.words

            person.human.signs_everybody_on()
            person.told = []
            await person.keep(sign_on, run_from_look())
            assert f"holds · Sign-on of {BO}: {SIGNED_IN}" in person.words

    asyncio.run(go())

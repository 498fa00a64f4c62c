"""The second reply URL of a capture: taking it away, also the one that a dead kernel left."""

from itertools import count
from typing import Any

from flexsso_helpers.errors import FlexSSOError, InUse
from flexsso_helpers.resources.application import Json, find, find_application
from flexsso_helpers.saml.capture import is_capture_url
from flexsso_helpers.session import Session
from flexsso_helpers.views import Cell, Row, card, show

FIX = "02 · Basic SAML configuration: approve its removal by name."
REPLY_URL = "A capture’s reply URL"


def urls_of(application: Json) -> list[str]:
    """The reply URLs of an application: the default one first, then by index, then by text.

    Not in the order of the list, which reads give differently (quirk list_order, live recordings).
    """
    web = application.get("web") or {}
    settings = {str(entry["uri"]): entry.get("index") for entry in web.get("redirectUriSettings") or ()}
    default = application.get("defaultRedirectUri")

    def place(url: str) -> tuple[bool, bool, int, str]:
        index = settings.get(url)
        return url != default, index is None, index or 0, url

    return sorted(web.get("redirectUris") or (), key=place)


def web_with(application: Json, urls: list[str]) -> dict[str, Any]:
    """`web` with these reply URLs; those that had an index keep it, the others get the next ones."""
    settings = (application.get("web") or {}).get("redirectUriSettings") or ()
    known = {str(entry["uri"]): entry.get("index") for entry in settings}
    following = count(max((index for index in known.values() if index is not None), default=-1) + 1)
    return {
        "redirectUris": urls,
        "redirectUriSettings": [{"uri": url, "index": known[url] if url in known else next(following)} for url in urls],
    }


async def take_away(session: Session, application: Json, gone: frozenset[str]) -> None:
    """Write the application's reply URLs without `gone`, and wait until sign-in has followed (G05, G23)."""
    kept = [url for url in urls_of(application) if url not in gone]
    await session.graph.patch(
        f"/applications/{application['id']}",
        {"web": web_with(application, kept)},
        why="Removing the reply URL of a capture",
        before={"web": application.get("web")},
    )

    async def reply_urls() -> set[str]:
        found = await find(session)
        return {*urls_of(found.application), *(found.principal.get("replyUrls") or ())} if found else set()

    await session.wait_until(
        reply_urls, lambda seen: not seen & gone, what="the capture’s reply URL to be gone", times=2
    )


async def sweep(session: Session) -> None:
    """Remove what a dead kernel left; where the session may not write, show it with what mends it.

    While another session of this machine is at work nothing is taken from it. What cannot be read now, the notebook
    that needs it will say.
    """
    try:
        application = await find_application(session)
    except FlexSSOError:
        return
    left = frozenset(url for url in urls_of(application or {}) if is_capture_url(url))
    if application is None or not left:
        return
    verdict, words = Cell("not removed", "wait"), f"Nothing may be written in this session. {FIX}"
    if session.may_apply:
        try:
            with session.alone():
                await take_away(session, application, left)
        except InUse:
            return
        except FlexSSOError as error:
            words = f"{error.what} {FIX}"
        else:
            verdict, words = (
                Cell("removed", "ok"),
                "A capture of 08 made it; its kernel ended before it was taken away.",
            )
            session.ledger.remark(f"Swept {len(left)} reply URL left by a capture from {application['id']}")
    rows = [Row((REPLY_URL, Cell(url, "value"), verdict, words)) for url in sorted(left)]
    show(card(title="Left by a capture", badge=session.badge, columns=("What", "Which", "Now", "Why"), rows=rows))

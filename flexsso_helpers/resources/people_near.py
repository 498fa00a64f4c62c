"""Whom a name in the tenant's file that nobody has may mean: people by their mail address, groups but for blanks.

Only advice: a look-up that is refused, or tells nothing, gives no hint and stops nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from flexsso_helpers.graph import literal
from flexsso_helpers.identities import identity, same
from flexsso_helpers.parameters import shapes
from flexsso_helpers.resources.application import Json
from flexsso_helpers.resources.looking import NotSeen, look
from flexsso_helpers.session import Session

MOST = 10
"""For how many names of each kind it is asked."""
BEFORE_A_NAME = (" ", "\N{NO-BREAK SPACE}", "\N{ZERO WIDTH SPACE}", "\N{ZERO WIDTH NO-BREAK SPACE}")
"""What stands before a name that was copied from somewhere."""


async def near(session: Session, users: Sequence[str], groups: Sequence[str]) -> tuple[str, ...]:
    """A sentence for each name for which somebody was found."""
    hints = [await _user(session, name) for name in users[:MOST]]
    hints += [await _group(session, name) for name in groups[:MOST]]
    return tuple(filter(None, hints))


async def _user(session: Session, name: str) -> str:
    """A mail or proxy address, or a user name with blanks around it, in place of the user name."""
    bare = " ".join(shapes.plain(name).split())
    conditions = [
        f"userPrincipalName eq {literal(bare)}",
        f"mail eq {literal(bare)}",
        f"proxyAddresses/any(p:p eq {literal(f'smtp:{bare}')})",
    ]
    query = {"$filter": " or ".join(conditions), "$select": "id,userPrincipalName"}
    found = await look(session.graph.list("/users", query))
    names = _names(found, "userPrincipalName")
    if any(same(bare, each) for each in names):
        return f"“{_visible(name)}” is nearly {bare}: write it without what nobody sees."
    return f"{_visible(name)} is a mail address of {' and of '.join(names)}: write the user name." if names else ""


async def _group(session: Session, name: str) -> str:
    """A name that differs from the one in Entra in what nobody sees: blanks, and marks without a width."""
    first = next(iter(name.split()), "")
    if not first:
        return ""
    conditions = [f"startswith(displayName,{literal(start)})" for start in (first, *BEFORE_A_NAME)]
    query = {"$filter": " or ".join(conditions), "$select": "id,displayName"}
    found = await look(session.graph.list("/groups", query))
    same = [] if isinstance(found, NotSeen) else [each for each in found if _plain(each["displayName"]) == _plain(name)]
    told = [f"“{_visible(str(each['displayName']))}” (object id {each['id']})" for each in same]
    return (
        f"“{_visible(name)}” is nearly {' and '.join(told)}: write the object id, or correct the name." if told else ""
    )


def _names(found: list[Json] | NotSeen, key: str) -> list[str]:
    return [] if isinstance(found, NotSeen) else sorted(str(each.get(key)) for each in found if each.get(key))


def _plain(name: object) -> str:
    """What is left of a name when blanks, letter case and marks that nobody sees say nothing."""
    return identity(" ".join(unicodedata.normalize("NFKC", shapes.plain(str(name))).split()))


def _visible(name: str) -> str:
    """Blanks at the ends, doubled ones and those that are not plain, each as ␣; what has no width by its code point."""
    core = name.strip()
    shown = "".join("␣" if each.isspace() and each != " " else each for each in core).replace("  ", "␣␣")
    shown = re.sub(shapes.INVISIBLE, lambda found: f"[U+{ord(found[0]):04X}]", shown)
    ends = len(name) - len(name.lstrip()), len(name) - len(name.rstrip())
    return f"{'␣' * ends[0]}{shown}{'␣' * ends[1]}" if core else name


def unknown(entries: Iterable[tuple[str, str, object | None]]) -> list[str]:
    """The names among (name, role, found) for which nothing was found."""
    return [name for name, _, found in entries if found is None]

"""What leaves the machine without names: a check goes by what its number means, and what it showed is left out.

One meaning for the text for a ticket, a judged page, and a result or a fleet page that is asked for without names. A
list of names to take out would miss the next one; so whatever may name somebody goes.
"""

import re
from collections.abc import Collection
from dataclasses import replace

from flexsso_helpers.plan.evidence import Finding
from flexsso_helpers.reference import line

LEFT_OUT = "(left out)"
_MAIL = re.compile(r"[^\s<>()'\"“”,;:]{1,128}@[^\s<>()'\"“”,;]{1,128}")
_QUOTED = re.compile("“[^”]*”")


def without_mails(text: str) -> str:
    """The text, its mail addresses and user names left out."""
    return _MAIL.sub(LEFT_OUT, text)


def meaning(check: str, title: str) -> str:
    """What a check is about, by its number; where the pages of reference are not there, by what of its title stays."""
    known = line(check)
    return known.words.rstrip(".") if known else _QUOTED.sub(LEFT_OUT, without_mails(title))


def nameless(finding: Finding, *, impersonal: Collection[str] = ()) -> Finding:
    """The finding without what may name somebody. What `impersonal` checks show says nothing of a person, and stays."""
    if finding.check in impersonal:
        title = without_mails(finding.title)
        configured, received = without_mails(finding.configured), without_mails(finding.received)
    else:
        title = meaning(finding.check, finding.title)
        configured, received = (LEFT_OUT if text else "" for text in (finding.configured, finding.received))
    said = "by a person" if finding.said else ""
    fix = without_mails(finding.fix)
    return replace(finding, title=title, configured=configured, received=received, fix=fix, said=said)

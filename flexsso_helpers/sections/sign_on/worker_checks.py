"""What the worker of a person should be after a sign-on, and what it is (D32, S50, S79)."""

from collections.abc import Iterable, Sequence

from flexsso_helpers.plan import Finding, few
from flexsso_helpers.plan.findings import judged
from flexsso_helpers.resources.test_users import Tested
from flexsso_helpers.saml.worker import contact_uris, left_behind
from flexsso_helpers.sections.sign_on.other_workers import MOST

FIX = "Sign on again: each login overwrites these attributes. If it stays, look at the claims in 04."
SHARED = (
    "Give each a NameID of their own: another mail address in Entra, or the user principal name for everybody, in 04; "
    "people with one NameID are one worker in Flex."
)
TWINS = "Two workers share the mail address, and both are billed; one may come from “Log in with Console”."
STALE = (
    "No claim sends these any more, and their old values stay. If they once came from a claim, send it empty for one "
    "sign-on, in 04; what somebody keeps in Flex may stay."
)
OTHER_NAME = "Flex names its worker otherwise than the NameID. Searches and reports by name have to know."


def findings(each: Tested, sent: Iterable[str] | None, sharing: Sequence[str] = ()) -> list[Finding]:
    """One worker, with the three claims as Entra has them and the address that belongs to the NameID.

    `sent` are the names of the claims that come now, None when that is not known; `sharing` those who are the same
    worker.
    """
    who = each.user_name
    uris = contact_uris(each.name_id)
    uri = each.shown("contact_uri") if each.shown("contact_uri") in uris else uris[0]
    there = "one" if each.worker_sid else "none"
    if sharing:
        title = f"A worker of one’s own · {who}"
        return [judged("S56", title, "yes", f"shared with {', '.join(few(sharing, MOST))}", False, SHARED)]
    rows = (
        ("Worker’s full_name", each.name, each.shown("full_name"), "D32"),
        ("Worker’s email", each.mail, each.shown("email"), "D32"),
        ("Worker’s roles", ", ".join(each.roles), each.shown("roles"), "D32"),
        ("Worker’s contact_uri", uri, each.shown("contact_uri"), "S79"),
    )
    result = [_named(each) if each.worker_sid else judged("S79", f"Worker · {who}", each.name_id, there, False, FIX)]
    result += [
        judged(check, f"{title} · {who}", wanted, seen, wanted == seen, FIX) for title, wanted, seen, check in rows
    ]
    if sent is not None and (stale := left_behind(each.attributes, sent)):
        title = f"No attribute left behind · {who}"
        result.append(judged("S70", title, "none", ", ".join(few(stale, MOST)), False, STALE, "warning"))
    if each.twins:
        title = f"No second worker · {who}"
        result.append(judged("S50", title, "none", ", ".join(few(each.twins, MOST)), False, TWINS, "warning"))
    return result


def _named(each: Tested) -> Finding:
    same = each.worker_name == each.name_id
    fix = "" if same else OTHER_NAME
    title = f"Worker · {each.user_name}"
    return judged("S79", title, each.name_id, each.worker_name, same, fix, "error" if same else "warning")

"""08 · What is said of each person's sign-on: the sign-on itself, the response, the worker that it made."""

from dataclasses import dataclass, field, replace

from flexsso_helpers.plan import Finding, Pending, Value
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.plan.findings import judged, said
from flexsso_helpers.resources.context import Context
from flexsso_helpers.resources.test_users import Tested
from flexsso_helpers.saml.checks.configuration import CHECKS
from flexsso_helpers.saml.diagnosis import Judgement
from flexsso_helpers.sections.sign_on import my_apps_tile as tile
from flexsso_helpers.sections.sign_on import other_workers, worker_attributes, worker_checks
from flexsso_helpers.sections.sign_on.my_apps_tile import Tile
from flexsso_helpers.sections.sign_on.other_workers import Others
from flexsso_helpers.sections.sign_on.results import Results, SignedOn

FIX = "08 · Test the sign-on: sign on again."
OPENED = "a genuine response, and Flex opened"
NO_TRACE = (
    "If Flex opened, tick “Flex opened as {user}” in the form; if an error page came, paste its text there. Then run "
    "Look, Change and Prove again."
)
SEEN_LATER = "Flex showed no trace of it. The next sign-on that changes anything is seen."


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read."""

    app: bool = False
    login_link: str = ""
    certificate_start: str = ""
    certificate_sha256: str = ""
    connected: bool = False
    """Whether Flex, or the file, knows a connection by which people could sign on."""
    tested: tuple[Tested, ...] = ()
    sent: tuple[str, ...] | None = None
    """Names of the claims that the policy sends; None when none is there or it may not be read."""
    others: Others = field(default_factory=Others)
    held: tuple[worker_attributes.Held, ...] = ()
    """The further attributes of the test users' workers, as they should be and as they are."""
    tile: Tile = field(default_factory=Tile)
    sign_in_at: str = ""
    """The login link as a person opens it."""
    results: Results = field(default_factory=Results)
    """The sign-ons of this session so far."""


def due_of(each: Tested, state: State) -> Value:
    """Nobody can be signed on before there is a role, a certificate to sign with, and a connection in Flex."""
    if not (state.app and each.roles):
        return Pending("07")
    if not state.certificate_start:
        return Pending("03")
    return "done" if state.connected else Pending("06")


def current(each: Tested) -> bool:
    """Whether an earlier sign-on still says something, and its worker is there."""
    return bool((each.proved_at or each.said) and each.worker_sid)


def findings(context: Context, state: State) -> tuple[Finding, ...]:
    """For each person: the sign-on, what the judge found, and the worker."""
    results = state.results
    listed = _of_configuration([done.judgement for done in results.by_user.values() if done.judgement])
    for each in state.tested:
        listed += _of_person(context, each, state, results.by_user.get(each.user_name))
    if any(_signed_in(each, results.by_user.get(each.user_name)) for each in state.tested):
        named = {name for each in state.tested for name in (each.worker_name, *each.twins)}
        listed += other_workers.findings(state.others, named)
    return (*listed, *tile.findings(state.tile, state.certificate_start, results.tile, _proved(state, results)))


def _proved(state: State, results: Results) -> list[str]:
    """Whose sign-on is proved by what was seen, now or before."""
    before = [each.user_name for each in state.tested if each.proved_at and each.worker_sid]
    return results.of("proved") + [user for user in before if user not in results.by_user]


def _signed_in(each: Tested, done: SignedOn | None) -> bool:
    """Whether this person has signed in to Flex, seen or said."""
    return done.verdict in ("proved", "said") if done else current(each)


def _of_configuration(judgements: list[Judgement]) -> list[Finding]:
    """What is wrong with the application is said once, however many people signed on to it."""
    found = [finding for judgement in judgements for finding in judgement.findings if finding.check in CHECKS]
    return list(dict.fromkeys(finding for finding in found if finding.state == "wrong"))


def _of_person(context: Context, each: Tested, state: State, done: SignedOn | None) -> list[Finding]:
    if not each.id:
        fix = f"Correct tenant.test_sign_ons. {each.near}".strip()
        return [judged("D30", f"{each.user_name} exists in Entra", "yes", "no", "wrong", fix)]
    of_worker: list[Finding] = []
    if _signed_in(each, done):
        sent = done.judgement.attributes if done and done.judgement else state.sent
        same = [
            other.user_name for other in state.tested if other != each and other.worker_sid == each.worker_sid != ""
        ]
        of_worker += worker_checks.findings(each, sent, same)
        of_worker += worker_attributes.findings(each.user_name, state.held)
    right = bool(of_worker) and not any(finding.fails for finding in of_worker)
    result = [replace(_sign_on(context, each, state, done, right=right), headline=True)]
    if done and done.judgement:
        result += [
            replace(finding, title=f"{finding.title} · {each.user_name}")
            for finding in done.judgement.findings
            if finding.state == "wrong"
            and (finding.fails or finding.level == "warning")
            and finding.check not in CHECKS
        ]
        holding = sum(finding.state == "holds" for finding in done.judgement.findings)
        failing = sum(finding.fails for finding in done.judgement.findings)
        seen = f"{holding} hold, {failing} {'fails' if failing == 1 else 'fail'}" if failing else f"{holding} hold"
        title = f"Checks of the response of {each.user_name}"
        result.append(judged("D29", title, "all hold", seen, not failing, level="info"))
    return result + of_worker


def _sign_on(context: Context, each: Tested, state: State, done: SignedOn | None, *, right: bool) -> Finding:
    """The line of one person: `right` says that the worker has what the sign-on should give it."""
    title, roles = f"Sign-on of {each.user_name}", ", ".join(each.roles)
    wanted = f"signed in as {roles}" if roles else f"{Pending('07')}"
    if done is None:
        return _earlier_sign_on(each, state, title, wanted, right=right)
    if done.verdict == "proved":
        return judged("D29", title, wanted, f"signed in to Flex: {done.trace}", "holds", "")
    if done.verdict == "said":
        words = f"by {done.opened} on {context.now:%Y-%m-%d}"
        return said("D29", title, wanted, OPENED, words, backed=right, fix=SEEN_LATER)
    if done.verdict == "half" and done.judgement and done.judgement.issued:
        since = f"Entra’s half is proved; nothing at Flex has moved since {done.judgement.issued:%Y-%m-%d %H:%M} UTC"
        return judged("D29", title, wanted, since, "waiting", NO_TRACE.format(user=each.user_name))
    if done.verdict == "unread":
        return judged("D29", title, wanted, f"in this person’s field: {done.seen.said}", "waiting", done.told)
    return judged("D29", title, wanted, done.seen.said, "wrong", done.told or FIX)


def _earlier_sign_on(each: Tested, state: State, title: str, wanted: str, *, right: bool) -> Finding:
    gone = "" if each.worker_sid else f", and Flex has no worker {each.name_id} now"
    if each.proved_at and each.worker_sid:
        return judged("D29", title, wanted, f"proved on {each.proved_at[:10]}", "holds")
    if each.said and each.worker_sid:
        return said("D29", title, wanted, OPENED, each.said, backed=right, fix=SEEN_LATER)
    due: FindingState = "waiting" if state.app and each.roles else "unknown"
    received = (
        f"proved on {each.proved_at[:10]}{gone}"
        if each.proved_at
        else f"said {each.said}{gone}"
        if each.said
        else "not yet"
    )
    later, link = due_of(each, state), state.sign_in_at
    do = f"After {later.after}, sign in at {link}." if isinstance(later, Pending) else f"Sign in at {link}."
    return judged("D29", title, wanted, received, due, do)


def facts(_context: Context, state: State) -> dict[str, str]:
    """Who signed in, with which roles, as which worker; what was only said is told as such."""
    results = state.results
    told: dict[str, str] = {}
    for each in state.tested:
        done = results.by_user.get(each.user_name)
        if not (each.id and each.worker_sid and _signed_in(each, done)):
            continue
        only_said = each.said if done is None else f"by {done.opened}" if done.verdict == "said" else ""
        worker = f"worker {each.worker_sid} · {each.shown('full_name')} · {each.shown('email')}"
        words = f"roles {each.shown('roles')} · {worker}"
        told[each.user_name] = f"said {only_said}, not seen · {words}" if only_said else words
    return told

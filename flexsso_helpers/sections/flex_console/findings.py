"""06 · What is known of Flex Console: what a started login shows, what a sign-on has shown, what was only said."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.plan import Finding, Value
from flexsso_helpers.plan import State as FindingState
from flexsso_helpers.plan.findings import judged, said
from flexsso_helpers.resources import legacy_sso as legacy
from flexsso_helpers.resources.context import Context
from flexsso_helpers.sections.flex_console import self_hosting
from flexsso_helpers.sections.flex_console.self_hosting import Landing
from flexsso_helpers.sections.settings import Setting

# Twilio documents none of it, and the claims policy fixes the NameID whatever is asked; a sign-on shows.
EXTRAS = "Whether Entra goes along shows in 08 · Test the sign-on."
FIX = "06 · Flex Console: paste the values again and save."
BACK = "paste the old one back"
PASTE = "06 · Flex Console: paste the values and save."
OTHERS = (
    "copy both values from the Flex Console of this account into the form: Flex lists {own} for it, and not {given}."
)
FIRST = "02 · Basic SAML configuration comes first: it takes reply URL and identifier from Flex Console."
ISSUER, SSO_URL, CERTIFICATE = "issuer", "sso_url", "certificate_sha256"
IN_ENTRA = {ISSUER: "Microsoft Entra Identifier", SSO_URL: "Login URL", CERTIFICATE: "Certificate (Base64)"}
"""What the admin center calls them."""
ONLY = "certificate, default redirect URL, trusted URLs"
NOT_SEEN = "08 · Test the sign-on: a sign-on shows whether Flex has it."


@dataclass(frozen=True, kw_only=True)
class State:
    """What Entra publishes, what was attested, and what a started login shows."""

    certificate_pem: str = ""
    certificate_sha256: str = ""
    certificate_end: str = ""
    issuer: str = ""
    sso_url: str = ""
    thumbprints: tuple[tuple[str, str], ...] = ()
    """(SHA-256, the thumbprint in short) of each certificate that Entra publishes."""
    attested_sha256: str = ""
    attested_issuer: str = ""
    attested_sso_url: str = ""
    attested_by: str = ""
    """`by … on …`: who said what was pasted, and when."""
    seen_by_sign_on: str = ""
    """When somebody signed on with these values and Flex left a trace of it; empty when nobody has since."""
    opened_by_sign_on: str = ""
    """The same, where only a person says that Flex opened."""
    legacy: bool = False
    """Whether Legacy is the target; the probe is then that of Legacy."""
    connection: str = ""
    identifier: str = ""
    reply_url: str = ""
    lists_others: str = ""
    """Connections that Flex lists for this account, where `connection` is not one of them."""
    connection_active: bool | None = None
    """None where nothing tells."""
    probe_known: bool = False
    """Whether the start of a login led to where it can be read."""
    probe_sso_url: str = ""
    probe_issuer: str = ""
    probe_reply_url: str = ""
    probe_extras: str = ""
    probe_said: str = ""
    landing: Landing = field(default_factory=Landing)

    @property
    def mend(self) -> str:
        """What to do where a started login shows other values: another account's connection is mended in 02."""
        return fix_in("02", OTHERS.format(own=self.lists_others, given=self.connection)) if self.lists_others else FIX

    @property
    def published(self) -> bool:
        """Whether Entra publishes all three values."""
        return bool(self.certificate_sha256 and self.issuer and self.sso_url)


def three_values(state: State) -> tuple[Setting[State], ...]:
    """What a person pastes, in the order of Console's page. Their keys are those of what the tenant's file keeps."""
    wanted, pasted = called(state, state.certificate_sha256), called(state, state.attested_sha256)
    rows = (
        (ISSUER, "Identity Provider Issuer", "D22", "Issuer", state.issuer, state.attested_issuer),
        (SSO_URL, "Single Sign-On URL", "D23", "Single Sign-On URL", state.sso_url, state.attested_sso_url),
        (CERTIFICATE, "X.509 Certificate", "D21", "Certificate", wanted, pasted),
    )
    return tuple(
        Setting(
            key=key,
            title=title,
            now=_said(now),
            wanted=wanted,
            reason=f"{IN_ENTRA[key]}; by hand, there is no API",
            instructions=(number,),
            undo=f"Flex Console keeps no earlier value; {BACK if now else 'what was there is not known'}",
            check=number,
            proof=f"{proof} in Flex Console",
            on="Flex Console",
            body={key: getattr(state, key)},
        )
        for key, title, number, proof, wanted, now in rows
    )


def _said(value: str) -> Callable[[State], Value]:
    return lambda _state: value or None


def by_instruction(state: State) -> list[Setting[State]]:
    """The same in the order of the instructions, as proofs and the tenant's file have them."""
    return sorted(three_values(state), key=lambda row: row.check)


def findings(_context: Context, state: State) -> tuple[Finding, ...]:
    """What was said of Console beside what is seen: a started login shows two of its values, a sign-on the others."""
    # Before anything has been pasted, nothing can be expected of a started login.
    ready = state.published and bool(state.attested_sha256)
    signed_on = bool(state.seen_by_sign_on or state.opened_by_sign_on)
    return (
        *_pasted(state),
        _alive(state),
        _probed(state, ready, "S32", "A started login leads to", state.sso_url, state.probe_sso_url),
        _probed(state, ready, "S35", "Flex presents itself as", state.identifier, state.probe_issuer),
        _probed(state, ready, "S33", "Flex asks for the response at", state.reply_url, state.probe_reply_url),
        _probed(state, ready, "F38", "Flex asks for nothing further", "nothing", _extras(state)),
        *self_hosting.findings(state.landing, state.connection, state.attested_by, backed=signed_on),
        *((legacy.ending(),) if state.legacy else ()),
        judged("S80", "Only a person can see", ONLY, "no API shows them", "unknown", "", "info"),
    )


def _pasted(state: State) -> list[Finding]:
    """The three values. Nobody reads them in Console: they are said, until a sign-on or a started login shows them."""
    return [
        _one(state, row.check, row.proof, str(row.wanted), str(row.now(state) or "")) for row in by_instruction(state)
    ]


def _one(state: State, check: str, title: str, wanted: str, pasted: str) -> Finding:
    if not state.published:
        return judged(check, title, wanted, pasted or "nobody has said so yet", "unknown", FIX)
    if not pasted:
        return judged(check, title, wanted, "nobody has said so yet", "waiting", PASTE if state.reply_url else FIRST)
    if pasted != wanted:
        do = FIX if state.reply_url else FIRST
        return judged(check, title, wanted, f"{pasted}, said {state.attested_by}", "wrong", do)
    if state.seen_by_sign_on:
        return judged(check, title, wanted, f"{pasted}, as the sign-on of {state.seen_by_sign_on} shows", "holds")
    if check == "D23" and state.probe_sso_url == wanted:
        return judged(check, title, wanted, f"{pasted}, as a started login shows", "holds")
    return said(check, title, wanted, pasted, state.attested_by, backed=bool(state.opened_by_sign_on), fix=NOT_SEEN)


def _alive(state: State) -> Finding:
    if state.legacy:
        seen = "yes" if state.probe_sso_url else state.probe_said or "no"
        return judged(
            "F115", "Legacy answers", "yes", seen, _where(state, state.probe_known, state.probe_sso_url != ""), FIX
        )
    seen = {True: "yes", False: "no", None: "Flex does not tell"}[state.connection_active]
    verdict = _where(state, state.connection_active is not None, bool(state.connection_active))
    return judged("F19", "Connection is active", "yes", seen, verdict, FIX)


def _extras(state: State) -> str:
    """What a started login asks for beside the sign-on; empty where none led to Entra."""
    return (state.probe_extras or "nothing") if state.probe_sso_url else ""


def _probed(state: State, ready: bool, check: str, title: str, wanted: str, seen: str) -> Finding:
    """One value of a started login. A chain that ended elsewhere, or could not be followed, tells nothing."""
    extras = check == "F38"
    known = bool(seen) if extras else ready and state.probe_known
    return judged(
        check,
        title,
        wanted,
        seen or state.probe_said or "not seen",
        (wanted == seen) if known else "unknown",
        EXTRAS if extras else state.mend,
        "warning" if extras else "error",
    )


def _where(state: State, known: bool, holds: bool) -> bool | FindingState:
    """Before anything has been pasted, or where nothing tells, it is not known."""
    return holds if known and state.published and state.attested_sha256 else "unknown"


def called(state: State, sha256: str) -> str:
    """A certificate by the thumbprint that Entra and 03 show; another one by what was kept of it."""
    if not sha256 or sha256 in dict(state.thumbprints):
        return dict(state.thumbprints).get(sha256, "")
    kept = f"SHA-256 {sha256[:8].upper()}…{sha256[-8:].upper()}"
    return f"{kept}, none that Entra publishes" if state.thumbprints else kept

"""What 02 reads: reply URLs, identifiers and the settings beside them, on both objects; and what should stand there."""

from dataclasses import asdict, dataclass, replace

from flexsso_helpers.plan import Finding
from flexsso_helpers.plan.findings import judged, said
from flexsso_helpers.resources import legacy_sso as legacy
from flexsso_helpers.resources.application import find, known_connection
from flexsso_helpers.resources.connection import of_legacy
from flexsso_helpers.resources.looking import NotSeen, could_not_look, look
from flexsso_helpers.session import Session

# What Microsoft's template may put there; D07 asks to replace it, and nobody made it by hand (G16).
DEFAULT_IDENTIFIER = "https://adapplicationregistry.onmicrosoft.com/customappsso/primary"


@dataclass(frozen=True, kw_only=True)
class State:
    """What was read. `connection` is empty when nobody knows it yet."""

    connection: str = ""
    legacy: bool = False
    """Whether Legacy is the target."""
    in_force: bool = False
    """Whether the account still signs on by Legacy while Enhanced is the target and both stand in the application. It
    counts as such while nobody could look, so that nothing is removed that people may need."""
    in_force_unseen: str = ""
    """Why nobody could look whether Legacy is in force."""
    listed: tuple[str, ...] = ()
    """The connections that Flex lists for the account; it lists none before Console has saved one (F10)."""
    unlisted: str = ""
    """Why nobody could look what Flex lists."""
    active: bool = False
    """Whether the Enhanced connection can be signed on through; read in a migration only."""
    kept: tuple[str, ...] = ()
    """Reply URL and identifier of Legacy, which have to stay as long as it is in force."""
    starts_at: str = ""
    """Where the application sends a response that nobody asked for."""
    wanted_reply_url: str = ""
    wanted_identifier: str = ""
    app: bool = False
    app_id: str = ""
    principal_id: str = ""
    identifiers: tuple[str, ...] = ()
    reply_urls: tuple[str, ...] = ()
    mirrored_identifiers: tuple[str, ...] = ()
    mirrored_reply_urls: tuple[str, ...] = ()
    assignment_required: bool = False
    login_url: str = ""
    relay_state: str = ""
    encryption_keys: tuple[str, ...] = ()
    signed_requests: bool = False

    @property
    def default_identifier(self) -> str:
        """The entry that Microsoft's template or portal made, if it is still there (G16)."""
        made = (DEFAULT_IDENTIFIER, f"api://{self.app_id}")
        return next((uri for uri in self.identifiers if uri in made), "")

    @property
    def migrating(self) -> bool:
        """Whether the application holds Legacy's values beside those of Enhanced."""
        return not self.legacy and bool(set(self.kept) & {*self.identifiers, *self.reply_urls})


async def read(session: Session) -> State:
    """Both objects and the connection."""
    connection = await known_connection(session)
    found = await find(session)
    unknown = State(
        legacy=legacy.is_target(session.tenant),
        kept=() if legacy.is_target(session.tenant) else of_legacy(session.tenant).values,
        connection=connection.name if connection else "",
        wanted_reply_url=connection.reply_url if connection else "",
        wanted_identifier=connection.identifier if connection else "",
    )
    if found is None:
        return unknown
    application, principal = found.application, found.principal
    known = replace(
        unknown,
        app=True,
        app_id=found.app_id,
        principal_id=found.principal_id,
        identifiers=tuple(application.get("identifierUris") or ()),
        reply_urls=tuple((application.get("web") or {}).get("redirectUris") or ()),
        mirrored_identifiers=tuple(sorted(principal.get("servicePrincipalNames") or ())),
        mirrored_reply_urls=tuple(principal.get("replyUrls") or ()),
        assignment_required=bool(principal.get("appRoleAssignmentRequired")),
        login_url=str(principal.get("loginUrl") or ""),
        relay_state=str((principal.get("samlSingleSignOnSettings") or {}).get("relayState") or ""),
        encryption_keys=found.encryption_keys,
        signed_requests=found.signed_requests,
        starts_at=str(application.get("defaultRedirectUri") or ""),
    )
    if known.legacy or not known.connection:
        return known
    listed = await look(session.flex.listed_connections())
    if isinstance(listed, NotSeen):
        known = replace(known, unlisted=listed.why)
    else:
        known = replace(known, listed=tuple(sorted(entry.name for entry in listed)))
    if not known.migrating:
        return known
    start = await look(legacy.start(session))
    return replace(
        known,
        in_force=isinstance(start, NotSeen) or bool(start.sso_url),
        in_force_unseen=start.why if isinstance(start, NotSeen) else "",
        active=not isinstance(listed, NotSeen)
        and any(entry.active and entry.name == known.connection for entry in listed),
    )


def settled(state: State) -> dict[str, object]:
    """What an approval of 02 is for: all but what is read for advice, which may be there now and not then."""
    return asdict(replace(state, listed=(), unlisted="", in_force_unseen=""))


def compared(account_sid: str, state: State) -> Finding:
    """Whether the connection is that account's: as Flex lists it, else as somebody copied or typed it.

    Another account's values have the right form too; only Flex can tell them apart.
    """
    title = "Connection of this Flex account"
    copied = "Its values were copied or typed. Flex lists it after 06; a sign-on in 08 shows it."
    if state.unlisted:
        return could_not_look("F19", title, state.connection, NotSeen(state.unlisted))
    if state.connection in state.listed:
        return judged("F19", title, state.connection, state.connection, True)
    if not state.listed:
        words = "in the tenant's file or form"
        return said("F19", title, state.connection, "not yet compared with Flex", words, fix=copied)
    others = ", ".join(state.listed)
    fix = f"Copy both values from the Flex Console of {account_sid} into the form of 02: Flex lists {others} for it."
    return judged("F19", title, state.connection, f"{others}, as Flex lists it", False, fix)


def mirrored(state: State) -> bool:
    """Whether the service principal has followed the application in both values."""
    return set(state.identifiers) <= set(state.mirrored_identifiers) and set(state.reply_urls) == set(
        state.mirrored_reply_urls
    )

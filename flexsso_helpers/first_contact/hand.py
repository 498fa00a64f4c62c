"""What the steps share: trials that may fail without stopping anything, and what was made on the way."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

from flexsso_helpers.errors import FlexSSOError, OutcomeUnknown, Stopped
from flexsso_helpers.person import ConsoleValues
from flexsso_helpers.saml.capture import LIMIT
from flexsso_helpers.session import Session
from flexsso_helpers.traffic import Recorder

Json = dict[str, Any]
T = TypeVar("T")
NOT_FOUND = "answered 404"
"""In the gateway's words on a POST: so claims policies with a description are refused, and nothing was made (G32)."""
NEVER = datetime.min.replace(tzinfo=UTC)
PREFIX = "flexsso first contact"


@dataclass(kw_only=True)
class Console:
    """What Flex Console was asked to hold."""

    right: ConsoleValues
    wrong: bool = False
    """Whether it may hold a value that is wrong on purpose."""
    stopped: bool = False
    """Whether the person does no more."""


@dataclass(kw_only=True)
class Hand:
    """One first contact: the open tenant, the recording, and the throw-away application as far as it got."""

    session: Session
    recorder: Recorder
    mark: str
    mishaps: dict[str, FlexSSOError] = field(default_factory=dict)
    """What went wrong in a trial, by its words; most of it is what was to be learnt."""
    lost: bool = False
    """Whether the answer about something that was perhaps made did not come."""
    application: Json = field(default_factory=dict)
    principal: Json = field(default_factory=dict)
    policy: Json = field(default_factory=dict)
    """The tenant's policy for applications, as far as it could be read."""
    policies: frozenset[str] = frozenset()
    """The ids of the policies that stood before anything was made."""
    sign_ons: bool = False
    """Whether somebody signs on, on this machine."""
    patience: float = LIMIT
    """Seconds that a response is awaited."""
    billed_user: str = ""
    """Who signs on to Flex, and is billed there; empty where nobody agreed to it."""
    console: Console | None = None
    at_flex: tuple[str, str] | None = None
    """Worker and Flex user that the sign-ons made, by their ids."""
    watched: float = 30.0
    """Minutes for which the certificate is looked at, since it was made."""
    made_at: datetime | None = None
    looked_at: datetime = NEVER
    reference: str = ""
    """The service management reference, where the tenant asks for one."""

    @classmethod
    def of(cls, session: Session) -> "Hand":
        """Begin over a session that records. Raises ValueError for one that does not."""
        if session.recorder is None:
            raise ValueError("The session does not record.")
        started = f"{session.tenant.tenant_id} {session.now().isoformat()}"
        return cls(session=session, recorder=session.recorder, mark=uuid5(NAMESPACE_URL, started).hex[:12])

    @property
    def name(self) -> str:
        """What everything that is made here is called: by it nothing else can be meant."""
        return f"{PREFIX} {self.mark}"

    @property
    def app(self) -> str:
        """The path of the application."""
        return f"/applications/{self.application['id']}"

    @property
    def sp(self) -> str:
        """The path of its service principal."""
        return f"/servicePrincipals/{self.principal['id']}"

    async def tries(self, trial: str, call: Callable[[], Awaitable[T]]) -> tuple[bool, T | None]:
        """Do it as this trial: whether it was done, and what came of it. Raises Stopped alone."""
        with self.recorder.during(trial):
            try:
                return True, await call()
            except Stopped:
                raise
            except FlexSSOError as error:
                self.mishaps[trial] = error
                self.lost |= isinstance(error, OutcomeUnknown) and NOT_FOUND not in error.why
                return False, None

    async def did(self, trial: str, call: Callable[[], Awaitable[object]]) -> bool:
        """The same, where only that counts."""
        return (await self.tries(trial, call))[0]

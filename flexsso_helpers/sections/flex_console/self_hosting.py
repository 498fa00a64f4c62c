"""Where a login ends that begins at the identity provider, and a Flex on a host of one's own (D27, D28)."""

import json
from dataclasses import dataclass

from flexsso_helpers.flex import Connection
from flexsso_helpers.parameters import Tenant
from flexsso_helpers.plan import Change, Finding, Pending, State, Value, compare
from flexsso_helpers.plan.findings import judged, said

AFTER = "known after the connection is saved in Flex Console"
FIX = "06 · Flex Console: enter the addresses again and save."
ENTER = "06 · Flex Console: enter the addresses and save."
LISTED = "06 · Flex Console: paste the values and save; Flex lists the connection then."
OTHER = "02 · Basic SAML configuration: the file names another connection than Flex; copy both values again."
TRY = "08 · Test the sign-on: only a person sees whether Flex opens there."


@dataclass(frozen=True, kw_only=True)
class Landing:
    """The addresses wanted in Flex Console, those attested there, and what Flex reports for `appConfig`."""

    default: str = ""
    """Default Redirect URL; empty where the file asks for none."""
    trusted: tuple[str, ...] = ()
    attested_default: str = ""
    attested_trusted: tuple[str, ...] = ()
    reported: str = ""
    """The connection's name as Flex reports it; empty before it is saved."""
    client_id: str = ""


def default_redirect(tenant: Tenant) -> str:
    """The landing page of the file, else the first self-hosted address (required there), else nothing."""
    return tenant.flex.landing or next(iter(tenant.flex.self_hosted), "")


def read(tenant: Tenant, listed: tuple[Connection, ...], connection: str, *, attested: bool) -> Landing:
    """From the file and Flex's own list; `attested` says whether what was attested is about this connection."""
    console = tenant.attested.console if tenant.attested and attested else None
    ours = next((entry for entry in listed if entry.name == connection), listed[0] if listed else None)
    return Landing(
        default=default_redirect(tenant),
        trusted=tenant.flex.self_hosted,
        attested_default=(console.default_redirect_url or "") if console else "",
        attested_trusted=console.trusted_urls if console else (),
        reported=ours.name if ours else "",
        client_id=ours.client_id if ours else "",
    )


def app_config(tenant: Tenant, landing: Landing) -> str:
    """The block for the self-hosted Flex's `appConfig`; to be deployed after Console is saved."""
    oauth = {
        "connection": landing.reported or AFTER,
        "clientId": landing.client_id or AFTER,
        "redirectUrl": landing.default,
    }
    return json.dumps({"sso": {"accountSid": tenant.flex.account_sid}, "oauth": oauth}, indent=2, ensure_ascii=False)


def changes(landing: Landing, *, known: bool) -> tuple[Change, ...]:
    """What a person enters beside the three values; nothing where the file asks for nothing."""
    rows = (
        (
            "default_redirect_url",
            "Default Redirect URL",
            landing.attested_default,
            landing.default,
            "where a tile on My Apps leads to",
            "D27",
        ),
        (
            "trusted_urls",
            "Trusted URLs",
            " ".join(landing.attested_trusted),
            " ".join(landing.trusted),
            "the self-hosted Flex; no wildcards",
            "D28",
        ),
    )
    return tuple(
        compare(setting, now or None, _value(wanted, known), reason=f"{why}; by hand", instructions=(number,), key=key)
        for key, setting, now, wanted, why, number in rows
        if wanted
    )


def _value(wanted: str, known: bool) -> Value:
    return wanted if known else Pending("03")


def findings(landing: Landing, connection: str, words: str, *, backed: bool) -> tuple[Finding, ...]:
    """The addresses that somebody said are those of the file, and Flex reports the connection of the `appConfig` block.

    `words` are by whom and when; `backed` says that people have signed on since.
    """
    rows = []
    if landing.default:
        rows.append(("D27", "Default Redirect URL in Flex Console", landing.default, landing.attested_default))
    if landing.trusted:
        wanted, seen = " ".join(landing.trusted), " ".join(landing.attested_trusted)
        rows.append(("D28", "Trusted URLs in Flex Console", wanted, seen))
    found = [
        said(*row, words, backed=backed, fix=TRY)
        if row[3] and row[2] == row[3]
        else judged(*row[:3], row[3] or "nobody has said so yet", *(("wrong", FIX) if row[3] else ("waiting", ENTER)))
        for row in rows
    ]
    if landing.trusted:
        fix = OTHER if landing.reported else LISTED
        complete = landing.reported == connection and bool(landing.client_id)
        seen = f"{landing.reported}, client {landing.client_id or 'none'}" if landing.reported else "not listed yet"
        verdict: bool | State = complete if landing.reported else "waiting"
        wanted = f"{connection}, with a client id"
        found.append(judged("D28", "Connection in the appConfig block, as Flex reports it", wanted, seen, verdict, fix))
    return tuple(found)

"""Opening a tenant: read its file, find the way out, sign in, and say who and where."""

import asyncio
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

from flexsso_helpers import places
from flexsso_helpers.clouds import LIVE_CLOUDS, Cloud
from flexsso_helpers.errors import FlexSSOError, NobodyThere, ParametersError, SignInError
from flexsso_helpers.flex import Flex
from flexsso_helpers.graph import (
    Graph,
    KeptSignIn,
    Principal,
    SignIn,
    Snapshot,
    asked_about,
    check_expected,
    consent_link,
    credential_for,
    read_organization,
    read_who,
    scopes_for,
    sign_in_now,
)
from flexsso_helpers.history import made_before
from flexsso_helpers.ledger import Ledger
from flexsso_helpers.parameters import Tenant, open_tenant
from flexsso_helpers.parameters.model import PUBLIC_CLIENT
from flexsso_helpers.person import Pages, Person, PersonAtTheConsole, SimulatedPerson
from flexsso_helpers.person.nearby import nobody_at_the_notebook
from flexsso_helpers.session.closing import close_with
from flexsso_helpers.session.rights import asked_of
from flexsso_helpers.session.secrets import RehearsedSecrets, RevealedSecrets, Secrets
from flexsso_helpers.session.session import Session
from flexsso_helpers.session.settling import settled
from flexsso_helpers.session.tenant_values import TenantValues
from flexsso_helpers.session.writing_lock import WritingLock
from flexsso_helpers.traffic import Recorder
from flexsso_helpers.views.errors_html import draw_errors
from flexsso_helpers.wire import (
    Clock,
    RehearsalClient,
    RehearsalClock,
    WallClock,
    Wire,
    open_rehearsal,
    redirect_browsers,
)


async def open_session(
    tenant: str | Mapping[str, Any], *, apply: bool | None = None, folder: Path | None = None, record: bool = False
) -> Session:
    """Open a tenant by the name of its file, or from the mapping that papermill injects.

    `apply` True approves all changes but removals, False none; None follows the file, and only a rehearsal's file may
    approve. `folder` is where the session writes; a new one by default. `record` keeps the traffic there, redacted;
    the start of a run may ask for it too. Raises ParametersError before anything is contacted, NobodyThere,
    SignInError, Unreachable; whatever of these names no notebook names 00, where a tenant is set up.
    """
    draw_errors()
    os.umask(0o077)  # whatever this kernel leaves is for whoever runs it, from the first byte
    try:
        return await _opened(tenant, apply, folder, record)
    except FlexSSOError as error:
        error.notebook = error.notebook or "00"
        raise


async def _opened(tenant: str | Mapping[str, Any], apply: bool | None, folder: Path | None, record: bool) -> Session:
    given, path = open_tenant(tenant, places.parameters())
    if apply is not None and not isinstance(apply, bool):
        raise ParametersError(
            f"apply is {apply!r}.",
            fix="Write apply = True, apply = False, or apply = None to follow the file.",
            notebook="00",
        )
    if given.practice == "you" and nobody_at_the_notebook():
        raise NobodyThere(
            "The file says practice: you, so a person signs in and pastes.",
            why="This notebook is executed by a program, and whatever it asked nobody would read.",
            fix=f"Open it with `flexsso guide {given.name}`, or run a file that says practice: simulated.",
            notebook="00",
        )
    rehearsal_client = (
        await asyncio.to_thread(open_rehearsal, places.rehearsal(given.name), by_itself=given.practice != "simulated")
        if given.rehearsal
        else None
    )
    cloud = LIVE_CLOUDS[
        str((await asyncio.to_thread(rehearsal_client.status))["cloud"]) if rehearsal_client else given.cloud
    ]
    wire = Wire.for_cloud(cloud, rehearsal_client.origin if rehearsal_client else None)
    return await assemble(
        given,
        path,
        cloud=cloud,
        wire=wire,
        rehearsal_client=rehearsal_client,
        apply=apply,
        folder=folder,
        record=record,
    )


async def assemble(
    given: Tenant,
    path: Path | None,
    *,
    cloud: Cloud,
    wire: Wire,
    rehearsal_client: RehearsalClient | None,
    apply: bool | None = None,
    folder: Path | None = None,
    record: bool = False,
) -> Session:
    """Put a session together over this wire and sign in. `folder` is where the run writes; a new one by default.

    With a `rehearsal_client` the redirect, the clock and the badge are a rehearsal's. Who sits there says `practice`.
    """
    # `practice: live` has a file of its own to write to; the others' is an example that everyone shares.
    values = TenantValues(given, path, None if given.practice == "live" else rehearsal_client)
    clock: Clock = RehearsalClock(rehearsal_client) if rehearsal_client else WallClock()
    secrets: Secrets = RehearsedSecrets(rehearsal_client) if rehearsal_client else RevealedSecrets()
    if rehearsal_client:
        redirect_browsers(rehearsal_client)
    person = _person(given, rehearsal_client)
    folder = folder or places.run_folder(given.name)
    started = _started(folder)
    recorder = Recorder(folder, now=clock.now) if record or started.get("record") else None
    wire = replace(wire, listener=recorder.hear if recorder else None)
    sign_in = _sign_in(given, secrets)
    kept = _kept(sign_in, given, person)
    credential = credential_for(
        sign_in, cloud=cloud, tenant_id=given.tenant_id, wire=wire, prompt=person.enter_code, kept=kept
    )
    may_apply = given.apply if apply is None else apply
    asked = asked_of(given, apply=may_apply, assigns=bool(started.get("assigns")))
    scopes = scopes_for(sign_in, cloud, asked)
    hint = await asyncio.to_thread(
        sign_in_now,
        credential,
        scopes,
        tenant_id=given.tenant_id,
        kept=kept,
        consent=consent_link(cloud, given.tenant_id, sign_in.client_id, app_only=not sign_in.by_a_person, asked=asked),
        method=sign_in.method,
    )
    ledger = Ledger(folder, rehearsal=given.rehearsal, now=clock.now)
    world = await _world(given, rehearsal_client)
    graph = Graph(
        cloud=cloud,
        tenant_id=given.tenant_id,
        credential=credential,
        scopes=scopes,
        wire=wire,
        journal=ledger,
        sleep=clock.sleep,
        snapshot=Snapshot(
            _kept_file(given, rehearsal_client, "asked.json"), unattended=bool(started.get("unattended"))
        ),
    )
    with graph.snapshot.looking("open"):
        graph.expect(asked_about(hint))
        principal = await read_who(graph, hint, tenant_id=given.tenant_id)
        _settle(principal, given.sign_in.user, kept)
        organization = await read_organization(graph, tenant_id=given.tenant_id)
    person.signed_in_as(principal.shown_name)
    ledger.opened(world=world, by=principal.user_name or principal.name, versions=versions())
    key = given.flex
    flex = Flex(
        account_sid=key.account_sid,
        api_key=key.api_key,
        secret=lambda: secrets.secret(key.api_secret),
        wire=wire,
        sleep=clock.sleep,
    )
    session = Session(
        tenant=values.tenant(),
        cloud=cloud,
        principal=principal,
        organization=organization,
        graph=graph,
        flex=flex,
        person=person,
        clock=clock,
        ledger=ledger,
        tenant_values=values,
        lock=WritingLock(_kept_file(given, rehearsal_client, "writing.lock")),
        rehearsal_client=rehearsal_client,
        asked=asked,
        may_apply=may_apply,
        may_remove=bool(started.get("allow_removals")),
        sign_in_kept=kept.words if kept else "",
        made=made_before(folder, world),
        recorder=recorder,
    )
    close_with(session, graph, flex)
    await settled(session, world)
    return session


async def _world(tenant: Tenant, rehearsal_client: RehearsalClient | None) -> str:
    """Which tenant and account this is; of a rehearsal also how often it began anew."""
    place = f"{tenant.cloud} {tenant.tenant_id} {tenant.flex.account_sid}"
    return f"{place} {(await asyncio.to_thread(rehearsal_client.status))['resets']}" if rehearsal_client else place


def versions() -> dict[str, str]:
    """What wrote this: the runbooks, Python, and the libraries that speak to Graph and to Twilio."""
    names = ("flexsso", "msgraph-sdk", "azure-identity", "twilio")
    return {"Python": platform.python_version()} | {name: metadata.version(name) for name in names}


def _settle(principal: Principal, expected: str | None, kept: KeptSignIn | None) -> None:
    """Keep the sign-in of whoever is wanted, and no other. Raises SignInError for somebody else."""
    try:
        check_expected(principal, expected)
    except SignInError:
        if kept:
            kept.forget()
        raise
    if kept:
        kept.settle(principal.user_name, principal.mail, principal.hint.user_name)


def _kept_file(tenant: Tenant, rehearsal_client: RehearsalClient | None, name: str) -> Path:
    """The same for all runs that would write to the same place; each rehearsal is a place of its own."""
    if rehearsal_client is not None:
        return rehearsal_client.folder / name
    return places.runs() / ".kept" / f"{tenant.tenant_id}.{tenant.flex.account_sid}.{name}"


def _person(tenant: Tenant, rehearsal_client: RehearsalClient | None) -> Person:
    """A human being at the pages where they are; only a rehearsal can have its human simulated."""
    user = tenant.sign_in.user or "a person"
    if rehearsal_client and tenant.practice == "simulated":
        return SimulatedPerson(user=user, rehearsal_client=rehearsal_client)
    return PersonAtTheConsole(user, Pages(rehearsal_client), hints=tenant.practice == "you")


def _sign_in(tenant: Tenant, secrets: Secrets) -> SignIn:
    """How this tenant signs in."""
    given = tenant.sign_in
    secret, certificate, password = given.secret, given.certificate, given.certificate_password
    assertion = given.assertion
    return SignIn(
        method=given.method,
        client_id=given.client_id,
        user=given.user,
        secret=(lambda: secrets.secret(secret)) if secret else None,
        certificate=(lambda: secrets.certificate(certificate)) if certificate else None,
        password=(lambda: secrets.password(password)) if password else None,
        assertion=(lambda: secrets.assertion(assertion)) if assertion else None,
        managed_identity=given.client_id if given.client_id != PUBLIC_CLIENT else None,
    )


def _kept(sign_in: SignIn, tenant: Tenant, person: Person) -> KeptSignIn | None:
    """What outlives this session of a human's sign-in. A simulated one's is not worth a place in a keychain."""
    if not person.human or not sign_in.by_a_person:
        return None
    folder = places.runs() / ".sign-in"
    return KeptSignIn(folder, tenant_id=tenant.tenant_id, client_id=sign_in.client_id, user=sign_in.user)


def _started(folder: Path) -> dict[str, Any]:
    """What the runner says of its run: whether removals are allowed, and whether nobody sits in front of it."""
    try:
        return dict(json.loads((folder / "run.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return {}

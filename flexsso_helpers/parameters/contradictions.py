"""Rules between fields. They read plain, possibly wrong data, so that one pass over a file finds everything."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flexsso_helpers import clouds
from flexsso_helpers.identities import identity
from flexsso_helpers.parameters import claim_names
from flexsso_helpers.parameters.roles import INSIGHTS, MAY_HAVE_INSIGHTS, ROLES
from flexsso_helpers.parameters.shapes import GUID, HEX32, IDENTIFIER, REPLY_URL

Key = tuple[str | int, ...]
_REHEARSAL_KEY = re.compile(r"SKf1e55000[0-9a-f]{24}")


class Contradiction(NamedTuple):
    """A rule between fields that does not hold; `text` continues after the name of the field at `path`."""

    path: Key
    text: str


def contradictions(tenant: Any) -> list[Contradiction]:
    """Everything in the plain mapping of a tenant that cannot be true together.

    Values of the wrong type are passed over: the model reports them.
    """
    rules = (_only_in_rehearsal, _ids, _connection, _sign_in, _assignments, _claims, _attributes, _insights, _twice)
    return [found for rule in rules for found in rule(tenant)] if isinstance(tenant, Mapping) else []


def _only_in_rehearsal(tenant: Any) -> Iterator[Contradiction]:
    live, as_live = tenant.get("cloud") in clouds.LIVE_CLOUDS, tenant.get("practice") == "live"
    if tenant.get("apply") is True and (live or as_live):
        fix = "write false, and approve each run with --apply or in the notebook"
        where = "the file of a live tenant" if live else "a file with practice: live, which plays a live tenant"
        yield Contradiction(("apply",), f"is true in {where}; {fix}")
    if live and "practice" in tenant:
        yield Contradiction(("practice",), "is for cloud: rehearsal only; remove this line")


_RESERVED = (
    (("tenant_id",), re.compile(GUID), clouds.REHEARSAL_TENANT, "f1e55000-0000-4000-8000-000000000001"),
    (
        ("flex", "account_sid"),
        re.compile("AC" + HEX32),
        clouds.REHEARSAL_ACCOUNT,
        "ACf1e55000000000000000000000000001",
    ),
    (("flex", "api_key"), re.compile("SK" + HEX32), _REHEARSAL_KEY, "SKf1e55000000000000000000000000001"),
    *(
        (
            ("flex", "connection", name),
            re.compile(form),
            re.compile(".*" + clouds.REHEARSAL_CONNECTION.pattern),
            "a value with JQf1e55000…, from the rehearsal's Console",
        )
        for name, form in (("reply_url", REPLY_URL), ("identifier", IDENTIFIER))
    ),
)


def _ids(tenant: Any) -> Iterator[Contradiction]:
    cloud = tenant.get("cloud")
    for path, form, reserved, right in _RESERVED:
        value = _at(tenant, path)
        if not isinstance(value, str) or not form.fullmatch(value.lower() if path == ("tenant_id",) else value):
            continue
        practice = reserved.fullmatch(value.lower() if path == ("tenant_id",) else value) is not None
        if cloud == "rehearsal" and not practice:
            yield Contradiction(path, f"is a live id in a rehearsal's file; write {right}, or name the live cloud")
        if cloud in clouds.LIVE_CLOUDS and practice:
            yield Contradiction(path, "is an id of the rehearsal in a live tenant's file; write the customer's own")


def _connection(tenant: Any) -> Iterator[Contradiction]:
    reply, name = (_at(tenant, ("flex", "connection", key)) for key in ("reply_url", "identifier"))
    if _at(tenant, ("flex", "mode")) == "legacy" and _at(tenant, ("flex", "connection")) is not None:
        text = "belongs to mode enhanced; with legacy both values follow from the account SID, so remove this block"
        yield Contradiction(("flex", "connection"), text)
    if _at(tenant, ("flex", "mode")) == "legacy" and _list(_at(tenant, _SELF_HOSTED)):
        text = "is for mode enhanced: appConfig.oauth would switch Flex to it; remove this line"
        yield Contradiction(_SELF_HOSTED, text)
    well_formed = re.fullmatch(REPLY_URL, str(reply)) and re.fullmatch(IDENTIFIER, str(name))
    if well_formed and str(reply)[-34:] != str(name)[-34:]:
        text = "has another JQ than reply_url: two Flex connections are mixed; copy both values from Console again"
        yield Contradiction(("flex", "connection", "identifier"), text)


_NEEDED = {
    "client_secret": {"client_id": "the id of the customer's app registration", "secret": "env:NAME"},
    "client_certificate": {
        "client_id": "the id of the customer's app registration",
        "certificate": "file:~/certificates/contoso.pem",
    },
    "workload_identity": {"client_id": "the id of the app registration that signs in", "assertion": "job:github"},
}
_ONLY_WITH = {
    "secret": "client_secret",
    "certificate": "client_certificate",
    "certificate_password": "client_certificate",
    "assertion": "workload_identity",
}


def _sign_in(tenant: Any) -> Iterator[Contradiction]:
    block = tenant.get("sign_in")
    if not isinstance(block, Mapping):
        return
    method = block.get("method")
    needed = _NEEDED.get(method, {}) if isinstance(method, str) else {}
    for key, wanted in needed.items():
        if block.get(key) is None:
            yield Contradiction(("sign_in", key), f"is missing; method {method} needs it: {wanted}")
    if needed and block.get("user") is not None:
        yield Contradiction(("sign_in", "user"), f"has no meaning with method {method}; remove this line")
    cloud = clouds.LIVE_CLOUDS.get(str(tenant.get("cloud")))
    alone = cloud is not None and cloud.own_client_only and block.get("client_id") is None
    if cloud is not None and alone and method in (None, "browser", "device_code"):
        text = f"is missing; the application everybody may sign in by is not in the cloud {cloud.title}: register one"
        yield Contradiction(("sign_in", "client_id"), text)
    for key, only in _ONLY_WITH.items():
        if block.get(key) is not None and method != only:
            yield Contradiction(("sign_in", key), f"is for method {only} only; remove this line")
    if method == "default" and tenant.get("cloud") == "rehearsal":
        text = "is default, which no rehearsal can play: it takes what this machine has; write device_code"
        yield Contradiction(("sign_in", "method"), text)


def _assignments(tenant: Any) -> Iterator[Contradiction]:
    offered = tenant.get("roles")
    for kind, key in (("users", "user"), ("groups", "group")):
        first: dict[str, Any] = {}
        for index, entry in enumerate(_list(_at(tenant, ("assignments", kind)))):
            if not isinstance(entry, Mapping) or not isinstance(entry.get(key), str):
                continue
            who, role = identity(entry[key]), entry.get("role")
            if who in first:
                yield Contradiction(("assignments", kind, index), _repeated(key, entry[key], first[who], role))
            first.setdefault(who, role)
            if isinstance(offered, Sequence) and isinstance(role, str) and _known(role) and role not in offered:
                text = f"is {role}, which `roles` does not offer; add it there or choose another"
                yield Contradiction(("assignments", kind, index, "role"), text)


def _claims(tenant: Any) -> Iterator[Contradiction]:
    cloud = tenant.get("cloud")
    if _at(tenant, ("claims", "store")) == "portal_policy" and cloud in clouds.LIVE_CLOUDS and cloud != "global":
        text = "is portal_policy, which only the global cloud has; write mapping_policy"
        yield Contradiction(("claims", "store"), text)


def _attributes(tenant: Any) -> Iterator[Contradiction]:
    first: dict[str, str] = {}
    for index, entry in enumerate(_list(tenant.get("attributes"))):
        if not isinstance(entry, Mapping) or not isinstance(name := entry.get("name"), str):
            continue
        path: Key = ("attributes", index)
        source, value = entry.get("source"), entry.get("value")
        if source is None and value is None:
            yield Contradiction(path, "says not where its value comes from; write source: or value:")
        if source is not None and value is not None:
            yield Contradiction((*path, "value"), "stands beside source; keep one of the two")
        if isinstance(value, str) and (wrong := claim_names.misfit(name, value)):
            yield Contradiction((*path, "value"), wrong)
        stored = claim_names.split(name)[0].lower()
        if stored in first:
            text = f"is {name}, and an earlier entry is {first[stored]}: Flex would hold one attribute; keep one"
            yield Contradiction((*path, "name"), text)
        first.setdefault(stored, name)


def _repeated(key: str, name: str, before: Any, now: Any) -> str:
    if before == now or not (_known(before) and _known(now)):
        return f"names {key} {name} a second time; remove one of the entries"
    return f"gives {key} {name} the role {now}, an earlier entry {before}; keep one, Flex knows one role a person"


def _known(role: Any) -> bool:
    return role in ROLES


def _insights(tenant: Any) -> Iterator[Contradiction]:
    """Each Insights role is offered by the application, and stands beside one that opens Flex Insights (S63)."""
    given = tenant.get("insights")
    offered = INSIGHTS if given is True else tuple(_list(given))
    for index, entry in enumerate(_list(_at(tenant, ("assignments", "users")))):
        if not isinstance(entry, Mapping):
            continue
        path: Key = ("assignments", "users", index, "insights")
        named = [each for each in _list(entry.get("insights")) if each in INSIGHTS]
        if named and _known(entry.get("role")) and entry["role"] not in MAY_HAVE_INSIGHTS:
            text = f"stands beside the role {entry['role']}; Flex Insights opens only to supervisor or admin"
            yield Contradiction(path, text)
        for at, role in enumerate(named):
            if role not in offered:
                text = (
                    f"is {role}, which `insights` of the tenant does not offer; add it there, or write insights: true"
                )
                yield Contradiction((*path, at), text)
    for index, entry in enumerate(_list(_at(tenant, ("assignments", "groups")))):
        if isinstance(entry, Mapping) and "insights" in entry:
            text = "is for users: Flex Insights roles are assigned to each person (D26); list them there"
            yield Contradiction(("assignments", "groups", index, "insights"), text)


_AGREED = ("claims", "acknowledged")
_SELF_HOSTED = ("flex", "self_hosted")


def _twice(tenant: Any) -> Iterator[Contradiction]:
    for path in (
        ("roles",),
        ("insights",),
        _SELF_HOSTED,
        ("signing", "notification_addresses"),
        ("test_sign_ons",),
        _AGREED,
        *_per_user(tenant),
    ):
        seen = set()
        for index, entry in enumerate(_list(_at(tenant, path))):
            if isinstance(entry, str) and identity(entry) in seen:
                yield Contradiction((*path, index), "stands in this list a second time; remove it")
            seen.add(identity(entry) if isinstance(entry, str) else None)


def _per_user(tenant: Any) -> list[Key]:
    users = _list(_at(tenant, ("assignments", "users")))
    return [("assignments", "users", index, "insights") for index in range(len(users))]


def _at(data: Any, path: Key) -> Any:
    for key in path:
        if isinstance(key, int):
            data = data[key] if key < len(_list(data)) else None
        else:
            data = data.get(key) if isinstance(data, Mapping) else None
    return data


def _list(data: Any) -> Sequence[Any]:
    return data if isinstance(data, list | tuple) else ()

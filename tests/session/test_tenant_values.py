"""In a rehearsal edits lie over the tenant's file, until the file itself says something else."""

from pathlib import Path
from typing import Any

import pytest
from stage import REHEARSAL

from flexsso_helpers.parameters import from_mapping, load
from flexsso_helpers.session.tenant_values import TenantValues

ADA = {"user": "ada.admin@contoso.com", "role": "admin"}
CONNECTION = {
    "reply_url": "https://login.flex.us1.twilio.com/login/callback?connection=JQf1e55000000000000000000000000001",
    "identifier": "urn:flex:JQf1e55000000000000000000000000001",
}
EDITS: dict[tuple[str, ...], tuple[Any, Any]] = {
    ("application", "name"): ("Flex of Contoso", "Contoso Flex"),
    ("flex", "connection"): (CONNECTION, {k: v.replace("0001", "0002") for k, v in CONNECTION.items()}),
    ("signing", "valid_days"): (365, 500),
    ("signing", "notification_addresses"): (["sso@contoso.com"], ["keys@contoso.com"]),
    ("insights",): (["wfo.full_access"], ["wfo.team_leader"]),
    ("assignments", "users"): ([ADA], [ADA | {"role": "agent"}]),
    ("assignments", "groups"): ([], [{"group": "Night shift", "role": "agent"}]),
}
"""By place: what is typed into the form, and what somebody then writes into the file."""


class Client:
    """Keeps what it is given, as a rehearsal does."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def tenant_values(self) -> dict[str, Any]:
        return dict(self.kept)

    def keep_tenant_values(self, values: dict[str, Any]) -> None:
        self.kept = values


def plain() -> dict[str, Any]:
    return load(REHEARSAL).model_dump(mode="json", exclude_unset=True)


def at(values: dict[str, Any], place: tuple[str, ...]) -> Any:
    found: Any = values
    for key in place:
        found = found[key]
    return found


def written(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    """The values of the file with this one in place of its own."""
    whole = plain()
    level = whole
    for key in place[:-1]:
        level = level.setdefault(key, {})
    level[place[-1]] = value
    return whole


def opened(values: dict[str, Any], rehearsal_client: Client) -> TenantValues:
    return TenantValues(from_mapping(values), None, rehearsal_client)  # type: ignore[arg-type]


@pytest.mark.parametrize("place", EDITS, ids=".".join)
def test_an_edit_counts_until_the_file_says_something_else(place: tuple[str, ...]) -> None:
    rehearsal_client, (typed, later) = Client(), EDITS[place]
    opened(plain(), rehearsal_client).record(
        {place: typed, ("attested", "sign_on"): {"at": "2026-11-02T08:00:00Z", "by": "Ada", "users": []}}
    )
    dump = opened(plain(), rehearsal_client).tenant().model_dump(mode="json", exclude_unset=True)
    assert at(dump, place) == typed
    tenant = opened(written(place, later), rehearsal_client).tenant()
    assert at(tenant.model_dump(mode="json", exclude_unset=True), place) == later
    assert tenant.attested is not None, "what people attested is no edit"
    assert tenant.attested.sign_on is not None


def test_other_edits_stay_and_the_one_that_the_file_overtook_is_forgotten() -> None:
    rehearsal_client = Client()
    opened(plain(), rehearsal_client).record(
        {("signing", "valid_days"): 365, ("application", "name"): "Flex of Contoso"}
    )
    overtaken = written(("signing", "valid_days"), 500)
    opened(overtaken, rehearsal_client).record({("signing", "notification_addresses"): ["sso@contoso.com"]})
    tenant = opened(plain(), rehearsal_client).tenant()
    assert tenant.signing.valid_days == load(REHEARSAL).signing.valid_days
    assert tenant.application.name == "Flex of Contoso"
    assert tenant.signing.notification_addresses == ("sso@contoso.com",)


def test_a_file_that_is_read_anew_overtakes_what_was_typed(tmp_path: Path) -> None:
    path, rehearsal_client = tmp_path / "practice.yaml", Client()
    text = REHEARSAL.read_text("utf-8").replace("name: rehearsal ", "name: practice ", 1)
    path.write_text(text, "utf-8")
    kept = TenantValues(load(path), path, rehearsal_client)  # type: ignore[arg-type]
    assert kept.record({("signing", "valid_days"): 365}).signing.valid_days == 365
    assert path.read_text("utf-8") == text
    path.write_text(text.replace("valid_days: 1095", "valid_days: 500", 1), "utf-8")
    assert kept.tenant().signing.valid_days == 500

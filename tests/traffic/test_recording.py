"""What is kept of the traffic: everything that a verdict needs, in a form in which nothing names anybody."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from flexsso_helpers.traffic import Exchange, Recorder, read_traffic
from flexsso_helpers.traffic.recorder import FILE
from flexsso_helpers.wire.listening import Heard

ID = "6b1f7e64-2c0a-4c57-9d39-0a7c5b7d4f11"
MOMENTS = count()


def recorder(folder: Path) -> Recorder:
    began = datetime(2026, 11, 2, tzinfo=UTC)
    ticks = count()
    return Recorder(folder, now=lambda: began + timedelta(seconds=next(ticks)))


def heard(answer: Any, *, url: str = f"https://graph.microsoft.com/v1.0/users/{ID}", **more: Any) -> Heard:
    content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return Heard(**{"method": "GET", "url": url, "sent": b"", "status": 200, "headers": {}, "answer": content, **more})


def kept(folder: Path, *each: Heard) -> list[Exchange]:
    recording = recorder(folder)
    for one in each:
        recording.hear(one)
    assert read_traffic(folder) == recording.exchanges
    return recording.exchanges


def test_what_is_read_again_is_what_was_kept(tmp_path: Path) -> None:
    recording = recorder(tmp_path)
    with recording.during("a trial"):
        recording.hear(heard({"id": ID}, status=404, headers={"retry-after": "3"}))
        recording.note({"token_claims": ["upn"]})
    recording.hear(heard({"id": ID}))
    assert read_traffic(tmp_path) == recording.exchanges
    assert [(each.trial, each.status, each.waits) for each in recording.exchanges] == [
        ("a trial", 404, True),
        ("a trial", 0, False),
        ("", 200, False),
    ]
    assert recording.exchanges[1].answer == {"token_claims": ["upn"]}


def test_a_line_that_a_crash_cut_is_left_out(tmp_path: Path) -> None:
    recording = recorder(tmp_path)
    recording.hear(heard({}))
    with (tmp_path / FILE).open("a") as file:
        file.write('{"trial": "half')
    assert len(read_traffic(tmp_path)) == 1


def test_equal_values_stay_equal_and_others_differ(tmp_path: Path) -> None:
    (one,) = kept(tmp_path, heard({"id": ID, "mail": "a@b.example", "userPrincipalName": "a@b.example", "name": "c@d"}))
    answer = one.answer
    assert answer["mail"] == answer["userPrincipalName"] != answer["name"]
    assert one.place == f"graph.microsoft.com/v1.0/users/{answer['id']}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-11-02T09:08:07Z", "0000-00-00T00:00:00Z"),
        ("2026-11-02T09:08:07.0000000Z", "0000-00-00T00:00:00.0000000Z"),
        ("2026-11-02T09:08:07.5754318Z", "0000-00-00T00:00:00.9999999Z"),
        ("P180D", "P180D"),
        ("AADSTS65001", "AADSTS65001"),
        ("saml", "saml"),
        (True, True),
        (None, None),
        (7, 7),
        (48151623, "number"),
    ],
)
def test_what_tells_nobody_stays_in_its_shape(value: Any, shown: Any, tmp_path: Path) -> None:
    (one,) = kept(tmp_path, heard({"state": value}))
    assert one.answer == {"state": shown}


def test_a_key_is_told_by_its_length_and_a_batch_by_its_entries(tmp_path: Path) -> None:
    batch = {"responses": [{"id": "1", "status": 404, "body": {"error": {"code": "Request_ResourceNotFound"}}}]}
    asked = {"requests": [{"id": "1", "method": "DELETE", "url": f"/servicePrincipals/{ID}"}]}
    sha1 = {"keyCredentials": [{"customKeyIdentifier": "AAECAwQFBgcICQoLDA0ODxAREhM="}]}
    url = "https://graph.microsoft.com/v1.0/$batch"
    one, entry = kept(tmp_path, heard(sha1), heard(batch, url=url, method="POST", sent=json.dumps(asked).encode()))
    assert one.answer == {"keyCredentials": [{"customKeyIdentifier": "bytes(20)-1"}]}
    assert (entry.method, entry.path, entry.status) == ("DELETE", "/v1.0/servicePrincipals/id-1", 404)


def test_the_code_of_a_service_stays_and_the_same_word_of_somebody_does_not(tmp_path: Path) -> None:
    refused = {"error": {"code": "Request_BadRequest", "message": "EntitlementGrant entry already exists. For Ada."}}
    worker = {"attributes": json.dumps({"code": "Request_BadRequest"})}
    first, second = kept(tmp_path, heard(refused, status=400), heard(worker))
    assert first.code == "Request_BadRequest"
    assert first.words == "EntitlementGrant entry already exists."
    assert second.answer == {"attributes": {"code": "text-1"}}


CANARY = "Zyxwv"
FORMS = (
    f"{CANARY}", f"{CANARY}@{CANARY}.example", f"https://{CANARY}.example/{CANARY}?q={CANARY}", f"urn:{CANARY}:1",
    f"eyJ{CANARY}.eyJ{CANARY}.{CANARY}", f"-----BEGIN CERTIFICATE-----{CANARY}", f"{CANARY}_{CANARY}", f"CN={CANARY}",
)  # fmt: skip
NAMES = ("code", "message", "error", "displayName", "key", "attributes", "location", "value", "definition", CANARY)


@pytest.mark.parametrize("form", FORMS)
def test_no_byte_of_a_name_stays_wherever_it_stands(form: str, tmp_path: Path) -> None:
    for name in NAMES:
        for body in ({name: form}, {name: [form]}, {name: {form: form}}, {name: json.dumps({form: form})}):
            recording = recorder(tmp_path)
            sent = json.dumps(body).encode()
            recording.hear(heard(body, sent=sent, url=f"https://{CANARY}.example/v1.0/{CANARY}/x?{CANARY}={CANARY}"))
            recording.hear(heard(form.encode(), headers={"location": f"https://flex.twilio.com/{CANARY}"}))
            recording.hear(heard(f'<?xml version="1.0"?><{CANARY} a="{CANARY}">{CANARY}</{CANARY}>'.encode()))
    assert CANARY.lower() not in (tmp_path / FILE).read_text("utf-8").lower()


def test_a_code_of_a_refusal_that_is_no_word_goes_too(tmp_path: Path) -> None:
    (one,) = kept(tmp_path, heard({"error": {"code": "ada@contoso.com", "message": "x"}}, status=400))
    assert one.code == "mail-1"

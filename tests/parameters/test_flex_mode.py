"""Enhanced or Legacy, as the file says it."""

from pathlib import Path

import pytest

from flexsso_helpers.errors import ParametersError
from flexsso_helpers.parameters import from_mapping, load

REHEARSAL = Path(__file__).parent.parent.parent / "parameters" / "rehearsal.yaml"
JQ = "JQf1e55000000000000000000000000001"
CONNECTION = {
    "reply_url": f"https://login.flex.us1.twilio.com/login/callback?connection={JQ}",
    "identifier": f"urn:flex:{JQ}",
}


def with_flex(**block: object) -> dict[str, object]:
    plain = load(REHEARSAL).model_dump(mode="json", exclude_unset=True)
    return plain | {"flex": plain["flex"] | block}


def test_enhanced_is_what_a_file_means_that_does_not_say() -> None:
    assert load(REHEARSAL).flex.mode == "enhanced"
    assert from_mapping(with_flex(mode="legacy")).flex.mode == "legacy"


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"mode": "Legacy"}, "flex.mode"),
        ({"mode": "legacy", "connection": CONNECTION}, "with legacy both values follow from the account SID"),
        ({"mode": "legacy", "account_sid": "AC" + "x" * 32}, "is still a placeholder"),
    ],
    ids=["another word", "a connection beside legacy", "placeholder account"],
)
def test_what_cannot_be_meant_is_refused(block: dict[str, object], says: str) -> None:
    with pytest.raises(ParametersError) as caught:
        from_mapping(with_flex(**block))
    assert says in str(caught.value)

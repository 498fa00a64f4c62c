from collections.abc import Callable
from pathlib import Path

import pytest

FABRIKAM = """\
tenant:
  name: fabrikam
  title: "Fabrikam"
  cloud: global
  tenant_id: 1b4e28ba-2fa1-41d2-883f-0016d3cca427
  apply: false
  sign_in:
    method: browser
    user: ada@fabrikam.com
  application: {name: "Twilio Flex"}
  flex:
    account_sid: AC5ef8732a3c49700934481addd5ce1659
    api_key: SK2a0747eba6abf96b7e3c3ff0b4530f6e
    api_secret: "env:FLEX_SECRET"
    connection:
      reply_url: https://login.flex.us1.twilio.com/login/callback?connection=JQ9a0364b9e99bb480dd25e1f0284c8555
      identifier: urn:flex:JQ9a0364b9e99bb480dd25e1f0284c8555
  name_id: mail
  signing:
    valid_days: 365
    notification_addresses: [owners@fabrikam.com]
  roles: [admin, supervisor, agent]
  assignments:
    users:
      - {user: ada@fabrikam.com, role: admin}
      - {user: bo@fabrikam.com, role: agent}
  test_sign_ons: [ada@fabrikam.com]
"""


@pytest.fixture
def fabrikam(tmp_path: Path) -> Callable[[str | bytes], Path]:
    """Writes a text as parameters/fabrikam.yaml and returns its path."""

    def write(text: str | bytes = FABRIKAM) -> Path:
        path = tmp_path / "parameters" / "fabrikam.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def good() -> str:
    """A tenant's file with nothing wrong in it."""
    return FABRIKAM

"""03: what the signing policy says, a row a setting. The policy is written whole, whichever of them is to change."""

from collections.abc import Sequence

from flexsso_helpers.resources import signing_policy
from flexsso_helpers.resources.application import Json
from flexsso_helpers.resources.signing_policy import BOTH, RSA_SHA256, Signing
from flexsso_helpers.sections import settings
from flexsso_helpers.sections.settings import Setting, Where

POLICY: Where = "signing policy"
OPTIONS = {
    BOTH: "sign SAML response and assertion",
    "TokenOnly": "sign SAML assertion",
    "ResponseOnly": "sign SAML response",
}


def rows_of(policy: Signing) -> tuple[Setting[Signing], ...]:
    """Option, algorithm and token version, of whatever policy counts."""
    return (
        Setting(
            key="signing_option",
            title="Signing option",
            now=lambda policy: OPTIONS.get(policy.option, policy.option) or OPTIONS["TokenOnly"],
            wanted=OPTIONS[BOTH],
            reason="Flex's guide asks for both" + (", in an own copy of a shared policy" if policy.shared else ""),
            instructions=("D14",),
            check="D14",
            more=signing_policy.in_force,
            on=POLICY,
            body={"TokenResponseSigningPolicy": BOTH},
        ),
        Setting(
            key="signing_algorithm",
            title="Signing algorithm",
            now=lambda policy: "SHA-256" if policy.algorithm in ("", RSA_SHA256) else "SHA-1",
            wanted="SHA-256",
            instructions=("D15",),
            check="D15",
            on=POLICY,
            body={"SigningAlgorithm": RSA_SHA256},
        ),
        Setting(
            key="token_version",
            title="SAML version of the token",
            now=lambda policy: policy.token_version or "2.0",
            wanted="2.0",
            reason="Flex reads no other",
            quiet=True,  # only an adopted policy says otherwise; Entra's own default is right
            check="S13",
            on=POLICY,
            body={"SamlTokenVersion": "2.0"},
        ),
    )


def whole(rows: Sequence[Setting[Signing]]) -> Json:
    """All of it, as the policy takes it."""
    # Entra keeps the text as it is sent: by key, so that the order of the plan's lines never makes it another one.
    return settings.body(sorted(rows, key=lambda row: row.key), [row.key for row in rows], POLICY)

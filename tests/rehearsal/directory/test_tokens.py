"""Tokens count from a moment before they were given, so that a client whose clock is behind may use them at once."""

import pytest
from entra_stage import Entra

from flexsso_helpers.rehearsal.directory.tokens import access_token, claims_of
from flexsso_helpers.rehearsal.entra import scopes

ARM = "https://management.core.windows.net//.default"


@pytest.mark.parametrize("resource", ["Graph", "Azure Resource Manager"])
def test_a_token_says_from_when_it_counts(resource: str) -> None:
    entra = Entra()
    if resource == "Graph":
        token = access_token(entra.world, entra.ada)
    else:
        token = scopes.token(entra.world, scopes.read(entra.world, ARM), entra.ada, not_before=None)
    claims = claims_of(entra.world, token)
    assert claims
    assert claims["nbf"] == claims["iat"] < entra.world.clock.now < claims["exp"]


def test_one_that_answers_a_claims_challenge_counts_from_the_moment_that_was_asked_for() -> None:
    entra = Entra()
    asked = int(entra.world.clock.now) - 7
    claims = claims_of(entra.world, access_token(entra.world, entra.ada, not_before=asked))
    assert claims
    assert (claims["nbf"], claims["xms_cc"]) == (asked, ["CP1"])

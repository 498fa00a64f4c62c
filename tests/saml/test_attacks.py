"""Every attack class of the SAML facts is rejected, by the check that is meant for it, and none crashes the judge."""

import pytest
import saml_attacks as attacks
import saml_forge as forge

from flexsso_helpers.saml.diagnosis import judge


def test_the_honest_response_is_accepted() -> None:
    judgement = judge(forge.Forge().xml(), forge.expected(), relay_state="")
    assert judgement.accepted
    assert not [finding for finding in judgement.findings if finding.state == "wrong"]
    assert judgement.name_id == "ada@contoso.com"
    assert dict(judgement.attributes) == {
        "email": ("ada@contoso.com",),
        "full_name": ("Ada Admin",),
        "roles": ("admin",),
    }
    assert judgement.signed == {"response": True, "assertion": True}
    assert judgement.certificates == (forge.certificate(),)


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_an_attack_is_rejected_by_its_check(name: str) -> None:
    attack, check = attacks.ATTACKS[name]
    judgement = judge(attack(), forge.expected())
    assert not judgement.accepted
    assert check in [finding.check for finding in judgement.failing]
    assert all(finding.fix for finding in judgement.findings if finding.state == "wrong")


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_no_attack_gets_a_forged_person_or_role_believed(name: str) -> None:
    """Whatever is handed out as verified was signed by the application's key."""
    attack, check = attacks.ATTACKS[name]
    judgement = judge(attack(), forge.expected(profile="saml", requires="assertion"))
    honest_but_wrong = check in ("S49", "S47")
    assert judgement.name_id in (None, "ada@contoso.com") or honest_but_wrong


def test_a_replayed_response_is_rejected() -> None:
    first = judge(forge.Forge().xml(), forge.expected())
    again = judge(forge.Forge().xml(), forge.expected(seen=first.ids))
    assert first.accepted
    assert [finding.check for finding in again.failing] == ["S46"]


def test_a_replayed_assertion_in_a_new_response_is_rejected() -> None:
    """With only the assertion signed, anybody can write another ID on the response around it."""
    first = judge(forge.Forge(signed="assertion").xml(), forge.expected(requires="assertion"))
    dressed = forge.Forge(signed="assertion").xml().replace(forge.Forge().response_id.encode(), b"_new")
    again = judge(dressed, forge.expected(requires="assertion", seen=first.ids))
    assert first.accepted
    assert [finding.check for finding in again.failing] == ["S46"]


def test_two_signatures_by_different_certificates_are_not_what_flex_accepts() -> None:
    active, staged = forge.certificate(), forge.certificate("staged")
    inner = forge.Forge(signer="staged", signed="assertion").xml().decode()
    signature = inner[inner.index("<Signature ") : inner.index("</Signature>") + len("</Signature>")]
    mixed = forge.Forge(signed="response", before_signing=lambda text: text.replace("<!--A-->", signature))
    judgement = judge(mixed.xml(), forge.expected(certificates=(active, staged)))
    assert judgement.signed == {"response": True, "assertion": True}
    assert set(judgement.certificates) == {active, staged}
    assert {"S25", "S27"} <= {finding.check for finding in judgement.failing}


@pytest.mark.parametrize("requires", ["assertion", "response"])
def test_one_signature_is_enough_where_one_is_demanded(requires: str) -> None:
    judgement = judge(forge.Forge(signed=requires).xml(), forge.expected(requires=requires))
    assert judgement.accepted
    assert judgement.name_id == "ada@contoso.com"


@pytest.mark.parametrize("requires", ["assertion", "response"])
def test_the_other_signature_does_not_stand_in(requires: str) -> None:
    signed = {"assertion": "response", "response": "assertion"}[requires]
    assert not judge(forge.Forge(signed=signed).xml(), forge.expected(requires=requires)).accepted


def test_a_broken_second_signature_spoils_the_first() -> None:
    """A response signature that does not verify is a warning sign even where only the assertion must be signed."""
    broken = attacks.edited(r"<samlp:Status>", "<samlp:Status><!-- moved --><a/>")()
    assert not judge(broken, forge.expected(requires="assertion")).accepted


def test_without_a_certificate_nothing_is_believed() -> None:
    judgement = judge(forge.Forge().xml(), forge.expected(certificates=()))
    assert not judgement.accepted
    assert (judgement.name_id, dict(judgement.attributes)) == (None, {})
    assert not judgement.failing


def test_an_expired_certificate_still_verifies_and_is_reported() -> None:
    old = forge.certificate("old", days=10)
    judgement = judge(
        forge.Forge(signer="old").xml(),
        forge.expected(certificates=(old,), active_sha1=old.sha1, attested_sha256=old.sha256, metadata_sha1=None),
    )
    assert judgement.signed == {"response": True, "assertion": True}
    assert judgement.name_id == "ada@contoso.com"
    assert [finding.check for finding in judgement.failing] == ["S28"]

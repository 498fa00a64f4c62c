"""S15–S23: which parts are signed, by whom, and how."""

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.saml.checks import advice
from flexsso_helpers.saml.checks.report import Ok, Report
from flexsso_helpers.saml.expected import RSA_SHA256, Expected
from flexsso_helpers.saml.response import Signature, Verified
from flexsso_helpers.saml.signature import EXC_C14N, RSA_SHA1, SHA1, Part

_SIGN_BOTH = fix_in("03", "set the signing option to “Sign SAML response and assertion”.")
_DISCARD = "Do not use this response. " + fix_in("08", "capture a new one.")
_COMPARE = (
    "compare the thumbprint received with the certificates listed there (admin center: Single sign-on › SAML "
    "Certificates). If it is listed, wait 5–10 minutes and sign on again; if not, another application signed this."
)
_OPTIONS = {"both": "response and assertion", "assertion": "assertion only", "response": "response only"}


def check(report: Report, verified: Verified, expected: Expected) -> None:
    """Judge the signatures; says nothing when the structure hides which ones are meant."""
    if verified.message is None and not verified.signatures:
        if verified.structure.encrypted:
            sealed = "Whether the signatures hold cannot be said: the assertion is encrypted"
            report.say("S17", None, "", "", unknown=sealed)
            return
        report.say(
            "S17",
            False,
            "",
            "The signatures were not looked at, because the structure is that of an attack",
            fix=_DISCARD,
        )
        return
    _present(report, verified, expected)
    for signature in verified.signatures:
        _verdict(report, signature, expected)
        _cover(report, signature)
        _algorithms(report, signature, expected)
        _hint(report, signature)
    if not verified.signatures:
        report.say("S17", False, "", "Nothing is signed: anybody could have written this", fix=_SIGN_BOTH)
    if verified.structure.stray_signatures:
        where = [f"a Signature inside {name}" for name in verified.structure.stray_signatures]
        wrong = "A signature stands where none belongs: the pattern of an attack"
        configured = "directly in Response and Assertion, one each"
        report.say("S18", False, "", wrong, configured=configured, received=where, fix=_DISCARD)
    covered = " and ".join(each.part for each in verified.signatures if each.verified)
    if verified.trusted:
        report.tell("S23", "All values were read from the signed bytes only", received=f"signed: {covered}")
    elif verified.signatures and not expected.certificates:
        nobody = "Nothing is known that could vouch for the values: they are shown to nobody"
        report.say("S23", None, "", "", level="info", unknown=nobody)
    else:
        fix = "Mend the signature first (S15 to S22); until then the values only help to find the cause."
        report.say("S23", False, "", "No signature vouches for the values", level="info", fix=fix)


def _present(report: Report, verified: Verified, expected: Expected) -> None:
    parts: tuple[tuple[str, Part, str], ...] = (
        ("S15", "response", "Entra signs only the assertion"),
        ("S16", "assertion", "Entra signs only the response"),
    )
    if verified.message is not None and not verified.message.success and verified.statement is None:
        return  # a refusal carries no assertion to sign
    guide = "; Twilio’s guide asks for both" if expected.profile == "flex" else ""
    received = " and ".join(each.part for each in verified.signatures) or "nothing"
    for check_id, part, wrong in parts:
        wanted = expected.requires in ("both", part)
        report.say(
            check_id,
            verified.signature(part) is not None,
            f"The {part} has a signature of its own",
            f"{wrong}{guide}" if verified.signatures else f"The {part} is not signed",
            level="error" if wanted else "info",
            configured=_OPTIONS[expected.signing_option] if expected.signing_option else _OPTIONS[expected.requires],
            received=f"{received} signed",
            fix=_SIGN_BOTH,
        )


def _verdict(report: Report, signature: Signature, expected: Expected) -> None:
    if not expected.certificates:
        signed = f"The {signature.part} is signed; no certificate is known to verify it with"
        report.say("S17", None, "", "", fix=fix_in("03", "read the application's certificates."), unknown=signed)
        return
    wrong, fix, other = _why(signature)
    by = signature.certificate or signature.key_info
    report.say(
        "S17",
        signature.verified,
        f"The signature of the {signature.part} verifies",
        f"The {signature.part}: {wrong}",
        configured=[expected.certificate_called(each.sha1) for each in expected.order],
        received=expected.certificate_called(by.sha1) if by else "no certificate named",
        fix=fix,
        other=other,
    )


def _why(signature: Signature) -> tuple[str, str, str]:
    """What is wrong, what mends it, and what mends it in another application where that needs words of its own."""
    if signature.reformatted:
        return "it was re-formatted after signing", fix_in("08", "capture the response again, raw and unformatted."), ""
    if signature.verdict == "unknown key":
        return (
            "signed with a certificate that this application does not have",
            fix_in("03", _COMPARE),
            advice.STRANGER,
        )
    if signature.verdict == "refused":
        return "the signature is of a kind that must not be trusted", _DISCARD, ""
    if signature.verdict == "changed":
        return "the content was changed after signing", _DISCARD, ""
    return "the signature fits no known certificate, nor the one it names", _DISCARD, ""


def _cover(report: Report, signature: Signature) -> None:
    covers = [
        fault for fault in signature.faults if not fault.startswith(("signature algo", "digest algo", "canonical"))
    ]
    report.say(
        "S18",
        not covers,
        f"The signature covers the {signature.part} and nothing else",
        f"The signature of the {signature.part} covers something else than what is read",
        received="; ".join(covers),
        fix=_DISCARD,
    )
    report.say(
        "S21",
        signature.canonicalisation == EXC_C14N,
        "The canonicalisation is the exclusive one, without comments",
        "An unusual canonicalisation could hide parts from the signature",
        configured=EXC_C14N,
        received=signature.canonicalisation,
        fix=_DISCARD,
    )


def _algorithms(report: Report, signature: Signature, expected: Expected) -> None:
    fix = fix_in("03", "set the signing algorithm to SHA-256.")
    refused = {fault.split()[0] for fault in signature.faults if " algorithm " in fault}
    sides = (
        ("S19", "signature", signature.method, RSA_SHA1, expected.algorithm or RSA_SHA256),
        ("S20", "digest", signature.digest, SHA1, "SHA-256 or stronger"),
    )
    for check_id, kind, algorithm, weak, configured in sides:
        ok: Ok = kind not in refused and algorithm != weak
        report.say(
            check_id,
            ok,
            f"The {kind} algorithm of the {signature.part} is strong",
            f"The {kind} algorithm of the {signature.part} is " + ("not one we trust" if kind in refused else "weak"),
            level="error" if kind in refused else "warning",
            configured=configured,
            received=algorithm or "(missing)",
            fix=fix,
        )


def _hint(report: Report, signature: Signature) -> None:
    if signature.verified and signature.certificate and signature.key_info:
        report.say(
            "S22",
            signature.key_info == signature.certificate,
            f"The {signature.part} names the certificate that verifies it",
            f"The {signature.part} names another certificate than the one that verifies it",
            level="warning",
            configured=signature.certificate.sha1,
            received=signature.key_info.sha1,
            fix=fix_in("03", _COMPARE),
        )

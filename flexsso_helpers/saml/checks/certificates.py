"""S24–S30: the certificate that signed, against Entra, the metadata and Console."""

from flexsso_helpers.notebooks import fix_in
from flexsso_helpers.saml.certificate import Certificate
from flexsso_helpers.saml.checks.report import Report
from flexsso_helpers.saml.expected import Expected
from flexsso_helpers.saml.response import Verified

TENANT_KEY = "accounts.accesscontrol.windows.net"
RENEW = "phase stage makes a new certificate; in phase activate it becomes the active one, and is pasted at once."
_WAIT = (
    "a change takes 5–10 minutes: wait and sign on again. If it stays, compare the thumbprint received with the one "
    "marked active (admin center: Single sign-on › SAML Certificates)."
)
WARN_DAYS = 90
"""Days before the end at which to warn: time enough for a change window on both sides."""


def check(report: Report, verified: Verified, expected: Expected) -> None:
    """Judge each certificate that verified, or at least the ones that the response names."""
    named = dict.fromkeys(each.key_info for each in verified.signatures if each.key_info)
    for used in verified.certificates or named:
        _certificate(report, used, expected)
    if verified.signatures:
        _staged(report, expected)


def _certificate(report: Report, used: Certificate, expected: Expected) -> None:
    report.say(
        "S24",
        TENANT_KEY not in used.subject,
        "The certificate belongs to this application",
        "Entra used the tenant-wide key: the application has no active certificate of its own",
        received=used.subject,
        fix=fix_in("03", "make a certificate and activate it."),
    )
    _against_entra(report, used, expected)
    _against_console(report, used, expected)
    _dates(report, used, expected)
    weak = [] if used.rsa_bits >= 2048 else [f"RSA {used.rsa_bits} bits" if used.rsa_bits else "not an RSA key"]
    report.say(
        "S29",
        not weak and used.self_signed,
        "The certificate is self-signed, with an RSA key of 2048 bits or more",
        "The certificate is not of the kind that Entra makes",
        level="warning",
        configured="RSA 2048 bits, self-signed",
        received=[*weak, *([] if used.self_signed else ["issued by another authority"])],
        fix=fix_in("21", RENEW),
    )


def _against_entra(report: Report, used: Certificate, expected: Expected) -> None:
    report.say(
        "S25",
        None if expected.active_sha1 is None else used.sha1 == expected.active_sha1,
        "The response is signed with the certificate that is active in Entra",
        "The response is signed with another certificate than the one that is active in Entra",
        configured=expected.certificate_called(expected.active_sha1),
        received=expected.certificate_called(used.sha1),
        fix=fix_in("03", _WAIT),
    )
    if expected.metadata_sha1 is not None:
        report.say(
            "S26",
            used.sha1 in expected.metadata_sha1,
            "The application's metadata lists the signing certificate",
            "The application's metadata does not list the signing certificate yet",
            level="warning",
            configured=sorted(expected.metadata_sha1),
            received=used.sha1,
            fix=fix_in("06", "read the metadata again in some minutes."),
        )


def _against_console(report: Report, used: Certificate, expected: Expected) -> None:
    if expected.profile == "saml":
        return
    report.say(
        "S27",
        None if expected.attested_sha256 is None else used.sha256 == expected.attested_sha256,
        "Console holds the certificate that signs",
        "Console holds another certificate than the one that signs",
        configured=expected.certificate_called(expected.attested_sha256),
        received=expected.certificate_called(used.sha1),
        fix=fix_in("06", "paste the certificate that signs into Console: the field X.509 Certificate."),
    )


def _dates(report: Report, used: Certificate, expected: Expected) -> None:
    days = used.days_left(expected.at)
    until = f"{used.not_after:%Y-%m-%d}"
    early, late = not used.begun(expected.at), expected.at > used.not_after
    wrong = f"The certificate expires in {days} days, on {until}"
    if late:
        wrong = f"The certificate expired {-days} days ago, on {until}; claims policies then fail with AADSTS50146"
    if early:
        wrong = f"The certificate is valid only from {used.not_before:%Y-%m-%d} on"
    report.say(
        "S28",
        not early and not late and days >= WARN_DAYS,
        f"The certificate is valid for {days} more days",
        wrong,
        level="error" if early or late else "warning",
        configured=f"{WARN_DAYS} days or more",
        received=until,
        fix=fix_in("03", "plan and apply: an expired certificate is replaced.") if late else fix_in("21", RENEW),
    )


def _staged(report: Report, expected: Expected) -> None:
    if expected.active_sha1 is None or expected.attested_sha256 is None:
        return
    known = (expected.active_sha1, expected.attested_sha256)
    staged = [
        each
        for each in expected.certificates
        if each.not_after > expected.at and not {each.sha1, each.sha256} & {*known}
    ]
    report.say(
        "S30",
        not staged,
        "No other valid certificate is waiting in Entra",
        "A certificate that Console does not know is waiting: when the active one expires, Entra switches by itself",
        level="warning",
        received=[each.sha1 for each in staged],
        fix=fix_in("21", "phase activate makes it the active one in a window that you choose, and it is pasted then."),
    )

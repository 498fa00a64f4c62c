"""What Graph's refusals mean for the person who reads them."""

from flexsso_helpers.errors import NotPermitted, OutcomeUnknown, Refused, Throttled, Unreachable
from flexsso_helpers.wire.patience import too_long

# (code or part of the message, what it means, what to do, notebook); the first that fits is used.
_READINGS: tuple[tuple[str, str, str, str], ...] = (
    (
        "HostNameNotOnVerifiedDomain",
        "Entra takes the identifier for a web address of a domain it does not know; it exempts SAML applications.",
        "Set the single sign-on method to SAML first, wait a minute, and try again.",
        "01",
    ),
    (
        "InvalidUniqueTenantIdentifierAsPerAppPolicy",
        "A policy of this tenant only allows identifiers that hold its own domain or id.",
        "An administrator must exempt SAML applications from this policy (app management policy, identifier URIs).",
        "02",
    ),
    (
        "identifierUris already exists",
        "Another application of this tenant already has this identifier; it may be a deleted one.",
        "Notebook 00 lists deleted applications that have it: restore such a one, which keeps its place in Flex, or "
        "delete it for good. One that is in use is adopted with tenant.application.app_id.",
        "00",
    ),
    (
        "ServiceTreeValueMissing",
        "A policy of this tenant wants every application to name its service management reference, when it is made and "
        "when it is changed.",
        "Ask the company for it, write it into tenant.application.service_management_reference, and run 01 again.",
        "01",
    ),
    (
        "CredentialInvalidLifetimeAsPerAppPolicy",
        "A policy of this tenant limits how long a certificate may be valid.",
        "Lower tenant.signing.valid_days to what the policy named below allows; notebook 00 shows the days.",
        "03",
    ),
    (
        "CredentialTypeNotAllowedAsPerAppPolicy",
        "A policy of this tenant forbids this kind of credential; a token-signing certificate holds a key and a "
        "password.",
        "An administrator must exempt this application from the policy below (app management policy, credentials).",
        "03",
    ),
    (
        "CannotDeleteOrUpdateEnabledEntitlement",
        "An app role must be disabled before it may be changed or removed.",
        "Run the section again; it disables the role first.",
        "05",
    ),
    ("DuplicateValue", "A list holds the same value twice.", "Look at the values of this section.", ""),
    (
        "Directory_QuotaExceeded",
        "An account without an administrator role may own only 250 directory objects, deleted ones included.",
        "Sign in with an administrator role.",
        "00",
    ),
    (
        "Request_ResourceNotFound",
        "The object does not exist, or is not visible yet: Entra copies new objects for up to some minutes.",
        "Run the cell again in a minute.",
        "",
    ),
)


UNREAD = "Graph names a reason that these notebooks do not know; its own words stand below."


def refusal(
    what: str,
    *,
    status: int,
    code: str,
    message: str,
    request_id: str,
    retry_after: float | None,
    details: tuple[tuple[str, str], ...] = (),
) -> Refused | NotPermitted:
    """The exception for an error answer: the service's words, our reading of them, and the next step."""
    if status == 403:
        return NotPermitted(
            what,
            why=f"Graph answered 403 {code}: {message} A scope, its consent or a directory role is missing; a role that"
            " was activated just now counts only after a new sign-in.",
            fix="Open notebook 00: it lists what each step needs beside what this account has.",
            notebook="00",
        )
    if status == 429 or status >= 500:
        many = status == 429
        return (Throttled if many else Refused)(
            what,
            status=status,
            code=code,
            message=message,
            request_id=request_id,
            retry_after=retry_after,
            details=details,
            why="Graph asked to wait, again and again." if many else "Graph has a fault of its own.",
            fix=too_long(retry_after)
            or "Wait some minutes and run the cell again: what is already there is not made twice.",
        )
    everything = " ".join((code, message, *(f"{key} {text}" for key, text in details)))
    why, fix, notebook = UNREAD, "Read the answer below; notebook 00 checks the tenant as a whole.", "00"
    for mark, reading, step, number in _READINGS:
        if mark in everything:
            why, fix, notebook = reading, step, number
            break
    return Refused(
        what,
        status=status,
        code=code,
        message=message,
        request_id=request_id,
        retry_after=retry_after,
        details=details,
        why=why,
        fix=fix,
        notebook=notebook,
    )


def unknown(what: str, why: str) -> OutcomeUnknown:
    """The error for a POST whose answer is missing or does not tell."""
    return OutcomeUnknown(
        what,
        why=f"{why}; what was sent may have taken effect all the same.",
        fix="Run the cell again: it looks for what was made before it makes anything.",
    )


def garbled(what: str) -> Unreachable:
    """What is not the service's own answer."""
    return Unreachable(
        what,
        why="The answer was not Graph's: something on the way answered in its place, such as a hotspot or a proxy.",
        fix="Open a page in a browser of this machine, see what stands in the way, and run the cell again.",
        notebook="00",
    )

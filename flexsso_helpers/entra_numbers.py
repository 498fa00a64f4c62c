"""What Entra's error numbers say of an account, a device or a policy, whatever was signed in to.

Shared by the sign-in of whoever runs the notebooks and by the judge of people's sign-ons to Flex, which each add what
only they meet. A number is always read whole: AADSTS530032 is not 53003 (Microsoft: authentication and authorization
error codes; the sign-in page's own look-up).
"""

import re

NUMBER = re.compile(r"AADSTS[\s:-]{0,3}(\d{4,8})(?!\d)", re.IGNORECASE)

_ROWS = (
    (
        "50020 16000 16003 50034 51004 90072",
        "The account does not belong to this tenant: another work account, a private account, or a guest who was not "
        "invited.",
    ),
    ("50014", "The guest has not yet accepted the invitation."),
    ("50053", "The account is locked, or the address is blocked."),
    ("50055 50056 50126 50144", "The password is wrong, expired or missing."),
    ("50057", "The account is disabled."),
    ("500571", "The guest's account in this tenant is disabled."),
    ("50058", "A silent sign-in was tried and nobody was signed in."),
    ("50072 50074 50076 50079 50158", "A second factor is needed or has to be registered, or was not finished."),
    ("50097 50129", "The device has to be registered with the company first."),
    ("50131 53003", "Conditional Access blocked the sign-in."),
    ("53000", "Conditional Access wants a device that complies with the company's rules, and this one does not."),
    ("53001", "Conditional Access wants a device that is joined to the company's domain, and this one is not."),
    ("53002", "Conditional Access wants an approved application, and this one is not."),
    ("53004 53011", "Entra holds the account for a risk and blocks it, or asks for proof first."),
    ("530032 530033", "A security policy of the tenant blocked the sign-in."),
    ("530034", "A partner's delegated administrator is blocked, for a risk of the account in its own tenant."),
    ("530035", "Security defaults of the tenant blocked an old way of signing in."),
    ("530036", "Conditional Access blocks this way of signing in (authentication flows, such as device codes)."),
    ("530084", "Conditional Access wants a token that is bound to the device (token protection); this way has none."),
    ("500212 500213 500021 500022", "A cross-tenant or tenant-restriction policy blocked the sign-in."),
    ("50008 50006 50012 50107", "The token of a federated identity provider, upstream of Entra, is faulty."),
    ("90012 90024 90033 50033 50196", "A passing fault of the sign-in service."),
)  # fmt: skip
MEANINGS: dict[str, str] = {number: meaning for numbers, meaning in _ROWS for number in numbers.split()}


def numbers_in(text: str) -> list[str]:
    """The AADSTS numbers of a text, whole, in their order."""
    return NUMBER.findall(text)


def support_ids(text: str) -> str:
    """Correlation id, trace id and time of a refusal, as Microsoft's support asks for them; empty where there is
    none.
    """
    found = []
    for title, shape in (
        ("Correlation ID", r"[0-9a-f-]{36}"),
        ("Trace ID", r"[0-9a-f-]{36}"),
        ("Timestamp", r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?"),
    ):
        value = re.search(rf"{title}:\s*({shape})", text, re.IGNORECASE)
        if value:
            found.append(f"{title} {value[1]}")
    return " · ".join(found)

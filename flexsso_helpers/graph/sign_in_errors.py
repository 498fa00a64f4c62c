"""What a refused sign-in means for whoever runs the notebooks: by the whole AADSTS number, and by the method tried."""

import re

from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError

from flexsso_helpers.entra_numbers import MEANINGS, numbers_in, support_ids
from flexsso_helpers.errors import FlexSSOError, SignInError
from flexsso_helpers.wire import unanswered

BY_A_PERSON = ("browser", "device_code")
WHO_CONSENTS = "an Application Administrator or Cloud Application Administrator"
"""Who may agree to delegated permissions of Graph for the whole tenant (grant-admin-consent, role pages)."""
WHO_CONSENTS_TO_AN_APPLICATION = "a Privileged Role Administrator"
"""Who may agree to permissions of an application itself."""
_MINE = "Sign in with an account of this tenant, or one that it has invited; the right one is tenant.sign_in.user."
_SECRET = "Make a new secret and put it where the reference points."  # noqa: S105 - a sentence
_PERSON = "The person settles this on Microsoft's page (password, second factor), then signs in again."
_POLICY = "Whoever looks after Conditional Access finds the policy in the sign-in log, by the correlation id below."
_CLIENT = "Check tenant.sign_in.client_id, or leave it out to use Microsoft Graph Command Line Tools."
_CONSENT, _CODE, _KNOWN = "consent", "code", "known"
_PRESENTED = re.compile(r"presented assertion (issuer|subject|audience) '([^']{1,200})'")

# (numbers, what it means where MEANINGS does not say it, what to do)
_ROWS: tuple[tuple[str, str, str], ...] = (
    (
        "90002 90019",
        "Entra knows no tenant with this id in this cloud.",
        "Copy the tenant id from the Overview page of Microsoft Entra ID into tenant.tenant_id.",
    ),
    ("90038", "The tenant belongs to another national cloud.", "Correct tenant.cloud."),
    ("700016", "The application that signs in is not known in this tenant.", _KNOWN),
    (
        "700054 7000218 50194",
        "The application that signs in is not registered as a public client, so Entra wants a secret of it.",
        "In its app registration, Authentication: allow public client flows, and add http://localhost as a redirect "
        "address "
        "of “Mobile and desktop applications”. An application of your own with a secret uses method: client_secret.",
    ),
    (
        "7000112 7000113",
        "The application that signs in is disabled in this tenant.",
        "An administrator enables it in Entra › Enterprise applications › its Properties, or name another one as "
        "tenant.sign_in.client_id.",
    ),
    ("7000215", "The client secret is not right.", _SECRET),
    ("7000222", "The client secret has expired.", _SECRET),
    (
        "700027 700021",
        "The certificate that signs in is not that of the application.",
        "Upload the certificate (without its key) to the app registration, or correct tenant.sign_in.certificate.",
    ),
    (
        "700024",
        "What the application signs in with is not valid at this moment.",
        "Look at this machine's clock. A token of a job lasts minutes: name a place that gives new ones, such as "
        "job:github, or a file that is written anew.",
    ),
    (
        "700211 700212 700213 70021",
        "The application does not know the place whose token signs in.",
        "In the app registration, Certificates & secrets › Federated credentials: add one with exactly the issuer, the "
        "subject and the audience of this token.",
    ),
    ("50011 500113", "http://localhost is not among the redirect addresses of the application that signs in.",
     "Add it in its app registration, Authentication › Mobile and desktop applications."),
    ("50105", "The account is not assigned to the application that signs in.", "Assign it, or use another."),
    ("65001", "Nobody has consented to these permissions yet.", _CONSENT),
    ("90094 90093 90095", "Nobody has consented yet, and people may not do so by themselves here.", _CONSENT),
    ("900941 900981", "Nobody has consented yet, and Entra takes the application for a risk.", _CONSENT),
    ("65004", "The page that asks for consent was declined, or left by somebody who may not agree.", _CONSENT),
    ("650057 65002 650053 70011",
     "The application that signs in does not list one of these permissions, or may not ask for it.",
     "In its app registration, API permissions: add the delegated permissions that notebook 00 lists; then consent."),
    ("650052 650051", "The tenant lacks the service that is asked for, or its consent was not completed.", _CONSENT),
    ("70016 70018 70019 70020",
     "The code was not entered in time, or not as it was shown, or the page said “Need admin approval”.",
     _CODE),
    ("70008 700082 700084 50173", "What was kept of an earlier sign-in has ended.", "Run the cell again and sign in."),
    ("70043 50078 50089", "A policy of the tenant wants a new sign-in by now.", "Run the cell again and sign in."),
    ("50020 16000 16003 50034 51004 90072 50014", "", _MINE),
    ("50057 50053 500571", "", "An administrator of the tenant looks at the account, or choose another."),
    ("50055 50056 50126 50144 50058 50072 50074 50076 50079 50158", "", _PERSON),
    ("50097 50129 53000 53001", "", f"Sign in from a device that the company manages, in its browser. {_POLICY}"),
    ("53002 53004 53011 530032 530033 500212 500213 500021 500022", "", _POLICY),
    ("530034", "", f"Sign in with an account that the customer's own tenant has. {_POLICY}"),
    ("530035", "", "A person signs in, with a second factor: security defaults refuse the old ways."),
    ("50008 50006 50012 50107", "", "Whoever looks after the company's own identity provider looks at it."),
    ("90012 90024 90033 50033 50196", "", "Wait a minute and run the cell again."),
)  # fmt: skip
EXPLAINED = {number: (why, fix) for numbers, why, fix in _ROWS for number in numbers.split()}
"""What a number means where entra_numbers does not say it, and what to do."""
NO_SUCH_USER = "50034"
"""Which name it was is better said by whoever typed it."""
_BLOCKED = {"53003", "50131", "530036", "530084"}


def explained(error: ClientAuthenticationError, tenant_id: str, consent: str = "", method: str = "") -> FlexSSOError:
    """What a failed request for a token means: azure-identity turns whatever happened into this one error.

    `consent` is the address for an administrator; `method` is what was tried, empty where a token was only renewed.
    """
    beneath = _beneath(error)
    if isinstance(beneath, ServiceRequestError | ServiceResponseError | OSError):
        return unanswered(f"Signing in to tenant {tenant_id}.", beneath, by="the sign-in service")
    text = beneath.why if isinstance(beneath, FlexSSOError) else str(error.message or error)
    if "Unable to get authority configuration" in text:  # how the library words a tenant that Entra does not know
        text = f"AADSTS90002 {text}"
    numbers = numbers_in(text)
    known = next((number for number in numbers if number in EXPLAINED or number in _BLOCKED), "")
    if known == NO_SUCH_USER and isinstance(beneath, FlexSSOError):
        return beneath
    if known:
        return _refused(known, text, tenant_id, consent, method)
    if isinstance(beneath, FlexSSOError):
        return beneath
    if "Timed out after waiting" in text:
        return _nobody_came_back(tenant_id, consent)
    if "Timed out waiting for user" in text:  # azure-identity's own words: Entra was still waiting, and said no number
        return _nobody_entered_the_code(tenant_id, consent, method)
    first = text.splitlines()[0].partition(" Trace ID:")[0] if text else "no reason given"
    return SignInError(
        f"Entra refused the sign-in for tenant {tenant_id}{f' (AADSTS{numbers[0]})' if numbers else ''}.",
        why=first[:400],
        fix="Sign in again; if it repeats, look the AADSTS number up at the login host's error page.",
        notebook="00",
        support=support_ids(text),
    )


def consent_words(consent: str, method: str) -> str:
    """Who can consent, and how; `consent` is the address."""
    if method and method not in BY_A_PERSON:
        who = f"{WHO_CONSENTS_TO_AN_APPLICATION} (an Application Administrator may not, here)"
    else:
        who = WHO_CONSENTS
    steps = f"An administrator opens this address and agrees; then sign in again. It takes {who}."
    if not consent:
        return f"{steps.replace('this address', 'the address that notebook 00 shows')}"
    return f"{steps}\nFirst read what consent leaves behind: docs/customer.md, Consent.\n{consent}"


def _refused(number: str, text: str, tenant_id: str, consent: str, method: str) -> SignInError:
    why, fix = EXPLAINED.get(number, ("", ""))
    if number in _BLOCKED:
        fix = _way_round(number, method)
    elif fix == _CONSENT:
        fix = consent_words(consent, method)
    elif fix == _KNOWN:
        unknown = "Nobody has consented to it in this tenant yet, or tenant.sign_in.client_id is another one."
        fix = _CLIENT if method in ("", *BY_A_PERSON) else f"{unknown} {consent_words(consent, method)}"
    elif fix == _CODE:
        fix = _new_code(consent, method)
    shown = _PRESENTED.search(text)
    came = f" It came with the {shown[1]} {shown[2]}." if shown else ""
    return SignInError(
        f"Entra refused the sign-in for tenant {tenant_id} (AADSTS{number}).",
        why=(why or MEANINGS[number]) + came,
        fix=fix,
        notebook="00",
        support=support_ids(text),
    )


def _way_round(number: str, method: str) -> str:
    """Another way of signing in, where there is one that was not tried."""
    if number == "530084":
        return f"An application of your own (tenant.sign_in.client_id) may be exempted from the policy. {_POLICY}"
    if method == "browser":
        return f"The browser was the way tried: sign in from a device that the company manages. {_POLICY}"
    if method == "device_code":
        return f"Use tenant.sign_in.method: browser; device codes are often blocked. {_POLICY}"
    if method:
        return f"A policy on workloads may hold for the application that signs in. {_POLICY}"
    return f"Sign in anew, from a device that the company manages. {_POLICY}"


def _nobody_came_back(tenant_id: str, consent: str) -> SignInError:
    """The browser was opened, and in five minutes nothing came back from it. What it showed, this program cannot
    see.
    """
    return SignInError(
        f"Nobody finished the sign-in for tenant {tenant_id} in the browser within five minutes.",
        why="The window was closed or never seen, a second factor was not finished, or the page said “Need admin "
        "approval”: "
        "then nobody has consented yet, and it never comes back by itself.",
        fix="If a page asked for approval: "
        + consent_words(consent, "browser")
        + "\nIf no window opened on this machine, "
        "use tenant.sign_in.method: device_code. Otherwise run the cell again.",
        notebook="00",
    )


def _nobody_entered_the_code(tenant_id: str, consent: str, method: str) -> SignInError:
    """The code was shown, and until it ended nobody had signed in with it."""
    return SignInError(
        f"Nobody finished the sign-in for tenant {tenant_id} while its code was good.",
        why="The page was closed or never opened, the code was not entered, a second factor was not finished, or the "
        "page said “Need admin approval”.",
        fix=_new_code(consent, method),
        notebook="00",
    )


def _new_code(consent: str, method: str) -> str:
    again = "Run the cell again and enter the new code within fifteen minutes."
    return f"{again}\nIf a page asked for approval: {consent_words(consent, method)}"


def _beneath(error: BaseException) -> BaseException:
    """The error that the others are made of."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error

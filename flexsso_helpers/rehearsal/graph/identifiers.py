"""What an identifier and a reply URL must be like, and when the check knows that an application signs on by SAML."""

import re
from urllib.parse import urlsplit

from flexsso_helpers.rehearsal.directory.objects import service_principal_of
from flexsso_helpers.rehearsal.directory.refusals import BAD_REQUEST, GraphRefusal, bad_request, invalid_values
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.lags import seen
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.store import Document
from flexsso_helpers.rehearsal.world.world import TENANT_ID, World

rules.declare(
    {
        "G24": "An identifier on a foreign host is refused until the service principal is seen to sign on by SAML",
        "G25": "The app-management policy refuses identifiers without domain, tenant id or app id, but for SAML",
        "G26": "An identifier that another application holds is refused",
        "G27": "Whether a deleted application holds its identifier is open",
        "G29": "Whether an identifier may lack a scheme is open",
        "G28": "Identifiers on Microsoft's hosts are reserved",
    }
)
quirks.declare(
    {
        "identifier_error_shape": quirk(
            "request_badrequest+detail", "top_level_code", source="G24: azure-docs#90448; Industrial-IoT PR#1432"
        ),
        "identifier_policy": quirk(
            "exempt_saml",
            "strict",
            "off",
            source="G25: whether Microsoft's own default exempts SAML is not said",
            refused={"strict": ("Refused", "02")},
        ),
        "deleted_identifier": quirk(
            "free",
            "conflict",
            source="G27: nobody says",
            when="a deleted application holds the identifier",
            refused_there={"conflict": ("Refused", "00")},
        ),
        "schemeless_identifier": quirk("accepted", "rejected", source="G29: tf#655 against tf#951"),
        "localhost_reply_url": quirk(
            "accepted", "refused", source="documented as allowed; of a tenant's policy nobody says"
        ),
    }
)

RESERVED = ("microsoft.com", "microsoftonline.com", "windows.net", "azure.com", "office.com")
POLICY_CODE = "InvalidUniqueTenantIdentifierAsPerAppPolicy"
LONGEST = 255


def check_identifiers(world: World, app: Document, identifiers: list[object]) -> None:
    """Raises GraphRefusal for the first identifier that may not be set; those that stand already are not asked."""
    for uri in identifiers:
        if not isinstance(uri, str) or not uri or " " in uri or len(uri) > LONGEST or "*" in uri:
            raise invalid_values()
        if uri not in app["identifierUris"]:
            _check_new(world, app, uri)


def _check_new(world: World, app: Document, uri: str) -> None:
    saml = _seen_as_saml(world, app)
    host = urlsplit(uri).hostname or ""
    if world.rules.on("G29") and ":" not in uri and world.quirks.value("schemeless_identifier") == "rejected":
        raise invalid_values()
    if world.rules.on("G28") and any(host == r or host.endswith(f".{r}") for r in RESERVED):
        raise bad_request(
            f"Application alias '{uri}' value is invalid.",
            details=[("IdentifierUriValueIsReserved", "identifierUris", "The value is reserved.")],
        )
    if world.rules.on("G26") and holder(world, app, uri):
        text = "Another object with the same value for property identifierUris already exists."
        raise bad_request(text, details=[("ObjectConflict", "identifierUris", text)])
    if world.rules.on("G24") and host and not uri.startswith("api://") and not saml and not _verified(world, host):
        raise _unverified(world, uri)
    if world.rules.on("G25") and not _allowed_by_policy(world, app, uri, saml=saml):
        raise bad_request(
            f"Failed to add identifier URI {uri}. All newly added URIs must contain a tenant verified domain, tenant "
            "ID, or app ID, as per the default tenant policy of your organization. See "
            "https://aka.ms/identifier-uri-addition-error for more information on this error.",
            POLICY_CODE,
        )


def _seen_as_saml(world: World, app: Document) -> bool:
    """The check reads the service principal's mode from a replica that lags (G18)."""
    sp = service_principal_of(world, app["appId"])
    if sp is None:
        return False
    known = world.store.get("servicePrincipal", sp["id"], as_of=seen(world, "mode"))
    return known is not None and known["preferredSingleSignOnMode"] == "saml"


def holder(world: World, app: Document, uri: str) -> bool:
    """Whether another application has this identifier, in the form `urn:spn:` too."""
    forms = {uri, f"urn:spn:{uri}", uri.removeprefix("urn:spn:")}
    kept = [item for form in forms for item in world.store.find("application", "identifierUris", form)]
    if world.rules.on("G27") and world.quirks.value("deleted_identifier") == "conflict":
        kept += world.store.find("deleted", "_kind", "application")
    return any(forms & set(other["identifierUris"]) for other in kept if other["id"] != app["id"])


def _domains(world: World) -> list[str]:
    organization = world.store.get("organization", TENANT_ID) or {"verifiedDomains": []}
    return [domain["name"] for domain in organization["verifiedDomains"]]


def _verified(world: World, host: str) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in _domains(world))


def _unverified(world: World, uri: str) -> GraphRefusal:
    text = "Values of identifierUris property must use a verified domain of the organization or its subdomain: "
    code = "HostNameNotOnVerifiedDomain"
    if world.quirks.value("identifier_error_shape") == "top_level_code":
        return bad_request(f"{text}'{uri}'", code)
    return bad_request(f"{text}'{uri}'", BAD_REQUEST, details=[(code, "identifierUris", f"{text}'{uri}'")])


def _allowed_by_policy(world: World, app: Document, uri: str, *, saml: bool) -> bool:
    policy = world.quirks.value("identifier_policy")
    if policy == "off" or (policy == "exempt_saml" and saml):
        return True
    if (app["api"] or {}).get("requestedAccessTokenVersion") == 2:
        return True
    parts = re.split(r"[/:?#]+", uri.lower())
    own = {TENANT_ID, app["appId"], *_domains(world)}
    return any(part in own or _verified(world, part) for part in parts)


def check_reply_urls(world: World, web: Document) -> None:
    """Raises GraphRefusal for a reply URL that cannot be registered."""
    urls = web.get("redirectUris") or []
    for url in urls:
        parts = urlsplit(url) if isinstance(url, str) else None
        local = parts is not None and parts.hostname in ("localhost", "127.0.0.1")
        good = parts is not None and parts.hostname and (parts.scheme == "https" or (local and parts.scheme == "http"))
        if local and world.quirks.value("localhost_reply_url") == "refused":
            raise bad_request(f"The reply URL '{url}' is not allowed by the policy of your organization.")
        if not good or len(url) > 256 or re.search(r"[!$'(),;*\s]", url):
            raise bad_request("Invalid value specified for property 'redirectUris' of resource 'WebApplication'.")
    settings = web.get("redirectUriSettings") or []
    indexes = [entry.get("index") for entry in settings if entry.get("index") is not None]
    if len(set(urls)) != len(urls) or len(set(indexes)) != len(indexes):
        raise invalid_values()

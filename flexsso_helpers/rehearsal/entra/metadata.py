"""Federation metadata: the application's own with `?appid=`, otherwise the tenant's (G74).

The document is valid against the schemas of SAML and of WS-Federation 1.2, which demands of a security token service an
endpoint of that name, and of an application service likewise; the live document has both. Its documented address is
`/FederationMetadata/2007-06/FederationMetadata.xml`, and letter case does not matter (federation-metadata page).
"""

import base64
import uuid
from typing import Any

from cryptography.hazmat.primitives import serialization
from lxml import etree
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from flexsso_helpers.rehearsal.directory.objects import service_principal_of
from flexsso_helpers.rehearsal.entra import tenant
from flexsso_helpers.rehearsal.entra.errors import SignInRefusal, as_json
from flexsso_helpers.rehearsal.entra.signing import BARE_DS, DS, Key, keys_of, sign, tenant_key
from flexsso_helpers.rehearsal.world import quirks, rules
from flexsso_helpers.rehearsal.world.lags import seen
from flexsso_helpers.rehearsal.world.quirks import quirk
from flexsso_helpers.rehearsal.world.world import NAMES, TENANT_ID, World

rules.declare({"E01": "The metadata names the service endpoints that its schema demands"})
quirks.declare({"metadata_prefixes": quirk("none", "prefixed", source="seen in both forms")})

MD = "urn:oasis:names:tc:SAML:2.0:metadata"
FED = "http://docs.oasis-open.org/wsfed/federation/200706"
WSA = "http://www.w3.org/2005/08/addressing"
AUTH = "http://docs.oasis-open.org/wsfed/authorization/200706"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-"
BOM = b"\xef\xbb\xbf"
CLAIMS = ("name", "emailaddress", "givenname", "surname", "nameidentifier")
SERVICES = {
    "SecurityTokenServiceType": "SecurityTokenServiceEndpoint",
    "ApplicationServiceType": "ApplicationServiceEndpoint",
}
"""The kinds of WS-Federation role, and the endpoint that each must have."""


class _AnyCase(StringConvertor):
    """The document's path in any letter case."""

    regex = r"(?i:federationmetadata/2007-06/federationmetadata\.xml)"


register_url_convertor("federationmetadata", _AnyCase())
DOCUMENT = "/{tenant}/{document:federationmetadata}"


class Metadata:
    """`/{tenant}/FederationMetadata/2007-06/FederationMetadata.xml`."""

    def __init__(self, world: World) -> None:
        """The document of this tenant."""
        self.world = world

    async def show(self, request: Request) -> Response:
        """The document, with a byte order mark as the service sends it."""
        app_id = request.query_params.get("appid", "").lower()
        try:
            tenant.check(self.world, request.path_params["tenant"])
            keys = self._keys(app_id)
        except SignInRefusal as refusal:
            return as_json(self.world, request, refusal)
        return Response(self._document(keys, app_id), media_type="application/samlmetadata+xml")

    def _keys(self, app_id: str) -> list[Key]:
        """The application's keys; the tenant's where it has none or none is named."""
        sp = service_principal_of(self.world, app_id) if app_id else None
        born = seen(self.world, "create_service_principal")
        if app_id and (sp is None or not self.world.store.get("servicePrincipal", sp["id"], as_of=born)):
            raise SignInRefusal(
                700016, f"Application with identifier '{app_id}' was not found in the directory 'Contoso'.",
                error="unauthorized_client",
            )  # fmt: skip
        return (keys_of(self.world, sp) if sp else []) or [tenant_key(self.world)]

    def _document(self, keys: list[Key], app_id: str) -> bytes:
        prefixed = self.world.quirks.value("metadata_prefixes") == "prefixed"
        prefix: Any = {"md" if prefixed else None: MD}
        root = etree.Element(f"{{{MD}}}EntityDescriptor", nsmap=prefix)
        name = " ".join([app_id, *(key.thumbprint for key in keys)])
        root.set("ID", f"_{uuid.uuid5(NAMES, f'metadata {self.world.seed} {name}')}")
        root.set("entityID", self.world.cloud.issuer(TENANT_ID))
        login = f"{self.world.cloud.login}/{TENANT_ID}"
        for kind in SERVICES:
            self._role(root, kind, keys, login)
        _identity_provider(root, keys, f"{login}/saml2")
        signed = sign(root, tenant_key(self.world), place=0)
        return BOM + b'<?xml version="1.0" encoding="utf-8"?>' + etree.tostring(signed)

    def _role(self, root: etree._Element, kind: str, keys: list[Key], login: str) -> None:
        """A WS-Federation role; it repeats the keys, and a reader for SAML leaves it alone."""
        role = etree.SubElement(root, f"{{{MD}}}RoleDescriptor", nsmap={"xsi": XSI, "fed": FED})
        role.set(f"{{{XSI}}}type", f"fed:{kind}")
        role.set("protocolSupportEnumeration", FED)
        for key in keys:
            _key_descriptor(role, key)
        if kind == "SecurityTokenServiceType":
            offered = etree.SubElement(role, f"{{{FED}}}ClaimTypesOffered")
            for claim in CLAIMS:
                uri = f"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/{claim}"
                etree.SubElement(offered, f"{{{AUTH}}}ClaimType", nsmap={"auth": AUTH}, Uri=uri)
        else:
            _endpoint(role, "TargetScopes", self.world.cloud.issuer(TENANT_ID))
        if self.world.rules.on("E01"):
            _endpoint(role, SERVICES[kind], f"{login}/wsfed")
        _endpoint(role, "PassiveRequestorEndpoint", f"{login}/wsfed")


def _endpoint(role: etree._Element, name: str, url: str) -> None:
    endpoint = etree.SubElement(role, f"{{{FED}}}{name}")
    reference = etree.SubElement(endpoint, f"{{{WSA}}}EndpointReference", nsmap={"wsa": WSA})
    etree.SubElement(reference, f"{{{WSA}}}Address").text = url


def _identity_provider(root: etree._Element, keys: list[Key], url: str) -> None:
    descriptor = etree.SubElement(root, f"{{{MD}}}IDPSSODescriptor", protocolSupportEnumeration=PROTOCOL)
    for key in keys:
        _key_descriptor(descriptor, key)
    for name, binding in (
        ("SingleLogoutService", "Redirect"),
        ("SingleSignOnService", "Redirect"),
        ("SingleSignOnService", "POST"),
    ):
        etree.SubElement(descriptor, f"{{{MD}}}{name}", Binding=f"{BINDING}{binding}", Location=url)


def _key_descriptor(parent: etree._Element, key: Key) -> None:
    descriptor = etree.SubElement(parent, f"{{{MD}}}KeyDescriptor", use="signing")
    info = etree.SubElement(descriptor, f"{{{DS}}}KeyInfo", nsmap=BARE_DS)
    data = etree.SubElement(info, f"{{{DS}}}X509Data")
    der = key.certificate.public_bytes(serialization.Encoding.DER)
    etree.SubElement(data, f"{{{DS}}}X509Certificate").text = base64.b64encode(der).decode()

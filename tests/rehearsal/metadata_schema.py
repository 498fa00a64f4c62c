"""The schema of federation metadata: SAML's own, as python3-saml ships it, with the role types of WS-Federation 1.2."""

import functools
from pathlib import Path

import onelogin.saml2
from lxml import etree

HERE = Path(__file__).parent / "schemas"
SAML = Path(str(onelogin.saml2.__file__)).parent / "schemas" / "saml-schema-metadata-2.0.xsd"


@functools.cache
def schema() -> etree.XMLSchema:
    text = (HERE / "ws-federation.xsd").read_text("utf-8").replace("METADATA", SAML.as_uri())
    return etree.XMLSchema(etree.fromstring(text.encode(), base_url=(HERE / "ws-federation.xsd").as_uri()))


def problems(document: bytes) -> list[str]:
    """What the schema has against a document; empty for a valid one."""
    found = schema()
    found.validate(etree.fromstring(document))
    return [each.message for each in found.error_log]

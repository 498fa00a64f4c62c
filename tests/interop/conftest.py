"""The outside judges, named and skipped with a reason where a machine lacks one."""

import shutil
from collections.abc import Iterator

import pytest

pytest.importorskip("onelogin.saml2.response", reason="python3-saml is not installed")
pytest.importorskip("saml2.server", reason="pysaml2 is not installed")

import node_service
import outside


@pytest.fixture(scope="session")
def node() -> Iterator[node_service.NodeSaml]:
    """node-saml, running."""
    try:
        with node_service.running() as judge:
            yield judge
    except node_service.NotHere as error:
        pytest.skip(f"node-saml cannot be asked: {error}")


@pytest.fixture(scope="session")
def judges(node: node_service.NodeSaml) -> dict[str, outside.Judge]:
    """All judges by name, ours and the rehearsal's first."""
    if shutil.which("xmlsec1") is None:
        pytest.skip("xmlsec1 is not installed")
    return {
        "ours": outside.ours,
        "Flex (rehearsal)": outside.flex,
        "node-saml": outside.node_saml(node),
        "python3-saml": outside.python3_saml,
        "pysaml2": outside.pysaml2,
        "xmlsec1": outside.xmlsec1,
    }

"""The parameters of a tenant: read, checked, saved. A file holds references to secrets, never a secret."""

from flexsso_helpers.parameters.attested import AttestedConsole, AttestedSignOn, AttestedTile
from flexsso_helpers.parameters.extending import shared
from flexsso_helpers.parameters.file_schema import schema
from flexsso_helpers.parameters.files import find
from flexsso_helpers.parameters.loading import from_mapping, laid, load, objections, open_tenant, overlaid
from flexsso_helpers.parameters.model import Tenant
from flexsso_helpers.parameters.roles import INSIGHTS, MAY_HAVE_INSIGHTS, ROLES
from flexsso_helpers.parameters.saving import save
from flexsso_helpers.parameters.saving_people import save_people
from flexsso_helpers.parameters.showing import Explained, explain

__all__ = [
    "INSIGHTS",
    "MAY_HAVE_INSIGHTS",
    "ROLES",
    "AttestedConsole",
    "AttestedSignOn",
    "AttestedTile",
    "Explained",
    "Tenant",
    "explain",
    "find",
    "from_mapping",
    "laid",
    "load",
    "objections",
    "open_tenant",
    "overlaid",
    "save",
    "save_people",
    "schema",
    "shared",
]

"""Pages of the application itself in the Entra admin center, of each cloud whose portal has an address.

Microsoft documents no address of a page of one application. These stand in public:

* Single sign-on: Microsoft's own tool links it, microsoft/zerotrustassessment,
  src/powershell/tests/Test-Assessment.21772.ps1.
* Overview and Users and groups: nais/handbook, docs/technical/naisdevice.md.
* App roles: ten public projects at the least, in files that hold `ApplicationMenuBlade/~/AppRoles/appId`. Microsoft's
  tool links Credentials, another page of the same registration, by the same form.

All of them are of the global cloud, and the portals of the others are taken to have the same pages.
"""

from dataclasses import dataclass

from flexsso_helpers.resources.application import Found
from flexsso_helpers.resources.context import Context

PAGE = "Page in Entra"
"""The name of the fact, the same in each proof."""
ENTERPRISE_APP = "Microsoft_AAD_IAM/ManagedAppMenuBlade/~/{blade}/objectId/{principal_id}/appId/{app_id}"
REGISTRATION = "Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/{blade}/appId/{app_id}/isMSAApp~/false"
OVERVIEW = ENTERPRISE_APP.replace("{blade}", "Overview")
SINGLE_SIGN_ON = (
    ENTERPRISE_APP.replace("{blade}", "SignOn")
    + "/preferredSingleSignOnMode/saml/servicePrincipalType/Application/fromNav/"
)
USERS_AND_GROUPS = ENTERPRISE_APP.replace("{blade}", "Users")
APP_ROLES = REGISTRATION.replace("{blade}", "AppRoles")


@dataclass(frozen=True, kw_only=True)
class Ids:
    """What an address of a page names; empty where there is no application, or only half of one."""

    app_id: str = ""
    principal_id: str = ""


def ids_of(found: Found) -> Ids:
    """Those of the application that was found."""
    return Ids(app_id=found.app_id, principal_id=found.principal_id)


def page_in_entra(context: Context, page: str, ids: Ids) -> dict[str, str]:
    """The fact that leads to this page.

    Empty for a rehearsal, which plays no such page; where a cloud's portal is known by its name alone; and while the
    application or its service principal is missing.
    """
    if not (ids.app_id and ids.principal_id):
        return {}
    portal = context.cloud.portal
    if context.tenant.rehearsal or not portal.startswith("https://"):
        return {}
    return {PAGE: f"{portal}/#view/{page.format(app_id=ids.app_id, principal_id=ids.principal_id)}"}

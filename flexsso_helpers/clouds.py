"""The Microsoft clouds: hosts, issuer form, template id, and what each cannot do (G88)."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """One Microsoft cloud. All addresses are origins without a final slash."""

    name: str
    title: str
    graph: str
    login: str
    issuer_form: str
    portal: str
    template_id: str
    """Of the custom, non-gallery SAML application (section 2a); empty where Microsoft publishes none."""
    own_client_only: bool = False
    """Whether the shared sign-in application is not there, and the customer has to register one."""
    can_add_certificate: bool
    """Whether Graph v1.0 has addTokenSigningCertificate (G53)."""

    def login_url(self, tenant_id: str) -> str:
        """The SAML single sign-on URL that Entra is expected to publish; the metadata document decides."""
        return f"{self.login}/{tenant_id}/saml2"

    def issuer(self, tenant_id: str) -> str:
        """The Microsoft Entra Identifier that is expected; the metadata document decides."""
        return self.issuer_form.format(tenant_id=tenant_id)

    def metadata_url(self, tenant_id: str, app_id: str) -> str:
        """The application's own federation metadata. Without the application id one gets the tenant's keys (G74)."""
        return f"{self.login}/{tenant_id}/federationmetadata/2007-06/federationmetadata.xml?appid={app_id}"


GLOBAL = Cloud(
    name="global",
    title="Global cloud",
    graph="https://graph.microsoft.com",
    login="https://login.microsoftonline.com",
    issuer_form="https://sts.windows.net/{tenant_id}/",
    portal="https://entra.microsoft.com",
    template_id="8adf8e6e-67b2-4cf2-a259-e3dc5476c621",
    can_add_certificate=True,
)
GOV_L4 = Cloud(
    name="gov_l4",
    title="US Government L4",
    graph="https://graph.microsoft.us",
    login="https://login.microsoftonline.us",
    issuer_form="https://sts.windows.net/{tenant_id}/",
    portal="https://entra.microsoft.us",
    template_id="4602d0b4-76bb-404b-bca9-2652e1a39c6d",
    can_add_certificate=False,
)
GOV_L5 = Cloud(
    name="gov_l5",
    title="US Government L5 (DoD)",
    graph="https://dod-graph.microsoft.us",
    login="https://login.microsoftonline.us",
    issuer_form="https://sts.windows.net/{tenant_id}/",
    portal="https://entra.microsoft.us",
    template_id="4602d0b4-76bb-404b-bca9-2652e1a39c6d",
    can_add_certificate=False,
)
CHINA = Cloud(
    name="china",
    title="China (21Vianet)",
    graph="https://microsoftgraph.chinacloudapi.cn",
    login="https://login.partner.microsoftonline.cn",
    issuer_form="https://sts.chinacloudapi.cn/{tenant_id}/",
    portal="https://entra.microsoftonline.cn",
    template_id="5a532e38-1581-4918-9658-008dc27c1d68",
    can_add_certificate=False,
)
# Hosts, and that a client of one's own is needed: Microsoft's page on Connect-MgGraph. Template, portal and issuer are
# published nowhere: the first is never guessed, and the product takes the issuer from the federation metadata.
BLEU = Cloud(
    name="bleu",
    title="Bleu (France)",
    graph="https://graph.svc.sovcloud.fr",
    login="https://login.sovcloud-identity.fr",
    issuer_form="https://sts.windows.net/{tenant_id}/",
    portal="the admin center of Bleu",
    template_id="",
    own_client_only=True,
    can_add_certificate=False,
)
DELOS = Cloud(
    name="delos",
    title="Delos (Germany)",
    graph="https://graph.svc.sovcloud.de",
    login="https://login.sovcloud-identity.de",
    issuer_form="https://sts.windows.net/{tenant_id}/",
    portal="the admin center of Delos",
    template_id="",
    own_client_only=True,
    can_add_certificate=False,
)
LIVE_CLOUDS = {cloud.name: cloud for cloud in (GLOBAL, GOV_L4, GOV_L5, CHINA, BLEU, DELOS)}

FLEX_API = "https://flex-api.twilio.com"
TASKROUTER = "https://taskrouter.twilio.com"
FLEX_SERVICES = "https://services.twilio.com"
FLEX_LOGIN = "https://login.flex.us1.twilio.com"
FLEX_LOGIN_HOST = r"login\.flex\.[a-z0-9-]+\.twilio\.com"
"""Flex's login host of any region; only us1 is documented, and Console decides (F04)."""
FLEX_UI = "https://flex.twilio.com"
FLEX_LEGACY = "https://iam.twilio.com"
CONSOLE = "https://console.twilio.com"
CONSOLE_SSO_PAGE = f"{CONSOLE}/us1/develop/flex/users-and-access/single-sign-on"
"""In what Twilio now calls the Legacy Console; Twilio's pages about Flex link it (2026)."""
NEW_CONSOLE = "https://1console.twilio.com"
"""Twilio's new Console. No page of Twilio's says where in it Flex's single sign-on is."""

# Ids that only the rehearsal uses. A live id in a rehearsal file, or one of these in a live file, is refused.
REHEARSAL_TENANT = re.compile(r"f1e55000-0000-4000-8000-[0-9a-f]{12}")
REHEARSAL_ACCOUNT = re.compile(r"ACf1e55000[0-9a-f]{24}")
REHEARSAL_CONNECTION = re.compile(r"JQf1e55000[0-9a-f]{24}")


def is_rehearsal_tenant(tenant_id: str) -> bool:
    """Whether the tenant id lies in the block reserved for rehearsals."""
    return REHEARSAL_TENANT.fullmatch(tenant_id.lower()) is not None

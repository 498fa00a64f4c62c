"""What a tenant's file says, typed: one Entra tenant paired with one Flex account. Frozen, strict, nothing unknown.

Usage::

    tenant = load("parameters/contoso.yaml")
    tenant.flex.account_sid, tenant.sign_in.method, tenant.rehearsal

Rules between fields (a live id in a rehearsal's file, two roles for one user …) are in contradictions.py.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from flexsso_helpers.parameters import claim_names, shapes
from flexsso_helpers.parameters.attested import Attested
from flexsso_helpers.parameters.contradictions import contradictions
from flexsso_helpers.parameters.kinds import (
    AccountSid,
    Address,
    ApiKeySid,
    AssertionReference,
    AttributeName,
    AttributeSource,
    CertificateReference,
    CsvFile,
    FlexAddress,
    Guid,
    Identifier,
    Part,
    Reference,
    ReplyUrl,
    Slug,
    Words,
)
from flexsso_helpers.parameters.roles import InsightsRole, OfferedInsights, Role
from flexsso_helpers.parameters.telling import Handover, Notify

PUBLIC_CLIENT = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
"""The application Microsoft Graph Command Line Tools, which every tenant may sign in to."""

CloudName = Literal["global", "gov_l4", "gov_l5", "china", "bleu", "delos", "rehearsal"]


class SignIn(Part):
    """How to sign in to Microsoft Entra ID."""

    method: Literal["browser", "device_code", "client_secret", "client_certificate", "workload_identity", "default"] = (
        Field(
            default="browser",
            description="How to sign in: browser (a window opens), device_code (a code is typed on any device), "
            "client_secret or client_certificate (an application signs in, for runs without a person), "
            "workload_identity (the same by a token of the pipeline or cluster where it runs, so without a secret), "
            "default (whatever "
            "azure-identity finds on the machine, such as a managed identity; not rehearsed).",
        )
    )
    client_id: Guid = Field(
        default=PUBLIC_CLIENT,
        description="Application (client) id to sign in through. Left out: Microsoft Graph Command Line Tools. "
        "With client_secret, client_certificate or workload_identity: the app registration that signs in. With "
        "default: the client id "
        "of a managed identity that a user assigned.",
    )
    user: Address | None = Field(
        default=None, description="User name offered at sign-in; signing in as somebody else is then refused. Optional."
    )
    secret: Reference | None = Field(
        default=None, description=f"Only with client_secret: where its secret is kept, as {shapes.REFERENCE_FORM}."
    )
    certificate: CertificateReference | None = Field(
        default=None,
        description="Only with client_certificate: where the certificate and its private key are kept, in one PEM text "
        f"or PKCS #12 file, as {shapes.CERTIFICATE_FORM}.",
    )
    certificate_password: Reference | None = Field(
        default=None,
        description="Only with client_certificate, where its key is locked: where the password is kept, as "
        f"{shapes.REFERENCE_FORM}.",
    )
    assertion: AssertionReference | None = Field(
        default=None,
        description=f"Only with workload_identity: where the token in place of a secret is found, as "
        f"{shapes.ASSERTION_FORM}.",
    )
    audit_log: bool = Field(
        default=False,
        description="true: ask for AuditLog.Read.All and Directory.Read.All too, which only read, so that notebook 20 "
        "can say who changed what. An administrator has to consent to them.",
    )


class Application(Part):
    """The enterprise application in Entra."""

    name: Words = Field(
        default="Twilio Flex", description="Name of the enterprise application, as users see it in My Apps."
    )
    app_id: Guid | None = Field(
        default=None,
        description="Application (client) id of an existing enterprise application to adopt. Left out: make one.",
    )
    service_management_reference: Words | None = Field(
        default=None,
        description="Reference under which the company's service management knows the application. Some tenants "
        "demand one of every new application. Left out: what stands there stays.",
    )


class Connection(Part):
    """The two values that only Flex Console knows."""

    reply_url: ReplyUrl = Field(description=f"Reply URL (ACS URL) as Flex Console shows it: {shapes.REPLY_FORM}.")
    identifier: Identifier = Field(
        description=f"Identifier (entity ID) as Flex Console shows it: {shapes.IDENTIFIER_FORM}, the same JQ."
    )


class Flex(Part):
    """The Twilio account with Flex."""

    account_sid: AccountSid = Field(description="Twilio account SID: AC and 32 digits 0-9 a-f.")
    api_key: ApiKeySid = Field(description="SID of an API key of this account: SK and 32 digits 0-9 a-f.")
    api_secret: Reference = Field(description=f"Where the API key's secret is kept: {shapes.REFERENCE_FORM}.")
    mode: Literal["enhanced", "legacy"] = Field(
        default="enhanced",
        description="Which single sign-on of Flex: enhanced, or legacy for an account that still runs on the old one, "
        "which Twilio ends.",
    )
    connection: Connection | None = Field(
        default=None,
        description="Reply URL and identifier from Flex Console. Notebook 02 fills this in; leave it out before.",
    )
    landing: FlexAddress | None = Field(
        default=None,
        description="Where a login ends that begins at a tile on My Apps (Default Redirect URL): the Flex login link, "
        "or a self-hosted Flex. Left out: the first of self_hosted, if there is one.",
    )
    self_hosted: Annotated[tuple[FlexAddress, ...], Field(strict=False)] = Field(
        default=(), description="Addresses of a self-hosted Flex (Trusted URLs), without wildcards."
    )


class Attribute(Part):
    """One further statement about a person that Flex gets. Has either a source or a fixed value."""

    name: AttributeName = Field(
        description="Name of the worker attribute in Flex, with its type at the end where it is no text: skill.int, "
        "languages.stringarray; or channel.NAME.capacity and channel.NAME.availability."
    )
    source: AttributeSource | None = Field(
        default=None, description=f"Where Entra takes it: {claim_names.SOURCE_FORM}."
    )
    value: Words | None = Field(default=None, description="The same value for everybody, instead of a source.")


class Claims(Part):
    """How the claims are kept in Entra, and which of the further ones somebody answers for."""

    store: Literal["mapping_policy", "portal_policy"] = Field(
        default="mapping_policy",
        description="Where Entra keeps the claims. mapping_policy locks the page Attributes & Claims of the admin "
        "center; portal_policy leaves it editable, by a beta of Graph that only the global cloud has.",
    )
    acknowledged: Annotated[tuple[Words, ...], Field(strict=False)] = Field(
        default=(),
        description="Names of claims beyond the documented ones that the company agrees to have stored by Twilio. "
        "Notebook 04 adds those that are approved there by name.",
    )


class Signing(Part):
    """The token-signing certificate."""

    valid_days: Annotated[int, Field(ge=1, le=1095)] = Field(
        default=1095, description="How many days a new signing certificate is valid: 1 to 1095 (three years)."
    )
    notification_addresses: Annotated[tuple[Address, ...], Field(max_length=5, strict=False)] = Field(
        default=(),
        description="Up to five mail addresses that Microsoft warns before the certificate expires. "
        "Added to those that are there. Prefer a shared mailbox.",
    )


class UserAssignment(Part):
    """One user and the role."""

    user: Address = Field(description="User principal name of the user, as Entra shows it.")
    role: Role = Field(description="The one Flex role of this user.")
    insights: Annotated[tuple[InsightsRole, ...], Field(strict=False)] = Field(
        default=(),
        description="Flex Insights roles of this user, each a further assignment. Only beside supervisor or admin.",
    )


class GroupAssignment(Part):
    """One group and the role."""

    group: Words = Field(description="Display name or object id of the group. Only its direct members get the role.")
    role: Role = Field(description="The one Flex role of this group's direct members.")


class Assignments(Part):
    """Who may use Flex, and as what. A tenant from a file has the people of its CSV file among its users."""

    csv: CsvFile | None = Field(
        default=None,
        description="A CSV file beside this one with more users, in columns user, role and, as often as needed, "
        "insights_role; they join those of users.",
    )
    users: Annotated[tuple[UserAssignment, ...], Field(strict=False)] = Field(
        default=(), description="Users with their role, one entry a user."
    )
    groups: Annotated[tuple[GroupAssignment, ...], Field(strict=False)] = Field(
        default=(), description="Groups with their role, one entry a group. Needs Entra ID P1 or P2."
    )
    exact: bool = Field(
        default=False,
        description="true: who is assigned and not in this file is planned to be removed, each approved by name. "
        "false: they are listed, and stay.",
    )


class Tenant(Part):
    """One Entra tenant paired with one Flex account. Holds references to secrets, never a secret."""

    name: Slug = Field(description="Short name, the same as the file's: lower-case letters, digits, hyphens.")
    title: Words = Field(description="The customer's name for headings and reports.")
    cloud: CloudName = Field(description="The Microsoft cloud of the tenant, or rehearsal to practise with no account.")
    tenant_id: Guid = Field(description="Directory (tenant) id: a GUID, under Overview in the Entra admin center.")
    apply: bool = Field(
        default=False,
        description="true: notebooks write without being asked. Allowed for a rehearsal only; "
        "for a live tenant the approval is given at run time.",
    )
    practice: Literal["simulated", "you", "live"] = Field(
        default="simulated",
        description="Only in a rehearsal: who does what only a person can do. simulated, you in its pages (told where "
        "they are), or live: as on a live tenant in everything, and noted in this file.",
    )
    sign_in: SignIn = Field(default=SignIn(), description="How to sign in to Microsoft Entra ID.")
    application: Application = Field(default=Application(), description="The enterprise application in Entra.")
    flex: Flex = Field(description="The Twilio account with Flex.")
    name_id: Literal["mail", "userprincipalname"] = Field(
        default="mail",
        description="What identifies a user to Flex, one choice for all. Changing it later makes new, billed workers.",
    )
    claims: Claims = Field(default=Claims(), description="How the claims are kept, and who answers for further ones.")
    attributes: Annotated[tuple[Attribute, ...], Field(max_length=claim_names.MOST_CLAIMS - 4, strict=False)] = Field(
        default=(),
        description="Further attributes that Flex gets of each person. Twilio stores them; send what Flex needs only.",
    )
    signing: Signing = Field(default=Signing(), description="The token-signing certificate.")
    roles: Annotated[tuple[Role, ...], Field(min_length=1, strict=False)] = Field(
        default=("admin", "supervisor", "agent"), description="Which Flex roles the application offers."
    )
    insights: OfferedInsights = Field(
        default=(),
        description="Which Flex Insights roles the application offers: true for all seven, or a list of them. "
        "Left out: none, for accounts without Flex Insights.",
    )
    assignments: Assignments = Field(default=Assignments(), description="Who may use Flex, and as what.")
    test_sign_ons: Annotated[tuple[Address, ...], Field(strict=False)] = Field(
        default=(), description="User principal names of those who sign on in notebook 08, best one for each role."
    )
    handover: Handover = Field(default=Handover(), description="What is written for the customer.")
    notify: Notify = Field(default=Notify(), description="Who is told when the outcome of a command changes.")
    attested: Attested | None = Field(
        default=None, description="What people did in a console, written by notebooks 06 and 08. Do not edit."
    )

    @property
    def offered(self) -> tuple[str, ...]:
        """Values of all app roles that the application offers: those of Flex, then those of Flex Insights."""
        return (*self.roles, *self.insights)

    @property
    def rehearsal(self) -> bool:
        """Whether this is practice: nothing leaves the machine."""
        return self.cloud == "rehearsal"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        found = contradictions(self.model_dump(exclude_unset=True))
        if found:
            raise PydanticCustomError("contradictions", "{text}", {"text": "; ".join(item.text for item in found)})
        return self

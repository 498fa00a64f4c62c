"""What people did in consoles and said so: written by notebooks 06 and 08 into the tenant's file, never by hand."""

from typing import Annotated, Literal

from pydantic import Field

from flexsso_helpers.parameters.kinds import Address, FlexAddress, Moment, Part, Sha256, WebAddress, Words


class AttestedConsole(Part):
    """What was pasted into Flex Console. Written by notebook 06."""

    certificate_sha256: Sha256 = Field(description="SHA-256 fingerprint of the certificate that was pasted.")
    issuer: WebAddress = Field(description="Identity Provider Issuer that was pasted.")
    sso_url: WebAddress = Field(description="Single Sign-On URL that was pasted.")
    identifier: Words | None = Field(
        default=None, description="Identifier (entity ID) of the Flex connection whose page they were pasted into."
    )
    default_redirect_url: FlexAddress | None = Field(default=None, description="Default Redirect URL, if any.")
    trusted_urls: Annotated[tuple[FlexAddress, ...], Field(strict=False)] = Field(
        default=(), description="Trusted URLs that were entered."
    )
    by: Words = Field(description="Who pasted it in Flex Console.")
    at: Moment = Field(description="When, in UTC, in quotes.")


class AttestedSignOn(Part):
    """The last sign-ons that were proved. Written by notebook 08."""

    at: Moment = Field(description="When the oldest of them was, in UTC, in quotes.")
    by: Words = Field(description="Who ran the test.")
    users: Annotated[tuple[Address, ...], Field(strict=False)] = Field(
        default=(), description="Users whose sign-on was proved: by the response, and by a trace at Flex."
    )
    said: Annotated[tuple[Address, ...], Field(strict=False)] = Field(
        default=(), description="Users whose response was genuine and of whom only a person said that Flex opened."
    )
    certificate_sha256: Sha256 | None = Field(
        default=None, description="SHA-256 fingerprint of the certificate that had signed the responses."
    )
    name_id: Literal["mail", "userprincipalname"] | None = Field(
        default=None, description="What identified a person then; a proof counts as long as it still does."
    )


class AttestedTile(Part):
    """The last start at the tile on My Apps that opened Flex. Written by notebook 08."""

    at: Moment = Field(description="When, in UTC, in quotes.")
    by: Words = Field(description="Who saw Flex open.")
    leads_to: WebAddress = Field(description="Default reply URL of the application at that time.")
    lands_at: FlexAddress | None = Field(default=None, description="Where Flex opened; left out on Legacy.")


class Attested(Part):
    """What a person did and said so, because no API can tell."""

    console: AttestedConsole | None = Field(
        default=None, description="Written by notebook 06: what Flex Console was given."
    )
    sign_on: AttestedSignOn | None = Field(default=None, description="Written by notebook 08: the last proved sign-on.")
    tile: AttestedTile | None = Field(
        default=None, description="Written by notebook 08: the last start at the tile on My Apps that opened Flex."
    )

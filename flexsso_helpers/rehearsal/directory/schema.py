"""The properties of what Graph shows here, and which of them a client may write.

Only what is in Graph v1.0; a name that is not in these tables is refused, in bodies and in `$select` alike.
"""

from dataclasses import dataclass, field

OWN = "id createdDateTime deletedDateTime"


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One type. `settable` are the properties of a PATCH; `shown` what a read gives without `$select` (empty: all)."""

    name: str
    collection: str
    readable: frozenset[str]
    settable: frozenset[str] = frozenset()
    strings: frozenset[str] = frozenset()
    booleans: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    filterable: frozenset[str] = frozenset()
    sortable: frozenset[str] = frozenset()
    searchable: frozenset[str] = frozenset()
    shown: tuple[str, ...] = field(default=())

    @property
    def properties(self) -> frozenset[str]:
        """All property names."""
        return self.readable | self.settable


def _entity(
    name: str, collection: str, *, readable: str, strings: str = "", booleans: str = "", lists: str = "",
    objects: str = "", filterable: str = "", sortable: str = "", searchable: str = "", shown: str = "",
) -> Entity:  # fmt: skip
    kinds = [frozenset(text.split()) for text in (strings, booleans, lists, objects)]
    return Entity(
        name=name,
        collection=collection,
        readable=frozenset(f"{OWN} {readable}".split()),
        settable=frozenset().union(*kinds),
        strings=kinds[0],
        booleans=kinds[1],
        lists=kinds[2],
        objects=kinds[3],
        filterable=frozenset(filterable.split()),
        sortable=frozenset(sortable.split()),
        searchable=frozenset(searchable.split()),
        shown=tuple(shown.split()),
    )


APPLICATION = _entity(
    "application",
    "applications",
    readable="appId applicationTemplateId createdByAppId publisherDomain disabledByMicrosoftStatus certification "
    "samlMetadataUrl verifiedPublisher",
    strings="displayName description notes signInAudience groupMembershipClaims serviceManagementReference uniqueName "
    "tokenEncryptionKeyId defaultRedirectUri",
    booleans="isFallbackPublicClient isDeviceOnlyAuthSupported",
    lists="identifierUris tags appRoles addIns keyCredentials passwordCredentials requiredResourceAccess",
    objects="api web spa info publicClient optionalClaims parentalControlSettings requestSignatureVerification "
    "servicePrincipalLockConfiguration authenticationBehaviors",
    filterable="id appId displayName applicationTemplateId identifierUris createdDateTime signInAudience tags "
    "publisherDomain uniqueName",
    sortable="displayName createdDateTime deletedDateTime",
    searchable="displayName",
)
SERVICE_PRINCIPAL = _entity(
    "servicePrincipal",
    "servicePrincipals",
    readable="appId appDisplayName appDescription applicationTemplateId appOwnerOrganizationId createdByAppId "
    "disabledByMicrosoftStatus servicePrincipalType signInAudience oauth2PermissionScopes homepage "
    "resourceSpecificApplicationPermissions verifiedPublisher publisherName",
    strings="displayName description notes loginUrl logoutUrl preferredSingleSignOnMode tokenEncryptionKeyId "
    "preferredTokenSigningKeyThumbprint",
    booleans="accountEnabled appRoleAssignmentRequired",
    lists="alternativeNames appRoles addIns keyCredentials passwordCredentials notificationEmailAddresses replyUrls "
    "servicePrincipalNames tags",
    objects="info samlSingleSignOnSettings",
    filterable="id appId displayName applicationTemplateId servicePrincipalNames createdDateTime tags accountEnabled "
    "preferredSingleSignOnMode servicePrincipalType replyUrls appOwnerOrganizationId",
    sortable="displayName createdDateTime deletedDateTime",
    searchable="displayName",
)
USER = _entity(
    "user",
    "users",
    readable="displayName givenName surname jobTitle mail userPrincipalName businessPhones mobilePhone officeLocation "
    "preferredLanguage userType accountEnabled proxyAddresses department employeeId mailNickname externalUserState "
    "creationType onPremisesSamAccountName usageLocation identities companyName city country state streetAddress "
    "postalCode faxNumber otherMails onPremisesUserPrincipalName onPremisesDomainName onPremisesExtensionAttributes "
    "consentProvidedForMinor lastPasswordChangeDateTime preferredDataLocation onPremisesSecurityIdentifier "
    "onPremisesImmutableId onPremisesSyncEnabled",
    filterable="id displayName givenName surname mail userPrincipalName userType accountEnabled proxyAddresses "
    "createdDateTime department employeeId",
    sortable="displayName userPrincipalName createdDateTime",
    searchable="displayName givenName surname mail userPrincipalName",
    shown="businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname "
    "userPrincipalName id",
)
GROUP = _entity(
    "group",
    "groups",
    readable="displayName description securityEnabled mailEnabled mail mailNickname groupTypes visibility "
    "membershipRule membershipRuleProcessingState isAssignableToRole onPremisesSyncEnabled proxyAddresses",
    filterable="id displayName mail mailNickname securityEnabled mailEnabled groupTypes createdDateTime",
    sortable="displayName createdDateTime deletedDateTime",
    searchable="displayName description mailNickname",
)
MEMBER = Entity(
    name="directoryObject",
    collection="directoryObjects",
    readable=USER.properties | GROUP.properties,
    filterable=frozenset({"id", "displayName"}),
    searchable=frozenset({"displayName"}),
)
MEMBERSHIP = Entity(
    name="directoryObject",
    collection="directoryObjects",
    readable=MEMBER.readable | {"roleTemplateId"},
    filterable=MEMBER.filterable,
    searchable=MEMBER.searchable,
)
ROLE_ASSIGNMENT = Entity(
    name="unifiedRoleAssignment",
    collection="roleAssignments",
    readable=frozenset({"id", "principalId", "roleDefinitionId", "directoryScopeId", "roleDefinition"}),
    filterable=frozenset({"principalId", "roleDefinitionId"}),
)
GRANT = Entity(
    name="oAuth2PermissionGrant",
    collection="oauth2PermissionGrants",
    readable=frozenset({"id", "clientId", "consentType", "principalId", "resourceId", "scope"}),
)
POLICY = _entity(
    "policy",
    "policies",
    readable="",
    strings="displayName",
    booleans="isOrganizationDefault",
    lists="definition",
    filterable="id displayName",
)
ASSIGNMENT = _entity(
    "appRoleAssignment",
    "appRoleAssignedTo",
    readable="appRoleId principalDisplayName principalId principalType resourceDisplayName resourceId",
    filterable="principalDisplayName resourceId",
)
ORGANIZATION = _entity(
    "organization", "organization", readable="displayName verifiedDomains tenantType countryLetterCode assignedPlans"
)
SKU = _entity(
    "subscribedSku",
    "subscribedSkus",
    readable="accountId accountName appliesTo capabilityStatus consumedUnits prepaidUnits servicePlans skuId "
    "skuPartNumber subscriptionIds",
)
MANAGEMENT_POLICY = _entity(
    "tenantAppManagementPolicy",
    "policies",
    readable="displayName description isEnabled applicationRestrictions servicePrincipalRestrictions",
)
TEMPLATE = _entity(
    "applicationTemplate",
    "applicationTemplates",
    readable="displayName homePageUrl supportedSingleSignOnModes supportedProvisioningTypes logoUrl categories "
    "publisher description",
    filterable="id displayName categories publisher",
)
AUDIT = _entity(
    "directoryAudit",
    "directoryAudits",
    readable="activityDateTime activityDisplayName additionalDetails category correlationId initiatedBy "
    "loggedByService operationType result resultReason targetResources",
    filterable="activityDateTime activityDisplayName category correlationId result targetResources",
)
CONDITIONAL_ACCESS = _entity(
    "conditionalAccessPolicy",
    "policies",
    readable="displayName state conditions grantControls sessionControls modifiedDateTime",
    filterable="displayName state",
)

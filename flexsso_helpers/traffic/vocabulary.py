"""The words of the protocols: all that may stay in a recording. Nobody's name, address, id or secret is among them."""

import re

from flexsso_helpers.clouds import (
    CONSOLE,
    FLEX_API,
    FLEX_LEGACY,
    FLEX_LOGIN_HOST,
    FLEX_SERVICES,
    FLEX_UI,
    LIVE_CLOUDS,
    TASKROUTER,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LOGIN_HOST = re.compile(FLEX_LOGIN_HOST)
HOSTS = frozenset(
    origin.removeprefix("https://")
    for origin in (
        *(cloud.graph for cloud in LIVE_CLOUDS.values()),
        *(cloud.login for cloud in LIVE_CLOUDS.values()),
        *(FLEX_API, TASKROUTER, FLEX_SERVICES, FLEX_LEGACY, FLEX_UI, CONSOLE),
    )
)

PATHS = _words(
    """v1.0 beta v1 v4 $ref $count $batch me organization users groups members transitiveMembers memberOf
    transitiveMemberOf applications servicePrincipals applicationTemplates instantiate addTokenSigningCertificate
    appRoleAssignedTo appRoleAssignments claimsMappingPolicies tokenIssuancePolicies claimsPolicy policies appliesTo
    defaultAppManagementPolicy appManagementPolicies directory deletedItems restore subscribedSkus
    microsoft.graph.application microsoft.graph.servicePrincipal microsoft.graph.group microsoft.graph.directoryRole
    roleManagement roleAssignments roleEligibilityScheduleInstances oauth2PermissionGrants auditLogs directoryAudits
    signIns identity conditionalAccess owners oauth2 oauth2.0 token devicecode authorize common saml2
    federationmetadata FederationMetadata 2007-06 federationmetadata.xml FederationMetadata.xml Flex Authentication
    Config Authorize Callback Configuration Public Workspaces Workers Channels Activities Instances Users Deprovision
    login callback Accounts authenticate .well-known openid-configuration discovery instance getMemberGroups"""
)

KEYS = _words(
    """@odata.context @odata.count @odata.id @odata.nextLink @odata.type value id appId displayName error code message
    details target innerError date request-id client-request-id error_codes suberror status more_info application
    servicePrincipal applicationTemplateId identifierUris web redirectUris redirectUriSettings uri index homePageUrl
    logoutUrl api acceptMappedClaims requestedAccessTokenVersion appRoles allowedMemberTypes isEnabled description
    origin tags notes keyCredentials passwordCredentials keyId usage type key customKeyIdentifier startDateTime
    endDateTime secretText hint thumbprint preferredTokenSigningKeyThumbprint preferredTokenSigningKeyEndDateTime
    preferredSingleSignOnMode samlSingleSignOnSettings relayState loginUrl replyUrls servicePrincipalNames
    servicePrincipalType accountEnabled appRoleAssignmentRequired notificationEmailAddresses
    serviceManagementReference samlMetadataUrl defaultRedirectUri groupMembershipClaims optionalClaims
    tokenEncryptionKeyId requestSignatureVerification signInAudience createdDateTime deletedDateTime definition
    isOrganizationDefault claims includeBasicClaimSet includeApplicationIdInIssuer audienceOverride groupFilter
    configurations attribute samlAttributeNamespace nameIdPolicyFormat transformations condition principalId
    principalType principalDisplayName resourceId resourceDisplayName appRoleId applicationRestrictions
    servicePrincipalRestrictions uriAdditionWithoutUniqueTenantIdentifier nonDefaultUriAddition state excludeSaml
    isStateSetByMicrosoft excludeAppsReceivingV2Tokens excludeActors restrictForAppsCreatedAfterDateTime
    restrictionType maxLifetime servicePlans servicePlanName provisioningStatus skuPartNumber capabilityStatus
    groupTypes securityEnabled mailEnabled mail userType userPrincipalName verifiedDomains isDefault name
    roleTemplateId directoryScopeId scope scopes consentType clientId requests responses method url body headers
    config_list account_sid instance_sid connection_name client_id active app_type flex_instance_sid runtime_domain
    ui_version ui_attributes public_attributes loginPopup workers sid friendly_name attributes activity_name available
    date_created date_updated full_name email roles users username version updated_date meta page page_size
    location request NameIDPolicy ForceAuthn xml prefixed certificates authorization_pending
    AccountSid FlexInstanceSid SSOProfileSid AppType RuntimeDomain FriendlyName Username PageSize Page
    redirectUrl nonce codeChallenge state ssoProfileSid products resource appid api-version
    $select $filter $top $expand $count $orderby $search $skiptoken
    console said worker flex_user trace thumbprints AllPrincipals Principal portal_signing_option portal_claims_blade
    name_id name_id_format signed optional_claim token_claims kind held_roles asked_scopes given_scopes signed_in_by"""
)

CLAIMS = _words(
    """aud iss iat nbf exp aio acct acr amr app_displayname appid appidacr azp azpacr aai family_name given_name groups
    idp idtyp ipaddr name oid onprem_sid platf puid rh roles scp sid sub tenant_ctry tenant_region_scope tid
    unique_name upn uti ver wids xms_cc xms_st xms_tcdt xms_ftd xms_idrel preferred_username email"""
)
"""Names of claims of a token; their values never stay."""

WORDS = CLAIMS | _words(
    """saml Response Assertion oidc password notSupported User Application Sign Verify AsymmetricX509Cert Group
    ServicePrincipal msiam_access Unified DynamicMembership Guest Member AzureADMyOrg AAD_PREMIUM
    AAD_PREMIUM_P2 Success Enabled enabled disabled asymmetricKeyLifetime passwordAddition passwordLifetime
    symmetricKeyLifetime WindowsAzureActiveDirectoryIntegratedApp
    WindowsAzureActiveDirectoryCustomSingleSignOnApplication HideApp
    WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1 flex none ok pending EntityDescriptor
    authorization_pending true false member guest delegate application browser device_code certificate secret
    urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress
    urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified urn:oasis:names:tc:SAML:2.0:nameid-format:persistent
    urn:oasis:names:tc:SAML:2.0:nameid-format:transient #microsoft.graph.application
    #microsoft.graph.servicePrincipal #microsoft.graph.directoryRole Application.Read.All
    Application.ReadWrite.All AppRoleAssignment.ReadWrite.All AuditLog.Read.All Directory.AccessAsUser.All
    Directory.Read.All Directory.ReadWrite.All Group.Read.All Group.ReadWrite.All GroupMember.Read.All
    Organization.Read.All Policy.Read.All Policy.ReadWrite.ApplicationConfiguration
    RoleManagement.Read.Directory User.Read User.Read.All User.ReadBasic.All User.ReadWrite.All
    AllPrincipals Principal openid profile offline_access
    started asked saved refused nobody opened elsewhere made moved same absent locked editable both response assertion
    45002 45004 45050 70002 70251 70252 70253 14240
    DelegatedPermissionGrant.ReadWrite.All 62e90394-69f5-4237-9190-012177145e10
    9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3 158c047a-c907-4556-b7ef-446551a6b5f7"""
)
"""Values that are the same in every tenant. The ids are those of three directory roles."""

TEXTS = (
    "Permission being assigned already exists on the object",
    "EntitlementGrant entry already exists.",
    "Permission being assigned was not found on application",
    "Not a valid reference update.",
    "Property  has an invalid value.",
    "Property definition has an invalid value.",
    "One or more properties contains invalid values.",
    "Insufficient privileges to complete the operation.",
    "does not exist or one of its queried reference-property objects are not present.",
    "must use a verified domain of the organization",
    "Failed to add identifier URI",
    "Another object with the same value for property identifierUris already exists.",
    "ServiceManagementReference field is required for Create",
    "ServiceManagementReference field is required for Update",
    "A policy of this type is already assigned to this object",
    "One or more removed object references do not exist",
    "Property appId is invalid",
    "45004",
    "70002",
    "Log in failed",
)
"""Words of refusals, as they were published; what else a message says goes."""

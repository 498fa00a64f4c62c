"""Which notebooks an answer touches, and what a person may look at that no program sees."""

TOUCHED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("admin_consent", "device_code_flow", "token_claims", "guest_token", "token_scopes", "delegate_me"), ("00",)
    ),
    "cloud_application_administrator_policies": ("00", "03", "04"),
    "assignment_permission": ("00", "07"),
    "list_users": ("00", "04", "07", "08", "20", "22", "29"),
    **dict.fromkeys(
        ("no_connection", "unknown_account", "bad_id_status", "runtime_domain_match", "runtime_domain_form"), ("00",)
    ),
    **dict.fromkeys(("flex_missing_status", "legacy"), ("00",)),
    "region": ("02", "06"),
    **dict.fromkeys(("missing_pkce", "untrusted_at", "authn_nameid_policy", "force_authn"), ("06", "08")),
    **dict.fromkeys(("list_attributes", "friendly_name_filter"), ("08", "22")),
    **dict.fromkeys(
        ("template_tags", "template_identifier_uris", "template_roles", "notification_seed", "template_certificate"),
        ("01",),
    ),
    **dict.fromkeys(("require_service_reference", "instantiate_ghost", "write_after_create", "replica_flap"), ("01",)),
    **dict.fromkeys(("lag", "ambiguous_failure"), ("01", "02", "03", "04", "05", "07")),
    **dict.fromkeys(("identifier_error_shape", "identifier_policy", "schemeless_identifier"), ("02",)),
    **dict.fromkeys(("deleted_identifier", "restore_conflict"), ("00", "01")),
    "restore_state": ("01", "03", "07"),
    "localhost_reply_url": ("08",),
    "list_order": ("02", "05", "20"),
    "notification_limit": ("03",),
    "sp_logout_url": ("01",),
    "app_delete": ("01", "29"),
    **dict.fromkeys(("first_certificate", "custom_key_identifier", "time_digits", "metadata_prefixes"), ("03", "21")),
    **dict.fromkeys(("key_life_policy", "credential_type_policy", "missing_action", "remove_active"), ("03", "21")),
    **dict.fromkeys(("cert_creates_policy", "second_signing_policy", "signing_policy_on_principal"), ("03",)),
    **dict.fromkeys(("policy_description", "definition_error_text", "samlnameidformat_key"), ("04",)),
    **dict.fromkeys(("second_claims_policy", "unlink_error", "claims_policy_absent", "claims_policy_put"), ("04",)),
    **dict.fromkeys(("claims_policy_shape", "claims_policy_delete"), ("04",)),
    **dict.fromkeys(("duplicate_assignment", "group_without_p1", "m365_group"), ("07",)),
    **dict.fromkeys(("no_policy_nameid", "nameidpolicy_unspecified", "policy_nameid_format"), ("04", "08")),
    **dict.fromkeys(("nameidpolicy_under_policy", "optional_claims_under_policy"), ("04", "08")),
    "policy_attachment": ("03", "08"),
    **dict.fromkeys(("friendly_name", "roles_shape", "worker_touch", "flex_user_version"), ("08", "22")),
    **dict.fromkeys(("listed_before_save", "active_before_save"), ("00", "02")),
    **dict.fromkeys(("certificate_box", "bad_settings_at", "check_issuer", "multi_cert"), ("06",)),
    "saml_error_code": ("08",),
    **dict.fromkeys(("idp_initiated", "require_signatures"), ("06", "08")),
}
"""By question, of those that a first contact can observe."""

LOOK: dict[str, str] = {
    "active_before_save": "Is the new connection used by logins before it is saved in Flex Console?",
    "bad_settings_at": "Does Flex Console refuse an address that is none when you save, or only a login?",
    "multi_cert": "What does Flex Console do with two certificates in its box?",
    "certificate_box": "Does its box take a certificate as one long line?",
    "worker_touch": "Does a second sign-on move date_updated of the worker?",
}
"""What a person may answer by one of the alternatives without a first contact; it is kept as said, never as seen."""

//! EN 319 412-2: certificates of natural persons, and what all persons' certificates share.

use crate::rule::CertificateRule;

mod alternative_name_critical;
mod authority_info_access_missing;
mod authority_key_identifier_missing;
mod ca_issuers_missing;
mod ca_issuers_not_http;
mod distribution_point_without_http;
mod distribution_points_critical;
mod extended_key_usage_critical;
mod extended_key_usage_of_services;
mod inhibit_any_policy_present;
mod issuer_alternative_name_critical;
mod issuer_attribute_repeated;
mod issuer_common_name_missing;
mod issuer_country_missing;
mod issuer_country_unknown;
mod issuer_identifier_is_name;
mod issuer_identifier_missing;
mod issuer_organization_missing;
mod key_usage_content_commitment;
mod key_usage_missing;
mod key_usage_mixed;
mod key_usage_setting_unknown;
mod name_constraints_present;
mod ocsp_not_http;
mod policies_critical;
mod policies_missing;
mod policy_constraints_present;
mod policy_mappings_present;
mod pseudonym_beside_name;
pub(in crate::rules) mod setting;
mod status_source_missing;
mod subject_attribute_repeated;
mod subject_common_name_missing;
mod subject_country_missing;
mod subject_country_unknown;
mod subject_name_missing;

pub(super) const ALL: &[CertificateRule] = &[
    alternative_name_critical::RULE,
    authority_info_access_missing::RULE,
    authority_key_identifier_missing::RULE,
    ca_issuers_missing::RULE,
    ca_issuers_not_http::RULE,
    distribution_point_without_http::RULE,
    distribution_points_critical::RULE,
    extended_key_usage_critical::RULE,
    extended_key_usage_of_services::RULE,
    inhibit_any_policy_present::RULE,
    issuer_alternative_name_critical::RULE,
    issuer_attribute_repeated::RULE,
    issuer_common_name_missing::RULE,
    issuer_country_missing::RULE,
    issuer_country_unknown::RULE,
    issuer_identifier_is_name::RULE,
    issuer_identifier_missing::RULE,
    issuer_organization_missing::RULE,
    key_usage_content_commitment::RULE,
    key_usage_missing::RULE,
    key_usage_mixed::RULE,
    key_usage_setting_unknown::RULE,
    name_constraints_present::RULE,
    ocsp_not_http::RULE,
    policies_critical::RULE,
    policies_missing::RULE,
    policy_constraints_present::RULE,
    policy_mappings_present::RULE,
    pseudonym_beside_name::RULE,
    status_source_missing::RULE,
    subject_attribute_repeated::RULE,
    subject_common_name_missing::RULE,
    subject_country_missing::RULE,
    subject_country_unknown::RULE,
    subject_name_missing::RULE,
];

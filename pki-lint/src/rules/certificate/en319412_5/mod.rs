//! EN 319 412-5: qualified statements.

use crate::rule::CertificateRule;

mod compliance_missing;
mod compliance_with_value;
mod device_legislation;
mod device_legislation_without_device;
mod identification_method;
mod legislation_country_unknown;
mod legislation_empty;
mod legislation_in_eu_certificate;
mod legislation_names_member_state;
mod limit_value_currency;
mod limit_value_negative;
mod limit_value_numeric;
mod limit_value_unreadable;
mod pds_language_capitals;
mod pds_language_repeated;
mod pds_language_unknown;
mod pds_missing;
mod pds_not_https;
mod pds_unreadable;
mod pds_url_unusable;
mod pds_without_english;
mod pds_without_english_elsewhere;
mod qualified_on_service;
mod qualified_policies_contradictory;
mod qualified_policy_against_type;
mod qualified_policy_missing;
mod qualified_policy_of_another_kind;
mod retention_period;
mod sscd_against_policy;
mod sscd_missing;
mod sscd_with_value;
mod statement_repeated;
mod statement_unknown;
mod statements_critical;
mod type_as_statement;
mod type_missing;
mod type_missing_for_signature;
mod type_not_alone;
mod type_of_another_kind;
mod type_of_mail;
mod type_of_server;
mod type_unknown;
mod type_unreadable;

pub(super) const ALL: &[CertificateRule] = &[
    compliance_missing::RULE,
    compliance_with_value::RULE,
    device_legislation::RULE,
    device_legislation_without_device::RULE,
    identification_method::RULE,
    legislation_country_unknown::RULE,
    legislation_empty::RULE,
    legislation_in_eu_certificate::RULE,
    legislation_names_member_state::RULE,
    limit_value_currency::RULE,
    limit_value_negative::RULE,
    limit_value_numeric::RULE,
    limit_value_unreadable::RULE,
    pds_language_capitals::RULE,
    pds_language_repeated::RULE,
    pds_language_unknown::RULE,
    pds_missing::RULE,
    pds_not_https::RULE,
    pds_unreadable::RULE,
    pds_url_unusable::RULE,
    pds_without_english::RULE,
    pds_without_english_elsewhere::RULE,
    qualified_on_service::RULE,
    qualified_policies_contradictory::RULE,
    qualified_policy_against_type::RULE,
    qualified_policy_missing::RULE,
    qualified_policy_of_another_kind::RULE,
    retention_period::RULE,
    sscd_against_policy::RULE,
    sscd_missing::RULE,
    sscd_with_value::RULE,
    statement_repeated::RULE,
    statement_unknown::RULE,
    statements_critical::RULE,
    type_as_statement::RULE,
    type_missing::RULE,
    type_missing_for_signature::RULE,
    type_not_alone::RULE,
    type_of_another_kind::RULE,
    type_of_mail::RULE,
    type_of_server::RULE,
    type_unknown::RULE,
    type_unreadable::RULE,
];

//! EN 319 412-3: certificates of legal persons.

use crate::rule::CertificateRule;

mod identifier_is_name;
mod key_usage_content_commitment;
mod key_usage_mixed;
mod subject_attribute_repeated;
mod subject_common_name_missing;
mod subject_country_missing;
mod subject_country_unknown;
mod subject_of_a_person;
mod subject_organization_identifier_missing;
mod subject_organization_missing;

pub(super) const ALL: &[CertificateRule] = &[
    identifier_is_name::RULE,
    key_usage_content_commitment::RULE,
    key_usage_mixed::RULE,
    subject_attribute_repeated::RULE,
    subject_common_name_missing::RULE,
    subject_country_missing::RULE,
    subject_country_unknown::RULE,
    subject_of_a_person::RULE,
    subject_organization_identifier_missing::RULE,
    subject_organization_missing::RULE,
];

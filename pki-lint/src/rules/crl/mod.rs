//! Rules on certificate revocation lists: on the list, and on each of its entries.

use crate::finding::Severity;
use crate::rule::{CrlEntryRule, CrlRule, RuleInfo};

mod algorithm_parameters;
mod authority_key_identifier_critical;
mod authority_key_identifier_mismatch;
mod authority_key_identifier_missing;
mod delta_base_not_older;
mod delta_has_freshest;
mod delta_indicator_not_critical;
mod entry;
mod expired_certs_critical;
mod expired_certs_not_generalized_time;
mod expired_entries_unexpected;
mod extension_critical_unknown;
mod extension_repeated;
mod extensions_empty;
mod freshest_critical;
mod issuer_empty;
mod issuer_may_not_sign;
mod issuer_mismatch;
mod issuing_distribution_point_attributes;
mod issuing_distribution_point_contradicts_itself;
mod issuing_distribution_point_empty;
mod issuing_distribution_point_not_critical;
mod issuing_distribution_point_without_http;
mod next_update_missing;
mod next_update_not_later;
mod not_der;
mod number_critical;
mod number_missing;
mod number_out_of_range;
mod part_unreadable;
mod scope_unexpected;
mod signature_algorithm_mismatch;
mod signature_algorithm_weak;
mod signature_value_shape;
mod time_encoding;
mod validity_too_long;
mod version_not_2;

/// What is known only when all entries were seen.
pub(crate) const EMPTY_REVOKED: RuleInfo = RuleInfo {
    id: "crl.revoked-certificates-empty",
    severity: Severity::Error,
    clause: "RFC 5280 section 5.1.2.6",
    defect: "revokedCertificates is there and empty; where nothing is revoked it is left out",
    since: None,
};

const ALL: &[CrlRule] = &[
    algorithm_parameters::RULE,
    authority_key_identifier_critical::RULE,
    authority_key_identifier_mismatch::RULE,
    authority_key_identifier_missing::RULE,
    delta_base_not_older::RULE,
    delta_has_freshest::RULE,
    delta_indicator_not_critical::RULE,
    expired_certs_critical::RULE,
    expired_certs_not_generalized_time::RULE,
    expired_entries_unexpected::RULE,
    extension_critical_unknown::RULE,
    extension_repeated::RULE,
    extensions_empty::RULE,
    freshest_critical::RULE,
    issuer_empty::RULE,
    issuer_may_not_sign::RULE,
    issuer_mismatch::RULE,
    issuing_distribution_point_attributes::RULE,
    issuing_distribution_point_contradicts_itself::RULE,
    issuing_distribution_point_empty::RULE,
    issuing_distribution_point_not_critical::RULE,
    issuing_distribution_point_without_http::RULE,
    next_update_missing::RULE,
    next_update_not_later::RULE,
    not_der::RULE,
    number_critical::RULE,
    number_missing::RULE,
    number_out_of_range::RULE,
    part_unreadable::RULE,
    scope_unexpected::RULE,
    signature_algorithm_mismatch::RULE,
    signature_algorithm_weak::RULE,
    signature_value_shape::RULE,
    time_encoding::RULE,
    validity_too_long::RULE,
    version_not_2::RULE,
];

/// Rules on the list.
pub(crate) fn all() -> impl Iterator<Item = &'static CrlRule> {
    ALL.iter()
}

/// Rules on each entry.
pub(crate) fn entries() -> impl Iterator<Item = &'static CrlEntryRule> {
    entry::ALL.iter()
}

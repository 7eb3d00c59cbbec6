//! EN 319 411-1: what a provider's certificates have in common.

use crate::rule::CertificateRule;

mod issuing_ca_without_policies;
mod issuing_ca_without_status;
mod policies_contradictory;
mod policies_of_both_series;
mod serial_number_short;

pub(super) const ALL: &[CertificateRule] = &[
    issuing_ca_without_policies::RULE,
    issuing_ca_without_status::RULE,
    policies_contradictory::RULE,
    policies_of_both_series::RULE,
    serial_number_short::RULE,
];

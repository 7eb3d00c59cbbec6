//! EN 319 422: time-stamping units.

use crate::rule::CertificateRule;

mod key_usage;
mod private_key_usage_missing;
mod subject_common_name_missing;
mod subject_country_missing;
mod subject_organization_missing;

pub(super) const ALL: &[CertificateRule] = &[
    key_usage::RULE,
    private_key_usage_missing::RULE,
    subject_common_name_missing::RULE,
    subject_country_missing::RULE,
    subject_organization_missing::RULE,
];

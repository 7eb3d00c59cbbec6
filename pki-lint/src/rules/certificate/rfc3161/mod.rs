//! RFC 3161: certificates of time-stamping units.

use crate::rule::CertificateRule;

mod time_stamping_missing;
mod time_stamping_not_alone;
mod time_stamping_not_critical;

pub(super) const ALL: &[CertificateRule] = &[
    time_stamping_missing::RULE,
    time_stamping_not_alone::RULE,
    time_stamping_not_critical::RULE,
];

//! RFC 9608 and EN 319 412-1 clause 5.2: certificates without revocation.

use crate::rule::CertificateRule;

mod no_revocation_in_ca;
mod no_revocation_with_revocation;
mod short_term_critical;
mod short_term_long_lived;
mod short_term_not_null;

pub(super) const ALL: &[CertificateRule] = &[
    no_revocation_in_ca::RULE,
    no_revocation_with_revocation::RULE,
    short_term_critical::RULE,
    short_term_long_lived::RULE,
    short_term_not_null::RULE,
];

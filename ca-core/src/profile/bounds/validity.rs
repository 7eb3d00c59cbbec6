//! How long certificates and keys live.

use super::Check;
use crate::profile::{RevocationInformation, SubjectType};

const MAXIMUM: &str = "validity.maximum-days";
/// EN 319 411-1 clause 6.2.4: a revocation is published within 24 hours of its request.
const REVOCATION_HOURS: u32 = 24;

pub(super) fn check(check: &mut Check<'_>) {
    let kind = check.kind();
    let validity = &check.config.validity;
    check.broken_if(
        validity.default_days == 0 || validity.default_days > validity.maximum_days,
        "validity.default-days",
        "default-days is not between 1 and maximum-days",
        "RFC 5280 section 4.1.2.5",
    );
    check.broken_if(
        kind.is_end_entity() && validity.maximum_days > 1_826,
        MAXIMUM,
        "an end-entity certificate is valid for more than five years",
        "TS 119 312 clause 9",
    );
    check.broken_if(
        validity.maximum_days > 10_958,
        MAXIMUM,
        "a CA certificate is valid for more than thirty years",
        "no algorithm is trusted that long",
    );
    check.broken_if(
        validity
            .private_key_days
            .is_some_and(|days| days == 0 || days > validity.maximum_days),
        "validity.private-key-days",
        "private-key-days is not between 1 and maximum-days",
        "RFC 3280 section 4.2.1.4",
    );
    check.broken_if(
        kind == SubjectType::OcspSigner && validity.maximum_days > 92,
        MAXIMUM,
        "an OCSP signer that nobody checks is valid for more than three months",
        "RFC 6960 section 4.2.2.2.1",
    );
    let short_term = check.config.extensions.revocation == RevocationInformation::ShortTerm;
    check.broken_if(
        short_term && validity.maximum_days != 1,
        MAXIMUM,
        "a short-term certificate is valid for more than a day, in which a revocation would be published",
        "EN 319 412-1 clause 5.2",
    );
    check.broken_if(
        short_term
            && validity
                .hours
                .is_none_or(|hours| !(1..REVOCATION_HOURS).contains(&hours)),
        "validity.hours",
        "a short-term certificate lives 1 to 23 hours, less than a revocation takes at most",
        "EN 319 412-1 clause 5.2",
    );
    check.broken_if(
        !short_term && validity.hours.is_some(),
        "validity.hours",
        "only short-term certificates are counted in hours",
        "EN 319 412-1 clause 5.2",
    );
}

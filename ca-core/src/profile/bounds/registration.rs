//! What registration is asked for.

use super::Check;
use crate::profile::{DuplicateKey, Renewal};

pub(super) fn check(check: &mut Check<'_>) {
    let registration = &check.config.registration;
    check.broken_if(
        registration.approvals > 9,
        "registration.approvals",
        "more than nine approvals are asked for",
        "EN 319 411-1 clause 6.4.3",
    );
    check.broken_if(
        registration.renewal == Renewal::SameKey
            && registration.duplicate_key == DuplicateKey::Refuse,
        "registration.renewal",
        "renewal with the same key is allowed, and a key that was certified before is refused",
        "EN 319 411-1 clause 6.3.6",
    );
}

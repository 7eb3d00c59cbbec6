//! As in certificates: no fractions, no offsets.

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.time-encoding",
        severity: Severity::Error,
        clause: "RFC 6960 section 4.2.2.1",
        defect: "a time is no GeneralizedTime to the second in UTC",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let singles = r.responses.iter().flat_map(|s| {
        let revoked = match s.status {
            CertStatus::Revoked { at, .. } => Some(at),
            CertStatus::Good | CertStatus::Unknown => None,
        };
        [Some(s.this_update), s.next_update, revoked]
    });
    for time in singles.chain([r.produced_at]).flatten() {
        found.broken_if(time.tag != 0x18 || !time.is_der());
    }
}

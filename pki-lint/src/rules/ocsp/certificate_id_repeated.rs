//! Which of the two counts?

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.certificate-id-repeated",
        severity: Severity::Warning,
        clause: "RFC 6960 section 4.2.1",
        defect: "two answers are about the same certificate",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    for (i, single) in r.responses.iter().enumerate().take(64) {
        found.broken_if(
            r.responses[..i]
                .iter()
                .any(|earlier| earlier.id == single.id),
        );
    }
}

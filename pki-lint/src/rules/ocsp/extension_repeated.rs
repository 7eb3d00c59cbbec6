//! Which of the two counts?

use crate::rules::prelude::*;

pub(super) const RULE: OcspRule = Rule {
    info: RuleInfo {
        id: "ocsp.extension-repeated",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2",
        defect: "an extension occurs twice",
        since: None,
    },
    check,
};

fn check(r: &OcspResponse<'_>, found: &mut Found<'_>) {
    let all = core::iter::once(&r.extensions).chain(r.responses.iter().map(|s| &s.extensions));
    for extensions in all {
        for (i, e) in extensions.iter().enumerate() {
            if extensions[..i].iter().any(|earlier| earlier.oid == e.oid) {
                found.at(Label(e.oid));
            }
        }
    }
}

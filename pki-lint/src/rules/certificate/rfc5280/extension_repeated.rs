//! Which of the two counts?

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.extension-repeated",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2",
        defect: "an extension occurs twice",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for (i, e) in c.extensions.iter().enumerate() {
        if c.extensions[..i].iter().any(|earlier| earlier.oid == e.oid) {
            found.at(Label(e.oid));
        }
    }
}

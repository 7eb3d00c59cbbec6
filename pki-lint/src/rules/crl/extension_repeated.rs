//! Which of the two counts?

use crate::rules::prelude::*;

pub(super) const RULE: CrlRule = Rule {
    info: RuleInfo {
        id: "crl.extension-repeated",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2",
        defect: "an extension occurs twice",
        since: None,
    },
    check,
};

fn check(crl: &CrlHeader<'_>, found: &mut Found<'_>) {
    for (i, e) in crl.extensions.iter().enumerate() {
        if crl.extensions[..i]
            .iter()
            .any(|earlier| earlier.oid == e.oid)
        {
            found.at(Label(e.oid));
        }
    }
}

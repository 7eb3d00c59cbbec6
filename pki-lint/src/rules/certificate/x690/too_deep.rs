//! No certificate needs it; a parser that recurses may not survive it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.too-deep",
        severity: Severity::Error,
        clause: "X.690 clause 8.1",
        defect: "the certificate is nested too deeply to be looked at",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    c.defects_of(What::Budget).for_each(|d| found.at(d));
}

//! An underscore or asterisk in a PrintableString, a byte that is no UTF-8, half a character.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "x690.string-alphabet",
        severity: Severity::Error,
        clause: "X.680 clause 41",
        defect: "a string has characters that its type does not know",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    c.defects_of(What::Alphabet).for_each(|d| found.at(d));
}

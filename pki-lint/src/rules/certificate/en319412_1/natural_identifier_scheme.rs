//! PAS, IDC, PNO, TIN, or a national one with a colon.

use crate::rules::prelude::*;
use crate::syntax::identifier::Identifier;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.natural-identifier-scheme",
        severity: Severity::Error,
        clause: "EN 319 412-1 NAT-5.1.3-04",
        defect: "the serialNumber has a scheme that natural persons do not have",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    const SCHEMES: [&str; 5] = ["PAS", "IDC", "PNO", "TIN", "TAX"];
    for value in c.identified(oid::SEMANTICS_NATURAL, oid::AT_SERIAL_NUMBER) {
        let strange = |i: Identifier<'_>| !i.is_national() && !SCHEMES.contains(&i.scheme);
        found.broken_if(Identifier::parse(&value).is_some_and(strange));
    }
}

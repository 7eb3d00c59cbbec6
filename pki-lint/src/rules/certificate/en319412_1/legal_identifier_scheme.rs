//! NTR, VAT, PSD, LEI, or a national one with a colon.

use crate::rules::prelude::*;
use crate::syntax::identifier::Identifier;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.legal-identifier-scheme",
        severity: Severity::Error,
        clause: "EN 319 412-1 LEG-5.1.4-03",
        defect: "the organizationIdentifier has a scheme that legal persons do not have",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    const SCHEMES: [&str; 4] = ["NTR", "VAT", "PSD", "LEI"];
    for value in c.identified(oid::SEMANTICS_LEGAL, oid::AT_ORGANIZATION_IDENTIFIER) {
        let strange = |i: Identifier<'_>| !i.is_national() && !SCHEMES.contains(&i.scheme);
        found.broken_if(Identifier::parse(&value).is_some_and(strange));
    }
}

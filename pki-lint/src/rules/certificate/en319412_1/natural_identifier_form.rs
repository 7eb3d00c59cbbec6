//! `PNOMC-123`: three characters of scheme, two of country, a hyphen, the identifier.

use crate::rules::prelude::*;
use crate::syntax::identifier::Identifier;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.natural-identifier-form",
        severity: Severity::Error,
        clause: "EN 319 412-1 NAT-5.1.3-01",
        defect: "the serialNumber is not of the form that its semantics identifier promises",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for value in c.identified(oid::SEMANTICS_NATURAL, oid::AT_SERIAL_NUMBER) {
        found.broken_if(Identifier::parse(&value).is_none());
    }
}

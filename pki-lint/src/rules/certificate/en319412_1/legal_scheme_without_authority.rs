//! Two letters and a colon mean nothing without the authority that gives the numbers.

use crate::rules::prelude::*;
use crate::syntax::identifier::Identifier;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.legal-scheme-without-authority",
        severity: Severity::Error,
        clause: "EN 319 412-1 LEG-5.1.4-05",
        defect: "a national scheme without a URI in nameRegistrationAuthorities",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for value in c.identified(oid::SEMANTICS_LEGAL, oid::AT_ORGANIZATION_IDENTIFIER) {
        let national = Identifier::parse(&value).is_some_and(|i| i.is_national());
        found.broken_if(national && !c.has_registration_authority());
    }
}

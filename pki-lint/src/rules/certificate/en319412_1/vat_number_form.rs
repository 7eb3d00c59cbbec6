//! Each member state has a form for its numbers; another state's number, or one cut short, is noticed.

use crate::rules::prelude::*;
use crate::syntax::identifier::Identifier;
use crate::syntax::vat::has_form;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.vat-number-form",
        severity: Severity::Warning,
        clause: "EN 319 412-1 LEG-5.1.4-03, Directive 2006/112/EC article 215",
        defect: "the organizationIdentifier is a VAT number of a form that its country does not have",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for value in c.identified(oid::SEMANTICS_LEGAL, oid::AT_ORGANIZATION_IDENTIFIER) {
        let wrong = |i: Identifier<'_>| i.scheme == "VAT" && !has_form(i.country, i.number);
        found.broken_if(Identifier::parse(&value).is_some_and(wrong));
    }
}

//! PSD, a country, a hyphen, the authority in two to eight capitals, a hyphen, its number for the provider.

use crate::rules::prelude::*;
use crate::syntax::identifier::Identifier;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.psd-identifier-form",
        severity: Severity::Error,
        clause: "TS 119 495 clause 5.2.1",
        defect: "the organizationIdentifier is a payment service provider's without the competent authority",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for value in c.identified(oid::SEMANTICS_LEGAL, oid::AT_ORGANIZATION_IDENTIFIER) {
        let wrong = |i: Identifier<'_>| {
            i.scheme == "PSD"
                && !i.number.split_once('-').is_some_and(|(authority, number)| {
                    (2..=8).contains(&authority.len())
                        && authority.bytes().all(|b| b.is_ascii_uppercase())
                        && !number.is_empty()
                })
        };
        found.broken_if(Identifier::parse(&value).is_some_and(wrong));
    }
}

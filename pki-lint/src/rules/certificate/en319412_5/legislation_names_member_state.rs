//! There, certificates are qualified under EU law, and carry no such statement.

use crate::rules::prelude::*;
use crate::syntax::iso::is_eu_member;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.legislation-names-member-state",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.4",
        defect: "QcCClegislation names a member state of the European Union",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for country in c.legislations() {
        found.broken_if(is_eu_member(&country.to_ascii_uppercase()));
    }
}

//! Software looks for the identifier in pkixQCSyntax-v2.

use crate::rules::prelude::*;
use crate::view::Semantics;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.semantics-in-version-1",
        severity: Severity::Error,
        clause: "EN 319 412-1 clause 5.1.1",
        defect: "a semantics identifier stands in pkixQCSyntax-v1",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let first = c.statement(oid::QCS_PKIX_SYNTAX_V1);
    let semantics = first.and_then(Semantics::of);
    found.broken_if(semantics.is_some_and(|s| s.identifier.is_some()));
}

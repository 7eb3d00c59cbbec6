//! An identifier, an authority, or both; an empty list is neither.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.semantics-empty",
        severity: Severity::Error,
        clause: "RFC 3739 section 3.2.6.1",
        defect: "SemanticsInformation has neither an identifier nor an authority, or an empty list of authorities",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    if let Some(semantics) = &c.semantics {
        let empty = semantics.authorities.as_ref().is_some_and(Vec::is_empty);
        let nothing = semantics.identifier.is_none() && semantics.authorities.is_none();
        found.broken_if(empty || (nothing && semantics.is_written));
    }
}

//! Nobody can read the identifier with it.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.semantics-unknown",
        severity: Severity::Warning,
        clause: "EN 319 412-1 clause 5.1",
        defect: "the semantics identifier is none of the four",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    const KNOWN: [oid::ObjectIdentifier; 4] = [
        oid::SEMANTICS_NATURAL,
        oid::SEMANTICS_LEGAL,
        oid::SEMANTICS_EIDAS_NATURAL,
        oid::SEMANTICS_EIDAS_LEGAL,
    ];
    let id = c.semantics.as_ref().and_then(|s| s.identifier);
    let known = |id: &[u8]| KNOWN.iter().any(|k| k.as_bytes() == id);
    found.broken_if(c.kind.is_person() && id.is_some_and(|id| !known(id)));
}

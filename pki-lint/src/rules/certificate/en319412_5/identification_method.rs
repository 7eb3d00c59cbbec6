//! How the identity was verified: 0.4.0.1862.1.8.1 to .4.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.identification-method",
        severity: Severity::Error,
        clause: "EN 319 412-5 clause 4.2.5",
        defect: "QcIdentMethod is not exactly one of the four methods",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    let Some(s) = c.statement(oid::QCS_IDENT_METHOD) else {
        return;
    };
    let known = |t: &Tlv<'_>| {
        let last = t.value.strip_prefix(oid::QCS_IDENT_METHOD.as_bytes());
        t.tag == crate::der::OID && matches!(last, Some([1..=4]))
    };
    found.broken_if(
        !s.list()
            .is_some_and(|l| l.len() == 1 && l.iter().all(known)),
    );
}

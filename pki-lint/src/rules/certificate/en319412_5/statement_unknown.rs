//! QcCompliance to QcQSCDlegislation are 1 to 9.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-5.statement-unknown",
        severity: Severity::Warning,
        clause: "EN 319 412-5 clause 4",
        defect: "a statement of ETSI's arc that ETSI did not define",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    const ARC: &[u8] = &[4, 0, 0x8E, 0x46, 1];
    for s in c.qc.iter().flatten() {
        if let Some(rest) = s.oid.strip_prefix(ARC)
            && !matches!(rest, [1..=9] | [6, 1..=3])
        {
            found.at(Label(s.oid));
        }
    }
}

//! `ES/AT/02635542Y`: two countries and the identifier.

use crate::rules::prelude::*;
use crate::syntax::identifier::is_eidas;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "en319412-1.eidas-natural-identifier-form",
        severity: Severity::Error,
        clause: "EN 319 412-1 NAT-5.1.5-03",
        defect: "the serialNumber is no eIDAS person identifier",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for value in c.identified(oid::SEMANTICS_EIDAS_NATURAL, oid::AT_SERIAL_NUMBER) {
        found.broken_if(!is_eidas(&value));
    }
}

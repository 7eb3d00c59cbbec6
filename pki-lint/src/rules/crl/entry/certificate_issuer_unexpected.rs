//! All entries of such a list are its own issuer's.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.certificate-issuer-unexpected",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.3.3",
        defect: "an entry of a CRL that is not indirect names another issuer",
        since: None,
    },
    check,
};

fn check(scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if entry.certificate_issuer && !scope.indirect {
        found.at(format_args!("entry {}", entry.position));
    }
}

//! Version 1 has none.

use crate::rules::prelude::*;

pub(super) const RULE: CrlEntryRule = Rule {
    info: RuleInfo {
        id: "crl-entry.extensions-in-version-1",
        severity: Severity::Error,
        clause: "RFC 5280 section 5.1.2.6",
        defect: "an entry of a version 1 CRL has extensions",
        since: None,
    },
    check,
};

fn check(scope: &EntryScope, entry: &CrlEntry<'_>, found: &mut Found<'_>) {
    if scope.version < 2 && entry.extensions.is_some() {
        found.at(format_args!("entry {}", entry.position));
    }
}

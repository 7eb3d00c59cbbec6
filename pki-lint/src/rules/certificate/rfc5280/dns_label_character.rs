//! Letters, digits and hyphens; a NUL ends the name for half of the software.

use crate::rules::prelude::*;
use crate::syntax::dns::labels;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.dns-label-character",
        severity: Severity::Error,
        clause: "RFC 1034 section 3.5, RFC 5280 section 4.2.1.6",
        defect: "a label of a dNSName has a character that is no letter, digit or hyphen",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    // Spaces and underscores have rules of their own.
    let right = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b' ');
    found.broken_if(
        c.dns_names()
            .any(|name| labels(name).any(|l| !l.bytes().all(right))),
    );
}

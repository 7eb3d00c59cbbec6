//! `local-part@domain` and nothing around it.

use crate::rules::prelude::*;
use crate::syntax::mail::is_mailbox;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.alternative-name-mail",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.2.1.6",
        defect: "an rfc822Name of subjectAltName is no mailbox",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(
        c.alt_names(GeneralName::RFC822)
            .any(|n| !n.ascii().is_some_and(is_mailbox)),
    );
}

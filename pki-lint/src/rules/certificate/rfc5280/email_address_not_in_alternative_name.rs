//! New certificates carry addresses there; the attribute is for old software.

use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.email-address-not-in-alternative-name",
        severity: Severity::Error,
        clause: "RFC 5280 section 4.1.2.6",
        defect: "the subject has an emailAddress that is no rfc822Name of subjectAltName",
        since: Some("1999-01-25"),
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    for address in c.subject.all(oid::AT_EMAIL) {
        let names = c.subject_alt_names.iter().flatten();
        let mut mail = names.filter(|n| n.form == GeneralName::RFC822);
        found.broken_if(!mail.any(|n| n.value.eq_ignore_ascii_case(address.value)));
    }
}

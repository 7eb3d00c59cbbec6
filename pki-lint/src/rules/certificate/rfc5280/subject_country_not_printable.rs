//! X520countryName has that type alone.

use crate::der::PRINTABLE_STRING;
use crate::rules::prelude::*;

pub(super) const RULE: CertificateRule = Rule {
    info: RuleInfo {
        id: "rfc5280.subject-country-not-printable",
        severity: Severity::Error,
        clause: "RFC 5280 appendix A.1",
        defect: "the subject's countryName is no PrintableString",
        since: None,
    },
    check,
};

fn check(c: &Certificate<'_>, found: &mut Found<'_>) {
    found.broken_if(
        c.subject
            .all(oid::AT_COUNTRY)
            .any(|a| a.tag != PRINTABLE_STRING),
    );
}

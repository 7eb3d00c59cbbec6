//! Nothing outlives its CA or its profile.

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "validity-period",
    clause: "RFC 5280 section 6.1.3, EN 319 411-1 clause 6.3.3",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (start, end) = (
        subject.certificate.not_before(),
        subject.certificate.not_after(),
    );
    let maximum = subject.profile.config().validity.maximum_days;
    if end <= start {
        return Some("the certificate ends before it begins".to_owned());
    }
    if end.since(start) >= i64::from(maximum) * 86_400 {
        return Some(format!("valid for more than the profile's {maximum} days"));
    }
    let issuer = subject.issuer?;
    broken_if(
        start < issuer.not_before() || end > issuer.not_after(),
        "the validity is not within that of the CA's certificate",
    )
}

//! UTCTime through 2049, GeneralizedTime after; no certificate without an end.

use pki_asn1::UnixTime;

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "validity-encoding",
    clause: "RFC 5280 section 4.1.2.5",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let validity = subject.certificate.parsed().tbs_certificate().validity();
    [validity.not_before, validity.not_after]
        .into_iter()
        .find_map(|time| {
            let at = UnixTime::from(time);
            broken_if(
                at.to_x509() != time || at == UnixTime::MAX,
                "a validity date is in the wrong type or means no expiry",
            )
        })
}

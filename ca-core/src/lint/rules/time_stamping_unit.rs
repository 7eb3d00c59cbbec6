//! A time-stamping unit's only, critical extended key usage; its key stops before its certificate.

use crate::certificate::extensions::PrivateKeyUsagePeriod;
use crate::profile::SubjectType;
use der::Decode;
use pki_asn1::{UnixTime, oid};

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "time-stamping-unit",
    clause: "RFC 3161 section 2.3",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    if subject.profile.subject_type() != SubjectType::TimeStampingUnit {
        return None;
    }
    let c = subject.certificate;
    if !c
        .extension(&oid::CE_EXT_KEY_USAGE)
        .is_some_and(|e| e.critical)
        || c.extended_key_usages() != [oid::KP_TIME_STAMPING]
    {
        return Some("extKeyUsage is not timeStamping alone and critical".to_owned());
    }
    let period = c.extension(&oid::CE_PRIVATE_KEY_USAGE_PERIOD)?;
    let end = PrivateKeyUsagePeriod::from_der(period.extn_value.as_bytes())
        .ok()
        .and_then(|p| p.not_after)
        .map(UnixTime::from);
    broken_if(
        end.is_none_or(|end| end > c.not_after()),
        "privateKeyUsagePeriod ends after the certificate",
    )
}

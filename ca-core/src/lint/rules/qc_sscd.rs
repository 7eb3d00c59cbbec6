//! QcSSCD is claimed only where somebody vouched for the device.

use crate::profile::Claim;
use pki_asn1::oid;

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "qc-sscd",
    clause: "EN 319 412-5 clause 4.2.2",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let claimed = subject
        .certificate
        .qc_statements()
        .is_some_and(|s| s.contains(&oid::QCS_SSCD));
    let vouched = subject.qualification.secure_device && subject.qualification.claim != Claim::None;
    broken_if(
        claimed != vouched,
        "QcSSCD does not fit the evidence about the device",
    )
}

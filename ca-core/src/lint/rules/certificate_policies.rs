//! One own policy, at most one ETSI policy, and that one consistent with what is claimed.

use pki_asn1::oid;

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "certificate-policies",
    clause: "EN 319 412-2 clause 4.3.3, QCS-5.2-1, QCS-5.2-2",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let found = subject.certificate.policy_oids();
    let critical = subject
        .certificate
        .extension(&oid::CE_CERTIFICATE_POLICIES)
        .is_some_and(|e| e.critical);
    let arc = subject.settings.policy_arc();
    let Some(expected) = subject.profile.policies(&arc, subject.qualification) else {
        return Some("the profile's policy cannot be encoded".to_owned());
    };
    broken_if(
        critical || found != expected,
        "certificatePolicies does not hold the provider's policy and the one ETSI policy that fits",
    )
}

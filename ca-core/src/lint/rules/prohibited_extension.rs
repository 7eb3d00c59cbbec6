//! CA-only policy and name extensions never stand in an end-entity certificate.

use pki_asn1::oid;

use super::{Rule, Subject};

pub(super) const RULE: Rule = Rule {
    id: "prohibited-extension",
    clause: "EN 319 412-2 clauses 4.3.4, 4.3.8, 4.3.9, 4.3.12",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    if subject.profile.subject_type().is_ca() {
        return None;
    }
    [
        oid::CE_POLICY_MAPPINGS,
        oid::CE_NAME_CONSTRAINTS,
        oid::CE_POLICY_CONSTRAINTS,
        oid::CE_INHIBIT_ANY_POLICY,
    ]
    .iter()
    .find(|oid| subject.certificate.extension(oid).is_some())
    .map(|oid| {
        format!(
            "{} is for CA certificates",
            oid::label(oid).unwrap_or_default()
        )
    })
}

//! A legal person's subject: C, O, organizationIdentifier and CN, once each, and not the same.

use crate::profile::SubjectType;
use pki_asn1::name::attributes;
use pki_asn1::oid;

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "legal-person-subject",
    clause: "EN 319 412-3 LEG-4.2.1",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    if subject.profile.subject_type() != SubjectType::LegalPerson {
        return None;
    }
    let values = |t| {
        attributes(subject.certificate.subject())
            .filter(move |(found, _)| *found == t)
            .map(|(_, value)| value)
            .collect::<Vec<_>>()
    };
    let mandatory = [
        oid::AT_COUNTRY,
        oid::AT_ORGANIZATION,
        oid::AT_ORGANIZATION_IDENTIFIER,
        oid::AT_COMMON_NAME,
    ];
    if let Some(wrong) = mandatory.iter().find(|t| values(**t).len() != 1) {
        let label = oid::label(wrong).unwrap_or_default();
        return Some(format!(
            "{label} does not occur exactly once in the subject"
        ));
    }
    broken_if(
        values(oid::AT_ORGANIZATION) == values(oid::AT_ORGANIZATION_IDENTIFIER),
        "organizationName and organizationIdentifier are the same",
    )
}

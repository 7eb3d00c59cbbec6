//! Identifiers of persons and organisations say how they are to be read.

use crate::profile::SubjectType;
use der::Decode;
use pki_asn1::oid;
use pki_asn1::qc::SemanticsInformation;

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "semantics-identifier",
    clause: "EN 319 412-1 clause 5.1",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let expected = match subject.profile.subject_type() {
        t if t.is_natural() => oid::SEMANTICS_NATURAL,
        SubjectType::LegalPerson => oid::SEMANTICS_LEGAL,
        _ => return None,
    };
    let found = subject
        .certificate
        .qc_statements()
        .and_then(|s| s.get(&oid::QCS_PKIX_SYNTAX_V2)?.statement_info.clone())
        .and_then(|info| der::Encode::to_der(&info).ok())
        .and_then(|der| SemanticsInformation::from_der(&der).ok())
        .and_then(|s| s.semantics_identifier);
    broken_if(
        found != Some(expected),
        "the semantics identifier is missing or of another kind of person",
    )
}

//! Qualified statements are complete, once each, and made under the law that was decided.

use crate::profile::{Claim, QualifiedType};
use crate::settings::Legislation;
use pki_asn1::oid;
use pki_asn1::qc::QcStatements;

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "qc-statements",
    clause: "EN 319 412-5 clause 5, QCS-4.1-02A",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let extension = subject.certificate.extension(&oid::PE_QC_STATEMENTS);
    if extension.is_some_and(|e| e.critical) {
        return Some("qcStatements is critical".to_owned());
    }
    let found = match (extension, subject.certificate.qc_statements()) {
        (None, _) => QcStatements::default(),
        (Some(_), Some(found)) => found,
        (Some(_), None) => return Some("qcStatements does not decode".to_owned()),
    };
    let duplicate = found.0.iter().enumerate().any(|(i, s)| {
        found.0[..i]
            .iter()
            .any(|t| t.statement_id == s.statement_id)
    });
    if duplicate {
        return Some("a qualified statement is made twice".to_owned());
    }
    let (types, country) = match &subject.qualification.claim {
        Claim::None => (vec![], vec![]),
        Claim::Qualified(use_, law) => (
            vec![match use_ {
                QualifiedType::Esign => oid::QCT_ESIGN,
                QualifiedType::Eseal => oid::QCT_ESEAL,
            }],
            match law {
                Legislation::Country(c) => vec![c.to_string()],
                Legislation::None | Legislation::Eu => vec![],
            },
        ),
    };
    let qualified = !types.is_empty();
    broken_if(
        found.contains(&oid::QCS_COMPLIANCE) != qualified
            || found.contains(&oid::QCS_PDS) != qualified
            || found.types() != types
            || found.legislations() != country,
        "QcCompliance, QcType, QcPDS or QcCClegislation does not fit what was decided",
    )
}

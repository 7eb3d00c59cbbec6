//! All rules, in the order of the fields they look at.

use super::{Rule, Subject};

mod authority_key_identifier;
mod basic_constraints;
mod certificate_policies;
mod duplicate_extension;
mod extended_key_usage;
mod issuer_name;
mod key_strength;
mod key_usage;
mod legal_person_subject;
mod natural_person_subject;
mod ocsp_signer;
mod prohibited_extension;
mod qc_sscd;
mod qc_statements;
mod revocation_information;
mod self_issued;
mod semantics_identifier;
mod serial_number;
mod signature_algorithm;
mod subject_key_identifier;
mod time_stamping_unit;
mod validity_encoding;
mod validity_period;

pub(super) const ALL: &[Rule] = &[
    serial_number::RULE,
    signature_algorithm::RULE,
    issuer_name::RULE,
    self_issued::RULE,
    validity_encoding::RULE,
    validity_period::RULE,
    natural_person_subject::RULE,
    legal_person_subject::RULE,
    key_strength::RULE,
    duplicate_extension::RULE,
    prohibited_extension::RULE,
    authority_key_identifier::RULE,
    subject_key_identifier::RULE,
    basic_constraints::RULE,
    key_usage::RULE,
    extended_key_usage::RULE,
    certificate_policies::RULE,
    revocation_information::RULE,
    ocsp_signer::RULE,
    time_stamping_unit::RULE,
    qc_statements::RULE,
    qc_sscd::RULE,
    semantics_identifier::RULE,
];

/// `Some(message)` where `broken`.
fn broken_if(broken: bool, message: &str) -> Option<String> {
    broken.then(|| message.to_owned())
}

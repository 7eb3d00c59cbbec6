//! RFC 5280 with its updates: the internet profile of certificates.

use crate::rule::CertificateRule;

mod authority_key_identifier_mismatch;
mod issuer_name_mismatch;
mod self_issued_end_entity;
mod validity_beyond_issuer;

pub(super) const ALL: &[CertificateRule] = &[
    authority_key_identifier_mismatch::RULE,
    issuer_name_mismatch::RULE,
    self_issued_end_entity::RULE,
    validity_beyond_issuer::RULE,
];

//! What the profile promised: the certificate against its `Expectation`.

use crate::rule::CertificateRule;

mod basic_constraints;
mod extended_key_usage;
mod key;
mod key_usage;
mod no_check;
mod policies;
mod qualified;
mod secure_device;
mod semantics;
mod status_source;
mod subject_key_identifier;
mod validity;

pub(super) const ALL: &[CertificateRule] = &[
    basic_constraints::RULE,
    extended_key_usage::RULE,
    key::RULE,
    key_usage::RULE,
    no_check::RULE,
    policies::RULE,
    qualified::RULE,
    secure_device::RULE,
    semantics::RULE,
    status_source::RULE,
    subject_key_identifier::RULE,
    validity::RULE,
];

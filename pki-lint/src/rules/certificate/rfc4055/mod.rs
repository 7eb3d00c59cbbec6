//! RFC 3279, 4055, 5480, 5758, 8410: algorithm identifiers and their parameters.

use crate::rule::CertificateRule;

mod ec_curve_not_named;
mod ec_end_entity_key_usage;
mod ec_key_enciphers;
mod eddsa_key_parameters_present;
mod key_length_wrong;
mod rsa_ca_enciphers;
mod rsa_key_parameters_not_null;
mod rsa_key_unreadable;
mod rsa_key_usage_of_ca;
mod rsa_key_usage_of_end_entity;
mod rsa_signature_parameters_not_null;
mod signature_parameters_present;
mod signature_value_shape;

pub(super) const ALL: &[CertificateRule] = &[
    ec_curve_not_named::RULE,
    ec_end_entity_key_usage::RULE,
    ec_key_enciphers::RULE,
    eddsa_key_parameters_present::RULE,
    key_length_wrong::RULE,
    rsa_ca_enciphers::RULE,
    rsa_key_parameters_not_null::RULE,
    rsa_key_unreadable::RULE,
    rsa_key_usage_of_ca::RULE,
    rsa_key_usage_of_end_entity::RULE,
    rsa_signature_parameters_not_null::RULE,
    signature_parameters_present::RULE,
    signature_value_shape::RULE,
];

//! TS 119 312: algorithms and keys, with the days on which they end.

use crate::rule::CertificateRule;

mod curve_unknown;
mod key_algorithm_unknown;
mod rsa_exponent;
mod rsa_modulus_ended;
mod rsa_modulus_ends_too_early;
mod rsa_modulus_even;
mod rsa_modulus_large;
mod rsa_modulus_small;
mod signature_algorithm_not_verifiable;
mod signature_algorithm_unknown;
mod signature_algorithm_weak;

pub(super) const ALL: &[CertificateRule] = &[
    curve_unknown::RULE,
    key_algorithm_unknown::RULE,
    rsa_exponent::RULE,
    rsa_modulus_ended::RULE,
    rsa_modulus_ends_too_early::RULE,
    rsa_modulus_even::RULE,
    rsa_modulus_large::RULE,
    rsa_modulus_small::RULE,
    signature_algorithm_not_verifiable::RULE,
    signature_algorithm_unknown::RULE,
    signature_algorithm_weak::RULE,
];

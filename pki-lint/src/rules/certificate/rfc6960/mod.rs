//! RFC 6960: certificates of OCSP responders.

use crate::rule::CertificateRule;

mod no_check_critical;
mod no_check_not_null;
mod no_check_outside_ocsp_signer;
mod ocsp_signer_cannot_sign;
mod ocsp_signer_long_lived;
mod ocsp_signer_points_to_ocsp;
mod ocsp_signing_missing;

pub(super) const ALL: &[CertificateRule] = &[
    no_check_critical::RULE,
    no_check_not_null::RULE,
    no_check_outside_ocsp_signer::RULE,
    ocsp_signer_cannot_sign::RULE,
    ocsp_signer_long_lived::RULE,
    ocsp_signer_points_to_ocsp::RULE,
    ocsp_signing_missing::RULE,
];

//! Rules on OCSP responses.

use crate::rule::OcspRule;

mod algorithm_parameters;
mod archive_cutoff_later_than_ca;
mod archive_cutoff_misplaced;
mod archive_cutoff_not_generalized_time;
mod certificate_id_hash_unknown;
mod certificate_id_of_another_issuer;
mod certificate_id_repeated;
mod default_encoded;
mod error_with_response;
mod extended_revoke_missing;
mod extended_revoke_not_null;
mod extension_critical;
mod extension_repeated;
mod next_update_missing;
mod next_update_not_later;
mod no_single_response;
mod nonce_length;
mod nonce_mismatch;
mod nonce_repeated;
mod not_der;
mod part_unreadable;
mod reason_unknown;
mod reason_unspecified;
mod responder_id_mismatch;
mod responder_key_hash_not_sha1;
mod response_type_not_basic;
mod revoked_in_the_future;
mod serial_not_positive;
mod signature_algorithm_weak;
mod signer_not_valid_yet_or_any_more;
mod signer_of_another_issuer;
mod signer_without_purpose;
mod status_unknown;
mod successful_without_response;
mod this_update_after_produced_at;
mod time_encoding;

const ALL: &[OcspRule] = &[
    algorithm_parameters::RULE,
    archive_cutoff_later_than_ca::RULE,
    archive_cutoff_misplaced::RULE,
    archive_cutoff_not_generalized_time::RULE,
    certificate_id_hash_unknown::RULE,
    certificate_id_of_another_issuer::RULE,
    certificate_id_repeated::RULE,
    default_encoded::RULE,
    error_with_response::RULE,
    extended_revoke_missing::RULE,
    extended_revoke_not_null::RULE,
    extension_critical::RULE,
    extension_repeated::RULE,
    next_update_missing::RULE,
    next_update_not_later::RULE,
    no_single_response::RULE,
    nonce_length::RULE,
    nonce_mismatch::RULE,
    nonce_repeated::RULE,
    not_der::RULE,
    part_unreadable::RULE,
    reason_unknown::RULE,
    reason_unspecified::RULE,
    responder_id_mismatch::RULE,
    responder_key_hash_not_sha1::RULE,
    response_type_not_basic::RULE,
    revoked_in_the_future::RULE,
    serial_not_positive::RULE,
    signature_algorithm_weak::RULE,
    signer_not_valid_yet_or_any_more::RULE,
    signer_of_another_issuer::RULE,
    signer_without_purpose::RULE,
    status_unknown::RULE,
    successful_without_response::RULE,
    this_update_after_produced_at::RULE,
    time_encoding::RULE,
];

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static OcspRule> {
    ALL.iter()
}

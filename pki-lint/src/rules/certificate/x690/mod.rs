//! DER itself (X.690): what any of these structures may get wrong.

use crate::rule::CertificateRule;

mod bit_string_padding;
mod boolean_not_der;
mod default_encoded;
mod form_wrong;
mod framing_broken;
mod integer_not_minimal;
mod length_not_minimal;
mod null_not_empty;
mod object_identifier_broken;
mod part_unreadable;
mod set_not_sorted;
mod string_alphabet;
mod too_deep;

pub(super) const ALL: &[CertificateRule] = &[
    bit_string_padding::RULE,
    boolean_not_der::RULE,
    default_encoded::RULE,
    form_wrong::RULE,
    framing_broken::RULE,
    integer_not_minimal::RULE,
    length_not_minimal::RULE,
    null_not_empty::RULE,
    object_identifier_broken::RULE,
    part_unreadable::RULE,
    set_not_sorted::RULE,
    string_alphabet::RULE,
    too_deep::RULE,
];

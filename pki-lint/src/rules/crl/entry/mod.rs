//! Rules on the entries of a certificate revocation list. They run a million times: no allocation.

use crate::rule::CrlEntryRule;

mod certificate_issuer_unexpected;
mod date_encoding;
mod date_in_the_future;
mod extension_critical_unknown;
mod extension_repeated;
mod extensions_empty;
mod extensions_in_version_1;
mod hold_instruction;
mod invalidity_date_critical;
mod invalidity_date_encoding;
mod invalidity_date_in_the_future;
mod not_der;
mod reason_critical;
mod reason_unknown;
mod reason_unspecified;
mod remove_from_crl_outside_delta;
mod serial_not_positive;
mod serial_repeated;
mod unreadable;

pub(super) const ALL: &[CrlEntryRule] = &[
    certificate_issuer_unexpected::RULE,
    date_encoding::RULE,
    date_in_the_future::RULE,
    extension_critical_unknown::RULE,
    extension_repeated::RULE,
    extensions_empty::RULE,
    extensions_in_version_1::RULE,
    hold_instruction::RULE,
    invalidity_date_critical::RULE,
    invalidity_date_encoding::RULE,
    invalidity_date_in_the_future::RULE,
    not_der::RULE,
    reason_critical::RULE,
    reason_unknown::RULE,
    reason_unspecified::RULE,
    remove_from_crl_outside_delta::RULE,
    serial_not_positive::RULE,
    serial_repeated::RULE,
    unreadable::RULE,
];

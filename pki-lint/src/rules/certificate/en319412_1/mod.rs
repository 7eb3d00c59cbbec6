//! EN 319 412-1: identifiers of persons and their semantics.

use crate::rule::CertificateRule;

mod eidas_legal_identifier_form;
mod eidas_natural_identifier_form;
mod legal_identifier_country;
mod legal_identifier_form;
mod legal_identifier_missing;
mod legal_identifier_scheme;
mod legal_scheme_without_authority;
mod lei_check_digits;
mod natural_identifier_country;
mod natural_identifier_form;
mod natural_identifier_missing;
mod natural_identifier_scheme;
mod natural_identifier_scheme_deprecated;
mod natural_scheme_without_authority;
mod psd_identifier_form;
mod semantics_empty;
mod semantics_in_version_1;
mod semantics_of_another_kind;
mod semantics_unknown;
mod vat_number_form;

pub(super) const ALL: &[CertificateRule] = &[
    eidas_legal_identifier_form::RULE,
    eidas_natural_identifier_form::RULE,
    legal_identifier_country::RULE,
    legal_identifier_form::RULE,
    legal_identifier_missing::RULE,
    legal_identifier_scheme::RULE,
    legal_scheme_without_authority::RULE,
    lei_check_digits::RULE,
    natural_identifier_country::RULE,
    natural_identifier_form::RULE,
    natural_identifier_missing::RULE,
    natural_identifier_scheme::RULE,
    natural_identifier_scheme_deprecated::RULE,
    natural_scheme_without_authority::RULE,
    psd_identifier_form::RULE,
    semantics_empty::RULE,
    semantics_in_version_1::RULE,
    semantics_of_another_kind::RULE,
    semantics_unknown::RULE,
    vat_number_form::RULE,
];

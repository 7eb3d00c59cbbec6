//! RFC 5280 with its updates: the internet profile of certificates.

use crate::rule::CertificateRule;

mod agreement_bits_without_agreement;
mod alternative_name_critical;
mod alternative_name_dns_ascii;
mod alternative_name_dns_space;
mod alternative_name_ip_length;
mod alternative_name_mail;
mod alternative_name_not_critical;
mod alternative_name_uri_ascii;
mod alternative_name_uri_host;
mod alternative_name_uri_relative;
mod any_policy_qualifier;
mod attribute_empty;
mod attribute_string_type;
mod authority_info_access_critical;
mod authority_key_identifier_critical;
mod authority_key_identifier_half;
mod authority_key_identifier_mismatch;
mod authority_key_identifier_missing;
mod authority_key_identifier_without_key;
mod basic_constraints_missing_in_ca;
mod basic_constraints_not_critical;
mod ca_issuers_without_http;
mod ca_subject_empty;
mod cert_sign_without_ca;
mod common_name_too_long;
mod cps_not_http;
mod critical_extension_unknown;
mod crl_distribution_points_critical;
mod directory_attributes_critical;
mod distribution_point_incomplete;
mod distribution_point_issuer;
mod distribution_point_reasons;
mod distribution_point_without_http;
mod dns_label_character;
mod dns_label_hyphen;
mod dns_label_not_normal;
mod dns_label_not_punycode;
mod dns_label_too_long;
mod dns_label_underscore;
mod dns_name_empty_label;
mod dns_name_too_long;
mod email_address_not_in_alternative_name;
mod email_address_too_long;
mod empty_rdn;
mod explicit_text_control_character;
mod explicit_text_ia5;
mod explicit_text_not_normal;
mod explicit_text_not_utf8;
mod explicit_text_too_long;
mod extended_key_usage_any;
mod extended_key_usage_any_critical;
mod extended_key_usage_inconsistent;
mod extended_key_usage_repeated;
mod extension_repeated;
mod extension_value_empty;
mod extensions_empty;
mod freshest_crl_critical;
mod general_name_empty;
mod given_name_long;
mod given_name_too_long;
mod inhibit_any_policy_not_critical;
mod issuer_alternative_name_critical;
mod issuer_alternative_name_dns_ascii;
mod issuer_alternative_name_dns_space;
mod issuer_alternative_name_mail;
mod issuer_alternative_name_uri_ascii;
mod issuer_alternative_name_uri_host;
mod issuer_alternative_name_uri_relative;
mod issuer_country_not_printable;
mod issuer_empty;
mod issuer_general_name_empty;
mod issuer_name_mismatch;
mod key_usage_missing_in_ca;
mod key_usage_not_critical;
mod key_usage_of_ca_without_cert_sign;
mod key_usage_too_long;
mod key_usage_trailing_zeros;
mod key_usage_unused_bits;
mod key_usage_without_bits;
mod locality_too_long;
mod name_constraints_edi_party;
mod name_constraints_empty;
mod name_constraints_maximum;
mod name_constraints_minimum;
mod name_constraints_not_critical;
mod name_constraints_not_in_ca;
mod name_constraints_registered_id;
mod name_constraints_unreadable;
mod name_constraints_uri_host;
mod name_constraints_x400;
mod notice_reference;
mod ocsp_location_not_uri;
mod organization_name_too_long;
mod organizational_unit_too_long;
mod path_length_negative;
mod path_length_without_ca;
mod policies_repeated;
mod policy_constraints_empty;
mod policy_constraints_not_critical;
mod policy_mapping_any_policy;
mod policy_mapping_not_critical;
mod policy_mapping_of_absent_policy;
mod policy_qualifier_unknown;
mod policy_qualifier_unreadable;
mod policy_qualifiers_empty;
mod postal_code_too_long;
mod private_key_usage_beyond_validity;
mod pseudonym_too_long;
mod self_issued;
mod serial_number_attribute_too_long;
mod serial_number_not_positive;
mod serial_number_too_long;
mod signature_algorithm_mismatch;
mod state_too_long;
mod street_too_long;
mod subject_character_invisible;
mod subject_character_prohibited;
mod subject_control_character;
mod subject_country_not_printable;
mod subject_empty_without_alternative;
mod subject_info_access_critical;
mod subject_key_identifier_critical;
mod subject_key_identifier_empty;
mod subject_key_identifier_missing;
mod subject_key_identifier_missing_in_ca;
mod subject_not_normal;
mod subject_serial_number_not_printable;
mod subject_white_space;
mod subject_word_of_mixed_scripts;
mod surname_long;
mod surname_too_long;
mod time_fraction;
mod time_not_utc;
mod time_type;
mod time_without_seconds;
mod title_too_long;
mod unique_identifier_in_version_1;
mod unique_identifier_present;
mod validity_beyond_issuer;
mod validity_endless;
mod validity_reversed;
mod version_not_3;
mod version_unknown;

pub(super) const ALL: &[CertificateRule] = &[
    agreement_bits_without_agreement::RULE,
    alternative_name_critical::RULE,
    alternative_name_dns_ascii::RULE,
    alternative_name_dns_space::RULE,
    alternative_name_ip_length::RULE,
    alternative_name_mail::RULE,
    alternative_name_not_critical::RULE,
    alternative_name_uri_ascii::RULE,
    alternative_name_uri_host::RULE,
    alternative_name_uri_relative::RULE,
    any_policy_qualifier::RULE,
    attribute_empty::RULE,
    attribute_string_type::RULE,
    authority_info_access_critical::RULE,
    authority_key_identifier_critical::RULE,
    authority_key_identifier_half::RULE,
    authority_key_identifier_mismatch::RULE,
    authority_key_identifier_missing::RULE,
    authority_key_identifier_without_key::RULE,
    basic_constraints_missing_in_ca::RULE,
    basic_constraints_not_critical::RULE,
    ca_issuers_without_http::RULE,
    ca_subject_empty::RULE,
    cert_sign_without_ca::RULE,
    common_name_too_long::RULE,
    cps_not_http::RULE,
    critical_extension_unknown::RULE,
    crl_distribution_points_critical::RULE,
    directory_attributes_critical::RULE,
    distribution_point_incomplete::RULE,
    distribution_point_issuer::RULE,
    distribution_point_reasons::RULE,
    distribution_point_without_http::RULE,
    dns_label_character::RULE,
    dns_label_hyphen::RULE,
    dns_label_not_normal::RULE,
    dns_label_not_punycode::RULE,
    dns_label_too_long::RULE,
    dns_label_underscore::RULE,
    dns_name_empty_label::RULE,
    dns_name_too_long::RULE,
    email_address_not_in_alternative_name::RULE,
    email_address_too_long::RULE,
    empty_rdn::RULE,
    explicit_text_control_character::RULE,
    explicit_text_ia5::RULE,
    explicit_text_not_normal::RULE,
    explicit_text_not_utf8::RULE,
    explicit_text_too_long::RULE,
    extended_key_usage_any::RULE,
    extended_key_usage_any_critical::RULE,
    extended_key_usage_inconsistent::RULE,
    extended_key_usage_repeated::RULE,
    extension_repeated::RULE,
    extension_value_empty::RULE,
    extensions_empty::RULE,
    freshest_crl_critical::RULE,
    general_name_empty::RULE,
    given_name_long::RULE,
    given_name_too_long::RULE,
    inhibit_any_policy_not_critical::RULE,
    issuer_alternative_name_critical::RULE,
    issuer_alternative_name_dns_ascii::RULE,
    issuer_alternative_name_dns_space::RULE,
    issuer_alternative_name_mail::RULE,
    issuer_alternative_name_uri_ascii::RULE,
    issuer_alternative_name_uri_host::RULE,
    issuer_alternative_name_uri_relative::RULE,
    issuer_country_not_printable::RULE,
    issuer_empty::RULE,
    issuer_general_name_empty::RULE,
    issuer_name_mismatch::RULE,
    key_usage_missing_in_ca::RULE,
    key_usage_not_critical::RULE,
    key_usage_of_ca_without_cert_sign::RULE,
    key_usage_too_long::RULE,
    key_usage_trailing_zeros::RULE,
    key_usage_unused_bits::RULE,
    key_usage_without_bits::RULE,
    locality_too_long::RULE,
    name_constraints_edi_party::RULE,
    name_constraints_empty::RULE,
    name_constraints_maximum::RULE,
    name_constraints_minimum::RULE,
    name_constraints_not_critical::RULE,
    name_constraints_not_in_ca::RULE,
    name_constraints_registered_id::RULE,
    name_constraints_unreadable::RULE,
    name_constraints_uri_host::RULE,
    name_constraints_x400::RULE,
    notice_reference::RULE,
    ocsp_location_not_uri::RULE,
    organization_name_too_long::RULE,
    organizational_unit_too_long::RULE,
    path_length_negative::RULE,
    path_length_without_ca::RULE,
    policies_repeated::RULE,
    policy_constraints_empty::RULE,
    policy_constraints_not_critical::RULE,
    policy_mapping_any_policy::RULE,
    policy_mapping_not_critical::RULE,
    policy_mapping_of_absent_policy::RULE,
    policy_qualifier_unknown::RULE,
    policy_qualifier_unreadable::RULE,
    policy_qualifiers_empty::RULE,
    postal_code_too_long::RULE,
    private_key_usage_beyond_validity::RULE,
    pseudonym_too_long::RULE,
    self_issued::RULE,
    serial_number_attribute_too_long::RULE,
    serial_number_not_positive::RULE,
    serial_number_too_long::RULE,
    signature_algorithm_mismatch::RULE,
    state_too_long::RULE,
    street_too_long::RULE,
    subject_character_invisible::RULE,
    subject_character_prohibited::RULE,
    subject_control_character::RULE,
    subject_country_not_printable::RULE,
    subject_empty_without_alternative::RULE,
    subject_info_access_critical::RULE,
    subject_key_identifier_critical::RULE,
    subject_key_identifier_empty::RULE,
    subject_key_identifier_missing::RULE,
    subject_key_identifier_missing_in_ca::RULE,
    subject_not_normal::RULE,
    subject_serial_number_not_printable::RULE,
    subject_white_space::RULE,
    subject_word_of_mixed_scripts::RULE,
    surname_long::RULE,
    surname_too_long::RULE,
    time_fraction::RULE,
    time_not_utc::RULE,
    time_type::RULE,
    time_without_seconds::RULE,
    title_too_long::RULE,
    unique_identifier_in_version_1::RULE,
    unique_identifier_present::RULE,
    validity_beyond_issuer::RULE,
    validity_endless::RULE,
    validity_reversed::RULE,
    version_not_3::RULE,
    version_unknown::RULE,
];

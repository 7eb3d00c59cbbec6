//! The profile's `[subject]` table: which attributes, and what they may say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Subject attributes by label. What is in neither list is forbidden.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SubjectConfig {
    /// Must be there.
    pub mandatory: Vec<String>,
    /// May be there.
    #[serde(default)]
    pub optional: Vec<String>,
    /// Must not be there, said aloud: a reader need not conclude it.
    #[serde(default)]
    pub forbidden: Vec<String>,
    /// URIs of the authorities behind national identifier schemes (`XX:`), EN 319 412-1 clause 5.1.
    #[serde(default)]
    pub name_registration_authorities: Vec<String>,
    /// What an attribute may say, by its label.
    #[serde(default)]
    pub constraints: BTreeMap<String, AttributeConstraint>,
}

/// What one attribute may say.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct AttributeConstraint {
    /// This and nothing else.
    pub value: Option<String>,
    /// At most so many characters.
    pub maximum_length: Option<u32>,
    /// The schemes an identifier may be of: `NTR`, `VAT`, `LEI`, `PSD`, `PAS`, `IDC`, `PNO`, `TIN`,
    /// or a national one such as `RC:`. Any where empty.
    pub schemes: Vec<String>,
    /// The countries an identifier may be from. Any where empty.
    pub countries: Vec<String>,
}

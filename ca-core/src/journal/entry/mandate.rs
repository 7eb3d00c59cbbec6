//! What an act rests on, in the journal: the order and the decisions on it, byte for byte as they were
//! digested and signed.

use serde::{Deserialize, Serialize};

use super::DecisionEntry;
use crate::store::Mandate;

/// The mandate for an act: one of the three.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct MandateEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) decisions: Vec<DecisionEntry>,
    /// A revocation code, used up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// The script of a key ceremony: SHA-256, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ceremony: Option<String>,
}

impl From<&Mandate> for MandateEntry {
    fn from(mandate: &Mandate) -> Self {
        match mandate {
            Mandate::Decided { order, decisions } => Self {
                document: Some(order.text().to_owned()),
                decisions: decisions.iter().map(Into::into).collect(),
                ..Self::default()
            },
            Mandate::Code(code) => Self {
                code: Some(code.reveal().to_string()),
                ..Self::default()
            },
            Mandate::Ceremony(script) => Self {
                ceremony: Some(script.clone()),
                ..Self::default()
            },
        }
    }
}

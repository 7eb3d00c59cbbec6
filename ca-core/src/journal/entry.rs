//! Reading a record back, for the comparison of the journal with the tables.

use serde::Deserialize;

/// A record's content, as [`super::encode`] writes it. What the comparison does not need is left
/// out.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub(crate) struct Entry {
    pub(crate) at: String,
    #[serde(flatten)]
    pub(crate) body: EntryBody,
}

/// What was done.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub(crate) enum EntryBody {
    Created {},
    Intent {
        authority: String,
        serial: String,
        tbs_sha256: String,
        profile: String,
        subject: String,
        not_after: String,
        new_authority: Option<String>,
        key: Option<String>,
    },
    Result {
        authority: String,
        serial: String,
        certificate_sha256: String,
    },
    Abandoned {
        authority: String,
        serial: String,
    },
    Revocation {
        authority: String,
        serial: String,
        reason: String,
        invalidity_date: Option<String>,
        requested_at: String,
    },
    CrlIntent {
        authority: String,
    },
    CrlResult {
        authority: String,
        number: u64,
        crl_sha256: String,
    },
}

impl Entry {
    /// Reads a record.
    pub(crate) fn decode(record: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(record)
    }
}

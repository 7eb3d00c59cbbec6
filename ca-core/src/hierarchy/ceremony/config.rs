//! The ceremony script's format: kebab-case TOML, no unknown keys. What was written; nothing in it is
//! believed before [`super::Script`] has checked it.

use serde::{Deserialize, Serialize};

/// A ceremony as written.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScriptConfig {
    /// `sceau.ceremony/1`.
    pub format: String,
    /// What the ceremony is, in one line.
    pub title: String,
    /// The same in French; the minutes in French use it.
    pub title_fr: Option<String>,
    /// The day it is planned for: `2026-12-01`.
    pub date: String,
    /// Where it takes place.
    pub place: String,
    /// The people.
    #[serde(default)]
    pub participant: Vec<ParticipantConfig>,
    /// Who confirms what.
    #[serde(default)]
    pub quorum: Vec<QuorumConfig>,
    /// The tokens that hold keys.
    #[serde(default)]
    pub token: Vec<TokenConfig>,
    /// The keys to generate.
    #[serde(default)]
    pub key: Vec<KeyConfig>,
    /// The CA certificates to issue, in order.
    #[serde(default)]
    pub certificate: Vec<CertificateConfig>,
    /// The CRLs to issue, after the certificates.
    #[serde(default)]
    pub crl: Vec<CrlConfig>,
}

/// One person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ParticipantConfig {
    /// A short name for the script: small letters, digits, hyphens.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// What the person does here.
    pub role: Role,
    /// Whom the person is from.
    pub organisation: Option<String>,
    /// SHA-256 of the person's certificate (DER, hexadecimal), where confirmations are signed.
    pub certificate_sha256: Option<String>,
}

/// The roles of a key ceremony (EN 319 411-1 clauses 6.4.3 and 6.5.1).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Leads, and answers for the script being followed.
    MasterOfCeremony,
    /// Operates the machine.
    Operator,
    /// Holds a share of what activates a key.
    KeyCustodian,
    /// Watches, and is independent of the provider's management.
    Witness,
    /// Watches for the conformity assessment body.
    Auditor,
    /// Watches and certifies.
    Notary,
}

/// Who must confirm before a phase begins.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct QuorumConfig {
    /// Before what.
    pub before: Phase,
    /// All of these confirm.
    #[serde(default)]
    pub required: Vec<String>,
    /// `at-least` of these confirm besides.
    #[serde(default)]
    pub of: Vec<String>,
    /// How many of `of`.
    #[serde(default)]
    pub at_least: usize,
}

/// The phases, in order.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Everybody is there and has read the script.
    Opening,
    /// Keys are generated.
    Keys,
    /// Certificates are signed.
    Certificates,
    /// CRLs are signed.
    Crls,
    /// What was made is what the script says.
    Closing,
}

/// One token.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TokenConfig {
    /// Its name in the script.
    pub name: String,
    /// Its PKCS#11 URI (RFC 7512), without an object.
    pub uri: String,
}

/// One key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KeyConfig {
    /// Its name in the script.
    pub name: String,
    /// `p256`, `p384`, `rsa3072`, `rsa4096`, `rsa3072-pss`, `rsa4096-pss`, `ed25519`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The token it is generated in, by its name in the script.
    pub token: Option<String>,
    /// Its label in the token.
    pub object: Option<String>,
    /// The key file instead of a token, relative to the installation's folder.
    pub file: Option<String>,
    /// What the token must say of it afterwards.
    #[serde(default)]
    pub attributes: AttributesConfig,
}

/// Attributes wanted; what is not written is not asked for.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AttributesConfig {
    /// CKA_SENSITIVE.
    pub sensitive: Option<bool>,
    /// CKA_ALWAYS_SENSITIVE.
    pub always_sensitive: Option<bool>,
    /// CKA_EXTRACTABLE.
    pub extractable: Option<bool>,
    /// CKA_NEVER_EXTRACTABLE.
    pub never_extractable: Option<bool>,
    /// CKA_LOCAL.
    pub local: Option<bool>,
    /// CKA_PRIVATE.
    pub private: Option<bool>,
    /// CKA_SIGN.
    pub sign: Option<bool>,
    /// CKA_DECRYPT.
    pub decrypt: Option<bool>,
}

/// One CA certificate.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CertificateConfig {
    /// The new authority's name in commands and URLs.
    pub authority: String,
    /// The profile.
    pub profile: String,
    /// The authority that issues it; absent for a root.
    pub issuer: Option<String>,
    /// The key, by its name in the script.
    pub key: String,
    /// The distinguished name, most general attribute first.
    pub subject: String,
    /// How many days it is valid; the profile's default where absent.
    pub days: Option<u32>,
    /// The file it is written to (PEM), in the folder of the minutes.
    pub out: String,
}

/// One CRL.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CrlConfig {
    /// The authority that signs it.
    pub authority: String,
    /// How many days until the next one at the latest.
    pub days: u32,
    /// The file it is written to (DER), in the folder of the minutes.
    pub out: String,
}

impl Phase {
    /// All, in order.
    pub const ALL: [Self; 5] = [
        Self::Opening,
        Self::Keys,
        Self::Certificates,
        Self::Crls,
        Self::Closing,
    ];

    /// Its name in scripts, tokens and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Keys => "keys",
            Self::Certificates => "certificates",
            Self::Crls => "crls",
            Self::Closing => "closing",
        }
    }
}

impl Role {
    /// Its name in scripts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MasterOfCeremony => "master-of-ceremony",
            Self::Operator => "operator",
            Self::KeyCustodian => "key-custodian",
            Self::Witness => "witness",
            Self::Auditor => "auditor",
            Self::Notary => "notary",
        }
    }

    /// Whether the person watches for others than the provider (EN 319 411-1 clause 6.5.1).
    #[must_use]
    pub const fn is_independent(self) -> bool {
        matches!(self, Self::Witness | Self::Auditor | Self::Notary)
    }
}

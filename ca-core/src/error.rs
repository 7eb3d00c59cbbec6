//! What can go wrong, by what the operator can do about it.

use pki_asn1::UnixTime;
use pki_crypto::KeyKind;

use crate::names::DnError;
use crate::request::RequestError;
use crate::store::StoreError;

/// Why settings were refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Not an ISO 3166-1 alpha-2 code.
    #[error("{0:?} is not an ISO 3166-1 country code of two capital letters")]
    Country(String),
    /// Not an OID.
    #[error("policy-arc {0:?} is not an object identifier")]
    PolicyArc(String),
    /// A URL that cannot be used.
    #[error("{setting} {value:?} cannot be used: {reason}")]
    Url {
        /// The setting's name.
        setting: &'static str,
        /// What was written.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Not an ISO 639-1 code.
    #[error("{0:?} is not an ISO 639-1 language code of two small letters")]
    Language(String),
    /// Two disclosure statements in one language.
    #[error("two PKI disclosure statements for language {0:?}")]
    DuplicateLanguage(String),
    /// Qualified certificates need one in English.
    #[error(
        "certificates are qualified, and no PKI disclosure statement in English is given (EN 319 412-5 clause 4.3.4)"
    )]
    EnglishPdsMissing,
}

/// Why the CA refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaError {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The record cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The subject could not be read.
    #[error(transparent)]
    Subject(#[from] DnError),
    /// The certification request is not acceptable.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// No certification authority of this name.
    #[error("there is no certification authority named {0:?}")]
    UnknownAuthority(String),
    /// A name that cannot be part of a URL.
    #[error(
        "{0:?} cannot name a certification authority: use small letters, digits and hyphens, at most 63"
    )]
    AuthorityName(String),
    /// The name is taken.
    #[error("there already is a certification authority named {0:?}")]
    DuplicateAuthority(String),
    /// The CA's certificate is not valid now.
    #[error("the certificate of {authority:?} expired on {not_after}")]
    AuthorityExpired {
        /// Which CA.
        authority: String,
        /// When its certificate ended.
        not_after: UnixTime,
    },
    /// The key handed in is not the CA's.
    #[error("the key handed in is not the key of certification authority {0:?}")]
    WrongAuthorityKey(String),
    /// No profile of this name.
    #[error("there is no profile named {0:?}")]
    UnknownProfile(String),
    /// The key is too weak or of a kind the profile does not take.
    #[error("profile {profile:?} does not take {kind} keys: {reason}")]
    Key {
        /// The profile.
        profile: String,
        /// The key's kind.
        kind: KeyKind,
        /// Why, with the clause.
        reason: &'static str,
    },
    /// No such serial.
    #[error("{authority:?} never issued a certificate with serial {serial}")]
    UnknownSerial {
        /// The CA asked about.
        authority: String,
        /// The serial in hexadecimal.
        serial: String,
    },
    /// Revoking twice.
    #[error("certificate {serial} of {authority:?} was already revoked on {at}")]
    AlreadyRevoked {
        /// The CA.
        authority: String,
        /// The serial in hexadecimal.
        serial: String,
        /// When.
        at: UnixTime,
    },
    /// A rule was broken; nothing was signed.
    #[error("profile {profile:?} refuses this certificate: {findings}")]
    Refused {
        /// The profile.
        profile: String,
        /// Each broken rule with its clause.
        findings: String,
    },
    /// The token or key file refused to sign.
    #[error("the key of {authority:?} did not sign")]
    Signing {
        /// Whose key.
        authority: String,
        /// What it said.
        #[source]
        source: hsm_pkcs11::SignError,
    },
    /// The journal does not verify.
    #[error("the journal is broken at record {seq}: {reason}")]
    JournalBroken {
        /// The first record that does not fit.
        seq: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A structure could not be encoded or decoded.
    #[error("encoding {what} failed")]
    Encoding {
        /// Which structure.
        what: &'static str,
        /// What the encoder said.
        #[source]
        source: der::Error,
    },
}

impl SettingsError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        None
    }
}

impl CaError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        None
    }
}

//! What can go wrong, by what the operator can do about it.

use std::io;

use hsm_pkcs11::SignError;
use pki_asn1::UnixTime;
use pki_crypto::{KeyKind, UnsupportedAlgorithm};
use pki_lint::Finding;

use crate::crl::CrlError;
use crate::engine::ProfileRecordError;
use crate::hierarchy::HierarchyError;
use crate::import::ImportError;
use crate::journal::JournalBreak;
use crate::names::DnError;
use crate::profile::{AlgorithmEnd, ClaimError, ProfileError, SubjectError};
use crate::request::RequestError;
use crate::revocation::RevocationError;
use crate::store::{Difference, StoreError};

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
    /// An OID that has no room for the policies below it.
    #[error("policy-arc {0} is too long: the policies below it could not be encoded")]
    PolicyArcTooLong(String),
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
    /// A subject could not be read.
    #[error(transparent)]
    Dn(#[from] DnError),
    /// A subject does not fit its profile.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// A certification request is not acceptable.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The life of authorities.
    #[error(transparent)]
    Hierarchy(#[from] HierarchyError),
    /// A profile is not acceptable.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// Registration says no.
    #[error(transparent)]
    Registration(#[from] crate::registration::RegistrationError),
    /// A profile was not recorded, or not retired.
    #[error(transparent)]
    ProfileRecord(#[from] ProfileRecordError),
    /// A specimen needs a key that this program makes.
    #[error("the profile takes no key that this program makes, so there is no specimen of it")]
    NoSpecimenKey,
    /// A certificate cannot claim what it would.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The key's algorithm ends too early.
    #[error(transparent)]
    AlgorithmEnd(#[from] AlgorithmEnd),
    /// No certification authority of this name.
    #[error("there is no certification authority named {0:?}")]
    UnknownAuthority(String),
    /// A name that cannot be part of a URL.
    #[error("{0:?} cannot name a certification authority")]
    AuthorityName(String),
    /// The name is taken.
    #[error("there already is a certification authority named {0:?}")]
    DuplicateAuthority(String),
    /// The key is an authority's. A CA's key signs certificates and CRLs, and nothing else.
    #[error("this key already is the key of certification authority {0:?}")]
    KeyInUse(String),
    /// The CA's certificate has ended.
    #[error("the certificate of {authority:?} expired on {not_after}")]
    AuthorityExpired {
        /// Which CA.
        authority: String,
        /// When its certificate ended.
        not_after: UnixTime,
    },
    /// The CA's certificate has not begun.
    #[error("the certificate of {authority:?} is not valid before {not_before}; it is {now}")]
    AuthorityNotYetValid {
        /// Which CA.
        authority: String,
        /// When its certificate begins.
        not_before: UnixTime,
        /// The time by the CA's clock.
        now: UnixTime,
    },
    /// The CA's certificate was revoked.
    #[error("the certificate of {authority:?} was revoked on {at}")]
    AuthorityRevoked {
        /// Which CA.
        authority: String,
        /// When.
        at: UnixTime,
    },
    /// The key handed in is not the CA's.
    #[error("the key handed in is not the key of certification authority {0:?}")]
    WrongAuthorityKey(String),
    /// The CA does not issue such certificates.
    #[error("{authority:?} is a {authority_profile} and does not issue {profile} certificates")]
    NotItsTask {
        /// Which CA.
        authority: String,
        /// Its own profile.
        authority_profile: String,
        /// The profile asked for.
        profile: String,
    },
    /// No profile of this name.
    #[error("there is no profile named {0:?}")]
    UnknownProfile(String),
    /// A CA profile where an end entity's was needed, or the other way round.
    #[error("profile {profile:?} is for {is_for}")]
    ProfileKind {
        /// The profile.
        profile: String,
        /// What it is for.
        is_for: &'static str,
    },
    /// The key is too weak or of a kind the profile does not take.
    #[error("profile {profile:?} does not take this {kind} key: {reason}")]
    Key {
        /// The profile.
        profile: String,
        /// The key's kind.
        kind: KeyKind,
        /// Why, with the clause.
        reason: String,
    },
    /// The request is somebody else's.
    #[error(
        "the request names {attribute} {requested:?}, and the certificate would name {issued:?}"
    )]
    RequestMismatch {
        /// Which attribute.
        attribute: &'static str,
        /// What the applicant wrote.
        requested: String,
        /// What the operator wrote.
        issued: String,
    },
    /// More days than the profile allows.
    #[error("profile {profile:?} allows 1 to {maximum} days, not {days}")]
    ValidityTooLong {
        /// The profile.
        profile: String,
        /// How many were asked for.
        days: u32,
        /// How many it allows.
        maximum: u32,
    },
    /// The certificate would outlive its CA.
    #[error(
        "{days} days would outlive the certificate of {authority:?}, which ends on {not_after}"
    )]
    OutlivesAuthority {
        /// Which CA.
        authority: String,
        /// How many were asked for.
        days: u32,
        /// When the CA ends.
        not_after: UnixTime,
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
    /// What is asked of a certificate's status does not fit it.
    #[error(transparent)]
    Revocation(#[from] RevocationError),
    /// A CRL cannot be issued.
    #[error(transparent)]
    Crl(#[from] CrlError),
    /// A time that cannot be.
    #[error("{what} {at} is in the future; it is {now}")]
    Future {
        /// Which time.
        what: &'static str,
        /// What was given.
        at: UnixTime,
        /// The time by the CA's clock.
        now: UnixTime,
    },
    /// A CRL without a life.
    #[error(
        "a CRL must be valid for at least one second and not beyond {not_after}, the end of its CA"
    )]
    CrlValidity {
        /// When the CA ends.
        not_after: UnixTime,
    },
    /// A rule was broken; nothing was signed.
    #[error("the linter refuses this {profile} certificate: {}", join(.findings))]
    Refused {
        /// The profile.
        profile: String,
        /// Each broken rule with its clause.
        findings: Vec<Finding>,
    },
    /// The token or key file refused to sign.
    #[error("the key of {authority:?} did not sign")]
    Signing {
        /// Whose key.
        authority: String,
        /// What it said.
        #[source]
        source: SignError,
    },
    /// What came back from the key is not what was recorded.
    #[error("what the key of {authority:?} returned is refused: {reason}")]
    Verification {
        /// Whose key.
        authority: String,
        /// What differs.
        reason: &'static str,
    },
    /// The key's algorithm has no identifier.
    #[error("the key's algorithm cannot be written into a certificate")]
    Algorithm(#[source] UnsupportedAlgorithm),
    /// No random numbers.
    #[error("the operating system gave no random numbers: {0}")]
    Random(String),
    /// The journal does not verify.
    #[error(transparent)]
    JournalBroken(#[from] JournalBreak),
    /// The tables do not say what the journal says.
    #[error(
        "the record contradicts its journal{}: {}",
        .0.seq.map(|seq| format!(" at record {seq}")).unwrap_or_default(),
        .0.what
    )]
    RecordDiffers(Difference),
    /// The audit refuses.
    #[error(transparent)]
    Audit(#[from] crate::engine::AuditError),
    /// Something cannot be taken over from another product.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The export could not be written.
    #[error("the journal could not be written out")]
    Export(#[source] io::Error),
    /// A structure could not be encoded.
    #[error("encoding {what} failed")]
    Encoding {
        /// Which structure.
        what: &'static str,
        /// What the encoder said.
        #[source]
        source: der::Error,
    },
}

fn join(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

impl SettingsError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Country(_) => "write the ISO 3166-1 code, such as MC".into(),
            Self::PolicyArc(_) => "write it with dots, such as 1.3.6.1.4.1.32473.1".into(),
            Self::PolicyArcTooLong(_) => "use a shorter arc, such as one below your own enterprise number".into(),
            Self::Url { setting, .. } if *setting == "pds" => {
                "write an https address (EN 319 412-5 clause 4.3.4)".into()
            }
            Self::Url { setting, .. } if *setting == "base-url" => {
                "write http://HOST[:PORT] without a slash at the end; status services are plain HTTP, \
                 because their answers are signed (RFC 5280 section 8)"
                    .into()
            }
            Self::Url { .. } => "write an http or https address".into(),
            Self::Language(_) | Self::DuplicateLanguage(_) => {
                "give each ISO 639-1 code, such as en or fr, once".into()
            }
            Self::EnglishPdsMissing => "add a disclosure statement with language \"en\"".into(),
        })
    }
}

impl CaError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Settings(e) => return e.hint(),
            Self::Store(e) => return e.hint(),
            Self::Dn(e) => return e.hint(),
            Self::Subject(e) => return e.hint(),
            Self::Request(e) => return e.hint(),
            Self::Profile(e) => return e.hint(),
            Self::Revocation(e) => return e.hint(),
            Self::Crl(e) => return e.hint(),
            Self::Hierarchy(e) => return e.hint(),
            Self::Registration(e) => return e.hint(),
            Self::ProfileRecord(e) => return e.hint(),
            Self::NoSpecimenKey => {
                "list p256, p384 or ed25519, or RSA from 3072 or 4096 bits on, to see a specimen".into()
            }
            Self::Import(e) => return e.hint(),
            Self::Claim(e) => return e.hint(),
            Self::AlgorithmEnd(e) => return e.hint(),
            Self::UnknownAuthority(_) => "`sceau-ca ca list` shows those there are".into(),
            Self::AuthorityName(_) => {
                "it becomes part of URLs: use small letters, digits and hyphens, at most 63".into()
            }
            Self::DuplicateAuthority(_) => "choose another name".into(),
            Self::KeyInUse(_) => "generate a key of its own for each certificate".into(),
            Self::AuthorityExpired { .. } => "create its successor with `sceau-ca ca create`".into(),
            Self::AuthorityNotYetValid { .. } => "check this machine's clock".into(),
            Self::AuthorityRevoked { .. } => "issue from another authority".into(),
            Self::WrongAuthorityKey(_) => {
                "`sceau-ca ca show` says where the key is; check token, object and file".into()
            }
            Self::NotItsTask { .. } => "name an issuing CA with --ca".into(),
            Self::UnknownProfile(_) => "`sceau-ca profile list` shows those there are".into(),
            Self::ProfileKind { is_for, .. } if is_for.contains("authorities") => {
                "create authorities with `sceau-ca ca create`".into()
            }
            Self::ProfileKind { .. } => {
                "use root-ca without --issuer, and issuing-ca with it".into()
            }
            Self::Key { .. } => {
                "use an EC P-256 or P-384, RSA-3072 or larger, or Ed25519 key".into()
            }
            Self::RequestMismatch { .. } => {
                "make sure that this request belongs to this applicant".into()
            }
            Self::ValidityTooLong { .. } | Self::OutlivesAuthority { .. } => {
                "ask for a number of days within these bounds, or leave --days out".into()
            }
            Self::UnknownSerial { .. } => "`sceau-ca list` shows what was issued".into(),
            Self::AlreadyRevoked { .. } => "nothing needs to be done; revocation is final".into(),
            Self::Future { .. } => "check the time given and this machine's clock".into(),
            Self::CrlValidity { .. } => "give another number of days or hours, with the command or under [crl] in sceau-ca.toml".into(),
            Self::Signing { .. } => {
                "the issuance was closed as revoked; make the key work and issue again".into()
            }
            Self::Verification { .. } => {
                "the token or its driver is faulty; the issuance was closed as revoked".into()
            }
            Self::Audit(e) => return e.hint(),
            Self::JournalBroken(_) | Self::RecordDiffers(_) => {
                "keep the record as it is, compare it with the last backup and export, and find out who \
                 changed it"
                    .into()
            }
            Self::Refused { .. } => {
                "nothing was signed; correct the order or the settings as each clause says".into()
            }
            Self::Algorithm(_)
            | Self::Random(_)
            | Self::Export(_)
            | Self::Encoding { .. } => return None,
        })
    }

    pub(crate) fn encoding(what: &'static str) -> impl Fn(der::Error) -> Self + Copy {
        move |source| Self::Encoding { what, source }
    }
}

//! How requests are answered: the choices an operator has.

use std::sync::Arc;
use std::time::Duration;

use pki_crypto::DigestAlgorithm;

use crate::keys::requestors::Requestors;

/// How requests are answered.
#[derive(Clone, Debug)]
pub struct Policy {
    /// When answers are signed.
    pub answers: AnswerPolicy,
    /// What becomes of a nonce.
    pub nonce: NoncePolicy,
    /// What is said of a certificate that was never issued.
    pub not_issued: NotIssuedPolicy,
    /// Whether answers carry archiveCutoff.
    pub archive_cutoff: ArchiveCutoffPolicy,
    /// How answers name the responder.
    pub responder_id: ResponderIdForm,
    /// Whether requests are to be signed.
    pub request_signature: RequestSignaturePolicy,
    /// From the moment of signing to nextUpdate. After half of it a new answer is signed.
    pub validity: Duration,
    /// How long before the moment of signing thisUpdate is, for clients whose clock is slow.
    pub backdate: Duration,
    /// How old what is read may be before every answer is `tryLater`: the record is unreadable, or a
    /// copy of it lags behind.
    pub record_age: Duration,
    /// Answers kept.
    pub cache_entries: usize,
    /// Signatures and look-ups at one time.
    pub workers: usize,
    /// Requests that may wait for one of them.
    pub queue: usize,
}

/// When answers are signed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum AnswerPolicy {
    /// When they are asked for, and kept.
    #[default]
    OnDemand,
    /// Ahead, for every certificate that has not expired; on demand what is not there.
    PreSigned(PreSigning),
}

/// How answers are signed ahead.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PreSigning {
    /// The digests of CertIDs that there are answers for: RFC 9919 has clients use SHA-256, those of
    /// before it use SHA-1.
    pub digests: Vec<DigestAlgorithm>,
    /// Signatures in a second, so that the key has time for other requests.
    pub rate: u32,
}

impl Default for PreSigning {
    fn default() -> Self {
        Self {
            digests: vec![DigestAlgorithm::Sha256, DigestAlgorithm::Sha1],
            rate: 500,
        }
    }
}

/// What becomes of a nonce (RFC 9654).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoncePolicy {
    /// It is echoed, so the answer is signed for this request alone.
    #[default]
    Live,
    /// It is left out, so the answer may come from the cache (RFC 9919 section 3.1.1).
    Cached,
}

/// What is said of a certificate that was never issued (RFC 6960 section 2.2).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotIssuedPolicy {
    /// `unknown`.
    #[default]
    Unknown,
    /// `revoked` since 1970 with the reason certificateHold and the extended-revoke extension.
    ExtendedRevoked,
}

/// Whether answers carry archiveCutoff (RFC 6960 section 4.4.4, EN 319 411-2 CSS-6.3.10-08).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArchiveCutoffPolicy {
    /// The notBefore of the CA: status is kept for everything it ever issued.
    #[default]
    CaNotBefore,
    /// Left out.
    Omit,
}

/// How answers name the responder (RFC 6960 section 4.2.1).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResponderIdForm {
    /// By the SHA-1 of its key, as RFC 9919 section 3.2.2 asks.
    #[default]
    ByKey,
    /// By its subject, for clients of before.
    ByName,
}

/// What becomes of signatures on requests (RFC 6960 section 4.1.2).
#[derive(Clone, Debug, Default)]
pub enum RequestSignaturePolicy {
    /// They are not looked at (RFC 9919 section 3.1.2).
    #[default]
    Ignore,
    /// Where there is one, it must be that of one of these.
    AcceptVerified(Arc<Requestors>),
    /// There must be one, of one of these; else the answer is `sigRequired`.
    Require(Arc<Requestors>),
}

impl Default for Policy {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            answers: AnswerPolicy::default(),
            nonce: NoncePolicy::default(),
            not_issued: NotIssuedPolicy::default(),
            archive_cutoff: ArchiveCutoffPolicy::default(),
            responder_id: ResponderIdForm::default(),
            request_signature: RequestSignaturePolicy::default(),
            validity: Duration::from_secs(3600),
            backdate: Duration::ZERO,
            record_age: Duration::from_secs(60),
            cache_entries: 100_000,
            workers: cores.max(4),
            queue: 1024,
        }
    }
}

//! How requests are answered: the choices an operator has.

use std::time::Duration;

/// How requests are answered.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What becomes of a nonce.
    pub nonce: NoncePolicy,
    /// What is said of a certificate that was never issued.
    pub not_issued: NotIssuedPolicy,
    /// Whether answers carry archiveCutoff.
    pub archive_cutoff: ArchiveCutoffPolicy,
    /// From thisUpdate to nextUpdate. After half of it a new answer is signed.
    pub validity: Duration,
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

impl Default for Policy {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            nonce: NoncePolicy::default(),
            not_issued: NotIssuedPolicy::default(),
            archive_cutoff: ArchiveCutoffPolicy::default(),
            validity: Duration::from_secs(3600),
            record_age: Duration::from_secs(60),
            cache_entries: 100_000,
            workers: cores.max(4),
            queue: 1024,
        }
    }
}

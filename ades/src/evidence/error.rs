//! Why a signature cannot be given what makes it verifiable for long: which certificate, who issued
//! it, what was tried, and what to do.

use core::fmt;

use pki_asn1::{Certificate, UnixTime};
use pki_path::{PathError, PathErrorKind, RevokedInfo};

use super::{FetchNote, Role};

/// A certificate, as a person would look for it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Named {
    /// The subject, most specific attribute first.
    pub subject: String,
    /// The serial number in hexadecimal.
    pub serial: String,
    /// The issuer.
    pub issuer: String,
}

impl From<&Certificate> for Box<Named> {
    fn from(certificate: &Certificate) -> Self {
        Self::new(Named {
            subject: certificate.display_subject().to_string(),
            serial: certificate.serial_hex(),
            issuer: certificate.display_issuer().to_string(),
        })
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the certificate of {} (serial {}, issued by {})",
            self.subject, self.serial, self.issuer
        )
    }
}

/// Why there is no complete evidence.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// No path from the certificate to a trust anchor, or to any self-signed certificate, was found.
    #[error("no path leads from {certificate} to {}: {why}{}", end(.trusted), asked(.tried))]
    NoPath {
        /// The certificate above which the path breaks off.
        certificate: Box<Named>,
        /// Whether anchors were given.
        trusted: Anchors,
        /// What is missing.
        why: String,
        /// What was asked for it.
        tried: Vec<FetchNote>,
    },
    /// Nothing settles whether the certificate is revoked.
    #[error("whether {certificate} was revoked is not known: {why}{}", asked(.tried))]
    Missing {
        /// The certificate.
        certificate: Box<Named>,
        /// Why what there is does not do.
        why: String,
        /// Where it says that evidence is to be had, by http.
        urls: Vec<String>,
        /// What was asked for it.
        tried: Vec<FetchNote>,
        /// When it expired, where it has: hardly any authority speaks of it any more.
        ended: Option<UnixTime>,
    },
    /// There is evidence, older than wanted.
    #[error(
        "{certificate} was good at {this_update}, and it was used at {used}: whether it was revoked in between is not known yet{}", asked(.tried)
    )]
    TooEarly {
        /// The certificate.
        certificate: Box<Named>,
        /// When the newest evidence was made.
        this_update: UnixTime,
        /// When newer evidence is promised.
        next_update: Option<UnixTime>,
        /// The time of use.
        used: UnixTime,
        /// What was asked for it.
        tried: Vec<FetchNote>,
    },
    /// The certificate was revoked before the time for which there is proof of its use.
    #[error("{certificate} was revoked at {revoked}{}, and nothing proves that it was used before: the proven time is {used}", for_reason(.reason))]
    Revoked {
        /// The certificate.
        certificate: Box<Named>,
        /// When.
        revoked: UnixTime,
        /// The reason, where one is given.
        reason: Option<&'static str>,
        /// The earliest time for which there is a proof.
        used: UnixTime,
    },
    /// The certificate was not valid at the time for which there is proof of its use.
    #[error(
        "{certificate} expired at {ended}, and nothing proves that it was used before: the proven time is {used}"
    )]
    Expired {
        /// The certificate.
        certificate: Box<Named>,
        /// End of validity.
        ended: UnixTime,
        /// The earliest time for which there is a proof.
        used: UnixTime,
        /// Whose path.
        role: Role,
    },
    /// The path is not one that a validator may accept.
    #[error("the path of {certificate} is not valid: {source}")]
    Broken {
        /// Whose path.
        certificate: Box<Named>,
        /// What is wrong.
        source: Box<PathError>,
    },
}

/// Where a path was to end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Anchors {
    /// At a certificate that the caller trusts.
    Given,
    /// At any self-signed certificate.
    Found,
}

impl EvidenceError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoPath { certificate, .. } if certificate.subject == certificate.issuer => {
                "it vouches for itself; where it is one of whom you trust, give it with --trust".into()
            }
            Self::NoPath {
                certificate,
                trusted,
                ..
            } => match trusted {
                Anchors::Given => format!(
                    "give the certificate of {} with --chain, and trust the root above it with --trust",
                    certificate.issuer
                ),
                Anchors::Found => {
                    format!("give the certificate of {} with --chain", certificate.issuer)
                }
            },
            Self::Missing {
                ended: Some(ended), ..
            } => format!(
                "the certificate expired at {ended}, and hardly any authority speaks of certificates that expired; give a CRL or OCSP response from before then, made after the signature, with --crl"
            ),
            Self::Missing { tried, .. } if tried.iter().any(|t| t.error.is_some()) => {
                "check the network and the proxy settings and try again later, or give a CRL with --crl"
                    .into()
            }
            Self::Missing {
                urls, certificate, ..
            } if urls.is_empty() => format!(
                "the certificate names no http address for it; ask {} for a CRL and give it with --crl",
                certificate.issuer
            ),
            Self::Missing { urls, .. } => {
                format!("allow network access; the certificate names {}", urls.join(", "))
            }
            Self::TooEarly {
                next_update: Some(next),
                ..
            } => format!("extend the signature after {next}, when newer evidence is promised"),
            Self::TooEarly { .. } => {
                "extend the signature later, when newer evidence is published".into()
            }
            Self::Revoked { .. } => {
                "a signature whose time is not proven before the revocation cannot be made valid; have it signed anew"
                    .into()
            }
            Self::Expired { role, .. } => match role {
                Role::Signer => {
                    "only a time-stamp from before the expiry would have proven the signature; have it signed anew"
                }
                Role::TimeStampingUnit => {
                    "only an archive time-stamp from before the expiry would have proven it; have the document signed anew"
                }
            }
            .into(),
            Self::Broken { source, .. } => match &source.kind {
                PathErrorKind::Signature { issuer, .. } => format!(
                    "the certificate of {issuer} at hand has another key than the one that signed; give the right one with --chain"
                ),
                _ => return source.hint(),
            },
        })
    }

    /// The certificate that it is about.
    #[must_use]
    pub fn certificate(&self) -> &Named {
        match self {
            Self::NoPath { certificate, .. }
            | Self::Missing { certificate, .. }
            | Self::TooEarly { certificate, .. }
            | Self::Revoked { certificate, .. }
            | Self::Expired { certificate, .. }
            | Self::Broken { certificate, .. } => certificate,
        }
    }

    /// Whether another try later may succeed: something was not to be had, nothing is wrong.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::NoPath { tried, .. } | Self::Missing { tried, .. } => {
                tried.iter().any(|t| t.error.is_some())
            }
            Self::TooEarly { .. } => true,
            Self::Revoked { .. } | Self::Expired { .. } | Self::Broken { .. } => false,
        }
    }

    /// Whether nothing that may be found later would change it: what was used is over.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Revoked { .. } | Self::Expired { .. })
    }

    pub(super) fn revoked(certificate: &Certificate, info: &RevokedInfo, used: UnixTime) -> Self {
        Self::Revoked {
            certificate: certificate.into(),
            revoked: info.at,
            reason: info.reason.map(|_| info.reason_name()),
            used,
        }
    }
}

fn end(trusted: &Anchors) -> &'static str {
    match trusted {
        Anchors::Given => "a certificate that is trusted",
        Anchors::Found => "a self-signed certificate",
    }
}

fn for_reason(reason: &Option<&'static str>) -> String {
    reason.map(|r| format!(" ({r})")).unwrap_or_default()
}

/// Each URL with its answer.
fn asked(tried: &[FetchNote]) -> String {
    if tried.is_empty() {
        return String::new();
    }
    let each: Vec<String> = tried
        .iter()
        .map(|note| match &note.error {
            None => format!("{}: an answer that leaves it open", note.url),
            // Transport errors name the URL themselves.
            Some(error) if error.contains(&note.url) => error.clone(),
            Some(error) => format!("{}: {error}", note.url),
        })
        .collect();
    format!("; asked in vain: {}", each.join("; "))
}

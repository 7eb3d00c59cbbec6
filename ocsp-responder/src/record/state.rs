//! The authorities of the record and who answers for each, as one value that is replaced as a whole.

use std::sync::Arc;

use ca_core::status::AuthorityView;
use http_service::Pace;
use pki_asn1::{Certificate, UnixTime};

use crate::keys::Delegates;
use crate::keys::delegate::Delegate;
use crate::protocol::request::{CertIdRef, PreferredAlgorithms};
use crate::publication::Published;
use crate::record::issuer::Issuer;
use crate::record::source::SourceError;

/// Why a responder cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The record cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A delegate is given for an authority that is not in the record.
    #[error("the record has no certification authority named {name:?}")]
    UnknownAuthority {
        /// The name as configured.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// The thread that follows the record cannot be started.
    #[error("cannot start a thread")]
    Thread(#[source] std::io::Error),
}

impl StartError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownAuthority { known, .. } if known.is_empty() => Some(
                "the record has no authority with a certificate yet: sceau-ca ca create".into(),
            ),
            Self::UnknownAuthority { known, .. } => Some(format!("it knows {}", known.join(", "))),
            Self::Source(_) => Some(
                "run `sceau-ca audit verify` on the record; restore a backup if it is damaged"
                    .into(),
            ),
            Self::Thread(_) => Some("check the limits of processes and memory".into()),
        }
    }
}

/// The authorities and who answers for them; replaced as a whole.
pub(crate) struct State {
    pub(crate) epoch: u64,
    pub(crate) entries: Vec<Entry>,
    pub(crate) delegates: Delegates,
    /// That of the slowest key.
    pub(crate) pace: Pace,
}

pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) certificate: Certificate,
    /// The notBefore of its first certificate: it has issued since.
    pub(crate) since: UnixTime,
    pub(crate) published: Arc<Published>,
    pub(crate) issuer: Issuer,
    /// Those who speak for this key, the preferred one first.
    pub(crate) delegates: Vec<Arc<Delegate>>,
}

impl Entry {
    /// Who signs for a client with these preferences, with its place: the first that the client prefers
    /// (RFC 6960 section 4.4.7.2), else the first of all. One whose certificate is not valid now is left
    /// out while there is another.
    pub(crate) fn signer(
        &self,
        preferred: PreferredAlgorithms<'_>,
        now: UnixTime,
    ) -> Option<(u8, &Arc<Delegate>)> {
        let all = || (0_u8..).zip(&self.delegates);
        if self.delegates.len() < 2 {
            return all().next();
        }
        let valid = || all().filter(|(_, d)| d.certificate().is_valid_at(now));
        preferred
            .iter()
            .find_map(|wanted| valid().find(|(_, d)| d.satisfies(&wanted)))
            .or_else(|| valid().next())
            .or_else(|| all().next())
    }
}

impl State {
    pub(crate) fn new(epoch: u64, authorities: Vec<AuthorityView>, delegates: Delegates) -> Self {
        let entries: Vec<Entry> = authorities
            .into_iter()
            .map(|authority| Entry {
                issuer: Issuer::new(&authority.certificate),
                published: Arc::new(Published::certificate(&authority.certificate)),
                delegates: delegates_of(&authority, &delegates),
                since: authority.since,
                name: authority.name,
                certificate: authority.certificate,
            })
            .collect();
        let keys = entries.iter().flat_map(|entry| &entry.delegates);
        let pace = keys.map(|key| key.pace()).max();
        Self {
            pace: pace.unwrap_or(Pace::Immediate),
            epoch,
            entries,
            delegates,
        }
    }

    /// The authority that a CertID names, where somebody answers for it.
    pub(crate) fn answerable(&self, cert_id: &CertIdRef<'_>) -> Option<(usize, &Entry)> {
        self.entries
            .iter()
            .enumerate()
            .find(|(_, e)| !e.delegates.is_empty() && e.issuer.is_named_by(cert_id))
    }
}

/// A delegate speaks for the CA key that issued its certificate, and not for the next one that takes
/// the CA's name.
fn delegates_of(authority: &AuthorityView, delegates: &Delegates) -> Vec<Arc<Delegate>> {
    let speaking = delegates.for_key(&authority.name, &authority.certificate);
    if speaking.is_empty() && !delegates.of(&authority.name).is_empty() {
        tracing::error!(
            authority = authority.name,
            hint = "sceau-ca ocsp-signer renew",
            "the CA has another key than the one its responder certificate is from: OCSP requests are refused as unauthorized"
        );
    }
    speaking
}

/// Whether every delegate is for an authority of the record.
pub(crate) fn check_known(
    authorities: &[AuthorityView],
    delegates: &Delegates,
) -> Result<(), StartError> {
    let known = || authorities.iter().map(|a| a.name.clone()).collect();
    match delegates
        .authorities()
        .find(|name| !authorities.iter().any(|a| a.name == *name))
    {
        Some(name) => Err(StartError::UnknownAuthority {
            name: name.into(),
            known: known(),
        }),
        None => Ok(()),
    }
}

//! Why something cannot be taken over.

use std::io;
use std::path::PathBuf;

use pki_crypto::KeyError;

use super::issuer::ForeignError;

/// Why an authority cannot be adopted, or a source not be read. What is wrong with one entry is in the
/// report, not here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The certificate is no CA's.
    #[error("the certificate is not a certification authority's: {0}")]
    NotACa(&'static str),
    /// The key is another one.
    #[error("the key at hand is not the one in the certificate")]
    Key,
    /// The certificates above it are missing.
    #[error("no certificate of {issuer} is among the chain, and no authority here is it")]
    ChainMissing {
        /// The issuer's name.
        issuer: String,
    },
    /// A certificate of the chain is not the issuer of the one before.
    #[error("the certificate of {subject} does not lead to {issuer}: {source}")]
    Chain {
        /// Which certificate.
        subject: String,
        /// Which issuer.
        issuer: String,
        /// What is wrong.
        source: ForeignError,
    },
    /// The authority was made here, so nothing of it is anywhere else.
    #[error("authority {0:?} was created here, not adopted")]
    NotAdopted(String),
    /// The authority's key cannot be used.
    #[error("the authority's key cannot be used")]
    AuthorityKey(#[from] KeyError),
    /// A source cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A CRL is not acceptable.
    #[error("cannot accept the CRL {}", path.display())]
    Crl {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: ForeignError,
    },
    /// No source was named.
    #[error("there is nothing to import: no index, certificate or CRL is named")]
    Nothing,
    /// The report could not be written.
    #[error("the report could not be written")]
    Report(#[source] io::Error),
}

impl ImportError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotACa(_) => "give the certificate of the authority itself".into(),
            Self::Key => "check which key the other product uses for this authority".into(),
            Self::ChainMissing { .. } => {
                "give the certificates above it, up to and including the root, with --chain".into()
            }
            Self::Chain { source, .. } | Self::Crl { source, .. } => source.hint().into(),
            Self::NotAdopted(_) => {
                "certificates that its key signed and this record does not hold would be a breach: \
                 adopt the other authority with `sceau-ca ca adopt`"
                    .into()
            }
            Self::AuthorityKey(_) => return None,
            Self::Read { .. } => "check the path and who may read it".into(),
            Self::Nothing => "name at least one".into(),
            Self::Report(_) => {
                "what was imported is recorded; repeat the import for the report".into()
            }
        })
    }
}

//! What can be wrong with a journal, an export, a checkpoint or a proof.

use pki_crypto::SignatureAlgorithm;

/// Why a checkpoint or a journal key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// It is longer than any checkpoint.
    #[error("it is longer than any checkpoint")]
    TooLong,
    /// It is not written as a checkpoint.
    #[error("it is no checkpoint: {0}")]
    Malformed(&'static str),
    /// The origin cannot stand in a note.
    #[error("{0:?} cannot be the origin of a journal")]
    Origin(String),
    /// The journal key is not usable.
    #[error("it is no public key that can sign checkpoints: {0}")]
    Key(String),
    /// The signer's algorithm is not the one its key signs checkpoints with.
    #[error("the journal key signs with {uses}, and a key of its kind must sign with {wanted}")]
    Algorithm {
        /// The signer's.
        uses: SignatureAlgorithm,
        /// The one a verifier will use.
        wanted: SignatureAlgorithm,
    },
    /// The key could not sign.
    #[error("the journal key could not sign")]
    Signing(#[from] hsm_pkcs11::SignError),
    /// The signature that came back is wrong.
    #[error("the journal key returned a signature that is not its own")]
    WrongSignature,
}

impl CheckpointError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::TooLong | Self::Malformed(_) => {
                "give the file that sceau-ca audit checkpoint --out wrote, unchanged"
            }
            Self::Origin(_) => "it must be short and without spaces and plus signs",
            Self::Key(_) => {
                "give the file that sceau-ca audit key show --out wrote: a PEM block PUBLIC KEY"
            }
            Self::Algorithm { .. } => {
                "use a P-256, P-384 or Ed25519 key, or an RSA key with PKCS#1 v1.5"
            }
            Self::Signing(_) => "check the token and its PIN; nothing was recorded",
            Self::WrongSignature => "the token is faulty: have it looked at; nothing was recorded",
        };
        Some(text.to_owned())
    }
}

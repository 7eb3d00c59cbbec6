//! The journal key: the public half that checkpoints are verified with, and how a signed note names
//! it (C2SP signed-note).

use hsm_pkcs11::KeySpec;
use pki_asn1::pem;
use pki_crypto::{DigestAlgorithm, KeyKind, Message, PublicKey, SignatureAlgorithm};

use super::error::CheckpointError;

/// What a `PUBLIC KEY` file with one key cannot be longer than, in octets.
pub const MAX_KEY_FILE: u64 = 16 * 1024;

/// A journal key's public half. Its kind alone decides the algorithm, so that no note can choose one:
/// Ed25519, ECDSA with the digest as long as the curve, RSASSA-PKCS1-v1_5 with SHA-256, or with
/// SHA-512 from 4096 bits on.
#[derive(Clone, Debug)]
pub struct JournalKey(PublicKey);

impl JournalKey {
    /// Wraps a public key.
    #[must_use]
    pub fn new(key: PublicKey) -> Self {
        Self(key)
    }

    /// Reads a DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// [`CheckpointError::Key`] where it is none, or of a kind that is not supported.
    pub fn from_spki_der(spki: &[u8]) -> Result<Self, CheckpointError> {
        let key = PublicKey::in_use(spki).map_err(|e| CheckpointError::Key(e.to_string()))?;
        Ok(Self(key))
    }

    /// Reads a file with one public key: a PEM block `PUBLIC KEY`, or DER.
    ///
    /// # Errors
    /// [`CheckpointError::Key`] where it holds none, or more than one.
    pub fn from_file(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let found = pem::der_or_pem(bytes, &["PUBLIC KEY"])
            .map_err(|e| CheckpointError::Key(e.to_string()))?;
        match found.as_slice() {
            [one] => Self::from_spki_der(one),
            [] => Err(CheckpointError::Key("there is no PUBLIC KEY in it".into())),
            _ => Err(CheckpointError::Key(
                "there is more than one PUBLIC KEY in it".into(),
            )),
        }
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.0
    }

    /// SHA-256 of the DER `SubjectPublicKeyInfo`, hexadecimal: what people compare.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        DigestAlgorithm::Sha256.digest(self.0.spki_der()).to_hex()
    }

    /// The algorithm this key signs checkpoints with.
    #[must_use]
    pub fn algorithm(&self) -> SignatureAlgorithm {
        KeySpec::default_algorithm(self.0.kind())
    }

    /// The four octets that name the key in a note signed under `name`.
    ///
    /// ```text
    /// Ed25519  SHA-256(name || 0x0A || 0x01 || 32 octets of the key)[..4]
    /// ECDSA    SHA-256(SubjectPublicKeyInfo)[..4]
    /// RSA      SHA-256(name || 0x0A || 0xff || "sceau.journal/1" || SubjectPublicKeyInfo)[..4]
    /// ```
    #[must_use]
    pub fn id(&self, name: &str) -> [u8; 4] {
        let mut hasher = DigestAlgorithm::Sha256.hasher();
        match self.0.kind() {
            KeyKind::Ed25519 => {
                hasher.update(name.as_bytes());
                hasher.update(b"\n\x01");
                hasher.update(self.0.bits());
            }
            KeyKind::Rsa { .. } => {
                hasher.update(name.as_bytes());
                hasher.update(b"\n\xffsceau.journal/1");
                hasher.update(self.0.spki_der());
            }
            _ => hasher.update(self.0.spki_der()),
        }
        let digest = hasher.finish();
        let mut id = [0; 4];
        id.copy_from_slice(&digest.as_bytes()[..4]);
        id
    }

    /// Whether `signature` is this key's over `text`.
    #[must_use]
    pub fn signed(&self, text: &str, signature: &[u8]) -> bool {
        let message = Message::Bytes(text.as_bytes());
        self.0.verify(self.algorithm(), message, signature).is_ok()
    }
}

impl PartialEq for JournalKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.spki_der() == other.0.spki_der()
    }
}

impl Eq for JournalKey {}

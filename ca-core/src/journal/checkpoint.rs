//! Checkpoints: the size and root of the journal's tree, signed. A C2SP tlog-checkpoint, which is a
//! C2SP signed-note, with two extension lines:
//!
//! ```text
//! pki.example/journal/7d51…            origin: the base URL's host, and the first record's hash
//! 1234                                 records, decimal
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2f…=     root, base64
//! head f1Gq…=                          hash(1234) of the chain, base64
//! time 2026-11-22T01:02:03Z            by the CA's clock
//!                                      an empty line
//! — pki.example/journal/7d51… Az3gr…=  key ID (4 octets) and signature over all before the empty line
//! ```

use core::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hsm_pkcs11::Signer;
use pki_asn1::UnixTime;
use pki_crypto::Message;

use super::error::CheckpointError;
use super::key::JournalKey;
use super::{ChainHash, TreeHash};

/// Octets of a signed checkpoint at most.
pub const MAX_NOTE: usize = 16 * 1024;
/// Signature lines at most: witnesses may add theirs (C2SP signed-note asks for 16 at least).
const MAX_SIGNATURES: usize = 32;
const MAX_ORIGIN: usize = 255;
/// Em dash and space.
const DASH: &str = "\u{2014} ";

/// The state of the journal at a size.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// Which journal: no spaces, no plus, not longer than 255 octets.
    pub origin: String,
    /// How many records.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: TreeHash,
    /// The chain's hash after the last of them.
    pub head: ChainHash,
    /// When, by the CA's clock.
    pub at: UnixTime,
}

/// A checkpoint with its signatures, as written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: String,
    /// Where the signed text ends in `note`.
    text_len: usize,
    signatures: Vec<NoteSignature>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct NoteSignature {
    name: String,
    key_id: [u8; 4],
    value: Vec<u8>,
}

/// Whether `name` can stand in a note as origin and key name.
#[must_use]
pub fn is_origin(name: &str) -> bool {
    let allowed = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    !name.is_empty() && name.len() <= MAX_ORIGIN && name.chars().all(allowed)
}

impl Checkpoint {
    /// The text that is signed; ends with a newline.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\nhead {}\ntime {}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root),
            STANDARD.encode(self.head),
            self.at
        )
    }

    /// Signs.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`], [`CheckpointError::Algorithm`] where the signer uses another
    /// algorithm than a [`JournalKey`] of its kind, or [`CheckpointError::Signing`].
    pub fn sign(self, signer: &dyn Signer) -> Result<SignedCheckpoint, CheckpointError> {
        if !is_origin(&self.origin) {
            return Err(CheckpointError::Origin(self.origin));
        }
        let key = JournalKey::new(signer.public_key().clone());
        if signer.algorithm() != key.algorithm() {
            return Err(CheckpointError::Algorithm {
                uses: signer.algorithm(),
                wanted: key.algorithm(),
            });
        }
        let text = self.text();
        let value = signer.sign(Message::Bytes(text.as_bytes()))?;
        // What a faulty token returns is nobody's evidence.
        if !key.signed(&text, &value) {
            return Err(CheckpointError::WrongSignature);
        }
        let mut blob = key.id(&self.origin).to_vec();
        blob.extend_from_slice(&value);
        let mut note = text;
        let text_len = note.len();
        let _ = writeln!(note, "\n{DASH}{} {}", self.origin, STANDARD.encode(blob));
        let signature = NoteSignature {
            name: self.origin.clone(),
            key_id: key.id(&self.origin),
            value,
        };
        Ok(SignedCheckpoint {
            checkpoint: self,
            note,
            text_len,
            signatures: vec![signature],
        })
    }

    fn parse(text: &str) -> Result<Self, CheckpointError> {
        let bad = CheckpointError::Malformed;
        let mut lines = text.lines();
        let mut next = |what| lines.next().ok_or(bad(what));
        let origin = next("it has no origin")?;
        if !is_origin(origin) {
            return Err(bad("its first line is no origin"));
        }
        let size = next("it has no size")?
            .parse()
            .map_err(|_| bad("its second line is no number of records"))?;
        let root = hash(next("it has no root")?).ok_or(bad("its third line is no root"))?;
        let head = next("it has no head")?
            .strip_prefix("head ")
            .and_then(hash)
            .ok_or(bad("its fourth line is no head"))?;
        let at = next("it has no time")?
            .strip_prefix("time ")
            .and_then(|t| t.parse().ok())
            .ok_or(bad("its fifth line is no time"))?;
        let checkpoint = Self {
            origin: origin.to_owned(),
            size,
            root,
            head,
            at,
        };
        // One way to write it only: no leading zeroes, no further lines.
        if checkpoint.text() != text {
            return Err(bad("it is not written as this program writes it"));
        }
        Ok(checkpoint)
    }
}

fn hash(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

impl SignedCheckpoint {
    /// Reads a note. Its signatures are not verified: see [`Self::is_signed_by`].
    ///
    /// # Errors
    /// [`CheckpointError::TooLong`] or [`CheckpointError::Malformed`].
    pub fn parse(note: &[u8]) -> Result<Self, CheckpointError> {
        let bad = CheckpointError::Malformed;
        if note.len() > MAX_NOTE {
            return Err(CheckpointError::TooLong);
        }
        let note = core::str::from_utf8(note).map_err(|_| bad("it is not UTF-8"))?;
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(bad("it has control characters"));
        }
        let cut = note
            .rfind("\n\n")
            .ok_or(bad("no empty line ends its text"))?;
        let text_len = cut + 1;
        let (text, below) = (&note[..text_len], &note[text_len + 1..]);
        let checkpoint = Checkpoint::parse(text)?;
        let lines = below
            .strip_suffix('\n')
            .ok_or(bad("its last line does not end"))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == MAX_SIGNATURES {
                return Err(bad("it has too many signatures"));
            }
            signatures.push(signature(line).ok_or(bad("one of its signature lines is malformed"))?);
        }
        Ok(Self {
            checkpoint,
            note: note.to_owned(),
            text_len,
            signatures,
        })
    }

    /// What is signed.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The whole note, as written. A time-stamp is over these bytes.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Whether `key` signed it under the origin's name. Signatures of others are ignored.
    #[must_use]
    pub fn is_signed_by(&self, key: &JournalKey) -> bool {
        let (name, text) = (&self.checkpoint.origin, &self.note[..self.text_len]);
        let id = key.id(name);
        let mut own = self
            .signatures
            .iter()
            .filter(|s| s.name == *name && s.key_id == id)
            .peekable();
        own.peek().is_some() && own.all(|s| key.signed(text, &s.value))
    }
}

fn signature(line: &str) -> Option<NoteSignature> {
    let (name, blob) = line.strip_prefix(DASH)?.split_once(' ')?;
    let blob = STANDARD.decode(blob).ok()?;
    let (key_id, value) = blob.split_first_chunk::<4>()?;
    (is_origin(name) && !value.is_empty()).then(|| NoteSignature {
        name: name.to_owned(),
        key_id: *key_id,
        value: value.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use hsm_pkcs11::SoftwareKey;
    use proptest::prelude::*;

    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: "pki.example/journal/0123456789abcdef".into(),
            size: 1234,
            root: [7; 32],
            head: [9; 32],
            at: "2026-11-22T01:02:03Z".parse().unwrap(),
        }
    }

    fn keys() -> impl Iterator<Item = SoftwareKey> {
        let kinds = ["p256", "p384", "ed25519", "rsa3072"];
        kinds
            .into_iter()
            .map(|kind| SoftwareKey::generate(kind.parse().unwrap()).unwrap())
    }

    #[test]
    fn a_note_is_read_back_and_only_its_key_signed_it() {
        let other = SoftwareKey::generate(hsm_pkcs11::KeySpec::P256).unwrap();
        let other = JournalKey::new(other.public_key().clone());
        for signer in keys() {
            let signed = checkpoint().sign(&signer).unwrap();
            let read = SignedCheckpoint::parse(signed.note().as_bytes()).unwrap();
            assert_eq!(read, signed);
            assert_eq!(*read.checkpoint(), checkpoint());
            let key = JournalKey::new(signer.public_key().clone());
            assert!(read.is_signed_by(&key));
            assert!(!read.is_signed_by(&other));
        }
    }

    #[test]
    fn no_byte_of_a_note_can_change() {
        for signer in keys() {
            let key = JournalKey::new(signer.public_key().clone());
            let note = checkpoint()
                .sign(&signer)
                .unwrap()
                .note()
                .as_bytes()
                .to_vec();
            for at in 0..note.len() {
                for bit in 0..8 {
                    let mut other = note.clone();
                    other[at] ^= 1 << bit;
                    let accepted =
                        SignedCheckpoint::parse(&other).is_ok_and(|n| n.is_signed_by(&key));
                    assert!(!accepted, "byte {at}, bit {bit}");
                }
            }
        }
    }

    #[test]
    fn a_witness_may_add_its_line() {
        let signer = SoftwareKey::generate(hsm_pkcs11::KeySpec::ED25519).unwrap();
        let mut note = checkpoint().sign(&signer).unwrap().note().to_owned();
        note.push_str("\u{2014} witness.example AAAAAAAA\n");
        let read = SignedCheckpoint::parse(note.as_bytes()).unwrap();
        assert!(read.is_signed_by(&JournalKey::new(signer.public_key().clone())));
    }

    proptest! {
        #[test]
        fn strange_notes_are_refused_without_panic(note in "\\PC{0,40}(\n\\PC{0,40}){0,8}") {
            prop_assert!(SignedCheckpoint::parse(note.as_bytes()).is_err());
        }

        #[test]
        fn strange_bytes_are_refused_without_panic(note in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(SignedCheckpoint::parse(&note).is_err());
        }
    }
}

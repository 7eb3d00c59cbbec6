//! The standard security handler (ISO 32000-2, 7.6.4): from a password to the file key.

use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::cipher;
use crate::{AuthenticatedAs, PdfError};

/// The values of the encryption dictionary that the key depends on.
pub(super) struct Standard {
    pub(super) revision: i64,
    pub(super) key_bytes: usize,
    pub(super) owner: Vec<u8>,
    pub(super) user: Vec<u8>,
    pub(super) owner_key: Vec<u8>,
    pub(super) user_key: Vec<u8>,
    pub(super) permissions: i32,
    pub(super) encrypt_metadata: bool,
    /// The first element of `/ID`.
    pub(super) file_id: Vec<u8>,
}

pub(super) type FileKey = Zeroizing<Vec<u8>>;

/// The padding of algorithm 2.
const PAD: [u8; 32] = [
    0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08,
    0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
];

impl Standard {
    /// The file key, if this is the owner's or the user's password.
    pub(super) fn open(
        &self,
        password: &[u8],
    ) -> Result<Option<(FileKey, AuthenticatedAs)>, PdfError> {
        if self.revision >= 5 {
            return self.open_with_hash(password);
        }
        if let Some(key) = self.try_user(password)? {
            // An empty user password may be the owner's as well; the user's rights are the safer claim.
            return Ok(Some((key, AuthenticatedAs::User)));
        }
        let as_user = self.user_password_from_owner(password)?;
        Ok(self
            .try_user(&as_user)?
            .map(|key| (key, AuthenticatedAs::Owner)))
    }

    /// Algorithms 2 and 6.
    fn try_user(&self, password: &[u8]) -> Result<Option<FileKey>, PdfError> {
        let key = self.key_from_user(password);
        let matches = if self.revision == 2 {
            cipher::rc4(&key, &PAD)?.get(..32) == self.user.get(..32)
        } else {
            let mut check = Md5::new_with_prefix(PAD)
                .chain_update(&self.file_id)
                .finalize()
                .to_vec();
            for round in 0..20u8 {
                let round_key: Zeroizing<Vec<u8>> =
                    Zeroizing::new(key.iter().map(|b| b ^ round).collect());
                check = cipher::rc4(&round_key, &check)?;
            }
            self.user.get(..16) == check.get(..16)
        };
        Ok(matches.then_some(key))
    }

    /// Algorithm 2.
    fn key_from_user(&self, password: &[u8]) -> FileKey {
        let mut hash = Md5::new_with_prefix(padded(password))
            .chain_update(self.owner.get(..32).unwrap_or(&self.owner))
            .chain_update(self.permissions.to_le_bytes())
            .chain_update(&self.file_id);
        if self.revision >= 4 && !self.encrypt_metadata {
            hash.update([0xff; 4]);
        }
        let mut key = Zeroizing::new(hash.finalize().to_vec());
        if self.revision >= 3 {
            for _ in 0..50 {
                key.truncate(self.key_bytes);
                *key = Md5::digest(&*key).to_vec();
            }
        }
        key.truncate(self.key_bytes);
        key
    }

    /// Algorithm 7, the first steps: the owner entry holds the padded user password.
    fn user_password_from_owner(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, PdfError> {
        let mut key = Zeroizing::new(Md5::digest(padded(password)).to_vec());
        if self.revision >= 3 {
            for _ in 0..50 {
                *key = Md5::digest(&*key).to_vec();
            }
        }
        key.truncate(self.key_bytes);
        let mut user = Zeroizing::new(self.owner.get(..32).unwrap_or(&self.owner).to_vec());
        let rounds = if self.revision == 2 { 0..1 } else { 0..20u8 };
        for round in rounds.rev() {
            let round_key: Zeroizing<Vec<u8>> =
                Zeroizing::new(key.iter().map(|b| b ^ round).collect());
            *user = cipher::rc4(&round_key, &user)?;
        }
        Ok(user)
    }

    /// Algorithm 2.A.
    fn open_with_hash(
        &self,
        password: &[u8],
    ) -> Result<Option<(FileKey, AuthenticatedAs)>, PdfError> {
        let password = password.get(..127).unwrap_or(password);
        let (Some(owner), Some(user)) = (self.owner.get(..48), self.user.get(..48)) else {
            return Err(PdfError::Encryption {
                why: "/O or /U is too short",
            });
        };
        let attempts = [
            (user, &self.user_key, &[][..], AuthenticatedAs::User),
            (owner, &self.owner_key, user, AuthenticatedAs::Owner),
        ];
        for (entry, wrapped, context, who) in attempts {
            let (hash, salts) = entry.split_at(32);
            let (validation, key_salt) = salts.split_at(8);
            if *self.hash(password, validation, context)? != *hash {
                continue;
            }
            let intermediate = self.hash(password, key_salt, context)?;
            let wrapped = wrapped.get(..32).ok_or(PdfError::Encryption {
                why: "/OE or /UE is too short",
            })?;
            let key = cipher::aes_cbc_open(&intermediate, &[0; 16], wrapped)?;
            return Ok(Some((Zeroizing::new(key), who)));
        }
        Ok(None)
    }

    /// SHA-256 in revision 5, algorithm 2.B in revision 6.
    fn hash(
        &self,
        password: &[u8],
        salt: &[u8],
        context: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, PdfError> {
        let first = Sha256::new_with_prefix(password)
            .chain_update(salt)
            .chain_update(context)
            .finalize();
        let mut hash = Zeroizing::new(first.to_vec());
        if self.revision == 5 {
            return Ok(hash);
        }
        let mut round = 0u32;
        loop {
            let unit = [password, &hash, context].concat();
            let input = Zeroizing::new(unit.repeat(64));
            let (key, iv) = (
                hash.get(..16).unwrap_or_default(),
                hash.get(16..32).unwrap_or_default(),
            );
            let mixed = Zeroizing::new(cipher::aes128_cbc_seal(key, iv, &input)?);
            let modulus = mixed.iter().take(16).map(|&b| u32::from(b)).sum::<u32>() % 3;
            *hash = match modulus {
                0 => Sha256::digest(&*mixed).to_vec(),
                1 => Sha384::digest(&*mixed).to_vec(),
                _ => Sha512::digest(&*mixed).to_vec(),
            };
            round += 1;
            let last = mixed.last().copied().unwrap_or_default();
            if round >= 64 && u32::from(last) <= round - 32 {
                hash.truncate(32);
                return Ok(hash);
            }
        }
    }
}

fn padded(password: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    for (out, &byte) in out.iter_mut().zip(password.iter().chain(&PAD)) {
        *out = byte;
    }
    out
}

//! How PKCS#12 makes keys of passwords (RFC 7292 appendix B), and what older programs encrypted with them
//! (appendix C): 3DES and RC2. For reading only.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, InnerIvInit as _, KeyInit as _, KeyIvInit as _};
use der::Sequence;
use der::asn1::OctetString;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_crypto::DigestAlgorithm;
use secrecy::{ExposeSecret as _, SecretString};
use spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

/// A password as BMPString with its terminator (appendix B.1).
pub(super) struct Password(Zeroizing<Vec<u8>>);

impl Password {
    /// Characters beyond the BMP as UTF-16, as every program does.
    pub(super) fn of(passphrase: &SecretString) -> Self {
        let text = passphrase.expose_secret();
        let mut out = Zeroizing::new(Vec::with_capacity(2 * text.len() + 2));
        for unit in text.encode_utf16().chain([0]) {
            out.extend_from_slice(&unit.to_be_bytes());
        }
        Self(out)
    }

    /// No password at all, not even an empty one.
    pub(super) fn none() -> Self {
        Self(Zeroizing::default())
    }
}

/// What derived octets are for (appendix B.3).
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

/// The key derivation of appendix B.2.
pub(super) fn derive(
    digest: DigestAlgorithm,
    purpose: Purpose,
    password: &Password,
    salt: &[u8],
    iterations: u32,
    len: usize,
) -> Zeroizing<Vec<u8>> {
    let block = match digest.output_len() {
        0..=32 => 64,
        _ => 128,
    };
    let fill = |bytes: &[u8]| -> Zeroizing<Vec<u8>> {
        let len = bytes.len().div_ceil(block) * block;
        Zeroizing::new(bytes.iter().copied().cycle().take(len).collect())
    };
    let mut input = fill(salt);
    input.extend_from_slice(&fill(&password.0));
    let mut out = Zeroizing::new(Vec::with_capacity(len + 64));
    loop {
        let mut hasher = digest.hasher();
        hasher.update(&vec![purpose as u8; block]);
        hasher.update(&input);
        let mut a = hasher.finish();
        for _ in 1..iterations {
            a = digest.digest(a.as_bytes());
        }
        out.extend_from_slice(a.as_bytes());
        if out.len() >= len {
            out.truncate(len);
            return out;
        }
        // Each block of the input grows by one block of the output, and one.
        let b: Zeroizing<Vec<u8>> =
            Zeroizing::new(a.as_bytes().iter().copied().cycle().take(block).collect());
        for piece in input.chunks_mut(block) {
            let mut carry = 1_u16;
            for (x, y) in piece.iter_mut().zip(b.iter()).rev() {
                carry += u16::from(*x) + u16::from(*y);
                *x = carry as u8;
                carry >>= 8;
            }
        }
    }
}

/// `pkcs-12PbeParams` (appendix C).
#[derive(Sequence)]
pub(super) struct Parameters {
    salt: OctetString,
    iterations: u32,
}

impl Parameters {
    pub(super) fn of(algorithm: &AlgorithmIdentifierOwned) -> Option<Self> {
        algorithm.parameters.as_ref()?.decode_as().ok()
    }

    /// Digests to be computed: a key of 3DES takes two blocks of SHA-1.
    pub(super) fn work(&self, scheme: Scheme) -> u64 {
        let blocks = match scheme {
            Scheme::TripleDes => 3,
            Scheme::Rc2 { .. } => 2,
        };
        u64::from(self.iterations) * blocks
    }
}

/// An encryption of appendix C, always with SHA-1.
#[derive(Clone, Copy)]
pub(super) enum Scheme {
    TripleDes,
    Rc2 { key_len: usize },
}

impl Scheme {
    pub(super) fn of(oid: &ObjectIdentifier) -> Option<Self> {
        match *oid {
            oid::PBE_SHA1_3DES => Some(Self::TripleDes),
            oid::PBE_SHA1_RC2_128 => Some(Self::Rc2 { key_len: 16 }),
            oid::PBE_SHA1_RC2_40 => Some(Self::Rc2 { key_len: 5 }),
            _ => None,
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::TripleDes => "3DES",
            Self::Rc2 { .. } => "RC2",
        }
    }

    /// The plain text; `None` where its padding says that the password is another.
    pub(super) fn decrypt(
        self,
        password: &Password,
        parameters: &Parameters,
        bytes: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let make = |purpose, len| {
            let (salt, iterations) = (parameters.salt.as_bytes(), parameters.iterations);
            derive(
                DigestAlgorithm::Sha1,
                purpose,
                password,
                salt,
                iterations,
                len,
            )
        };
        let iv = make(Purpose::Iv, 8);
        let plain = match self {
            Self::TripleDes => {
                let key = make(Purpose::Key, 24);
                cbc::Decryptor::<des::TdesEde3>::new_from_slices(&key, &iv)
                    .ok()?
                    .decrypt_padded_vec::<Pkcs7>(bytes)
            }
            Self::Rc2 { key_len } => {
                let key = make(Purpose::Key, key_len);
                // Its effective length is its length, which is what this constructor takes.
                let cipher = rc2::Rc2::new_from_slice(&key).ok()?;
                cbc::Decryptor::inner_iv_slice_init(cipher, &iv)
                    .ok()?
                    .decrypt_padded_vec::<Pkcs7>(bytes)
            }
        };
        plain.map(Zeroizing::new).ok()
    }
}

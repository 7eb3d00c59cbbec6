//! Keys in files: encrypted PKCS#8 in PEM, written and read; PKCS#12 and what openssl leaves behind,
//! read only. And files that say in which token the key is.

mod budget;
mod pkcs12;
mod pkcs8;
mod reference;
mod write;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use pki_asn1::Certificate;
use pki_asn1::pem;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::error::KeyError;
use crate::open::{OpenOptions, OpenedKey};
use crate::pin::{PinPurpose, PinRequest, PinSource};
use crate::signer::{KeySpec, Signer as _};
use crate::software::SoftwareKey;

pub use self::reference::{KeyReference, ReferenceError};

/// Largest key file read, in bytes.
const MAX_LEN: u64 = 4 << 20;

pub(crate) fn open(
    path: &Path,
    pin: &PinSource,
    options: &OpenOptions,
) -> Result<OpenedKey, KeyError> {
    let bytes = read(path)?;
    let Some(reference) = KeyReference::of(path, &bytes)? else {
        return open_bytes(path, &bytes, pin, options);
    };
    crate::pkcs11::open(reference.uri(), pin, options).map_err(|source| KeyError::Referenced {
        path: path.to_owned(),
        uri: reference.uri().to_string(),
        source: Box::new(source),
    })
}

/// Opens a key file whose content is already in memory; `path` is its name in errors and prompts. A
/// reference to a key in a token is not followed.
///
/// # Errors
/// As [`crate::open`].
pub fn open_bytes(
    path: &Path,
    bytes: &[u8],
    pin: &PinSource,
    options: &OpenOptions,
) -> Result<OpenedKey, KeyError> {
    let context = Context { path, pin };
    let found = if pem::is_pem(bytes) {
        pkcs8::read_pem(&context, bytes)?
    } else if pkcs12::looks_like(bytes) {
        pkcs12::read(&context, bytes, &options.which)?
    } else {
        pkcs8::read_der(&context, bytes)?
    };
    let unusable = |source| KeyError::Key {
        path: path.to_owned(),
        source,
    };
    let key = SoftwareKey::from_pkcs8(&found.key, None).map_err(unusable)?;
    let kind = key.public_key().kind();
    let algorithm = options.algorithm_of(kind)?;
    if !KeySpec::fits(kind, algorithm) {
        return Err(KeyError::AlgorithmMismatch {
            key: kind,
            algorithm,
        });
    }
    let key = key.with_algorithm(algorithm).map_err(unusable)?;
    let certificates = own_first(found.certificates, key.public_key().spki_der());
    Ok(OpenedKey {
        signer: Arc::new(key),
        certificates,
        attributes: None,
    })
}

pub(crate) fn generate(path: &Path, spec: KeySpec, pin: &PinSource) -> Result<OpenedKey, KeyError> {
    write::refuse_existing(path)?;
    let context = Context { path, pin };
    let passphrase = context.passphrase(PinPurpose::ProtectFile)?;
    let key = SoftwareKey::generate(spec).map_err(KeyError::Generate)?;
    let der = key.to_pkcs8().map_err(KeyError::Generate)?;
    let text = pkcs8::encrypt(&context, &der, &passphrase)?;
    write::create(path, text.as_bytes())?;
    Ok(OpenedKey {
        signer: Arc::new(key),
        certificates: Vec::new(),
        attributes: None,
    })
}

/// What a key file holds: the `PrivateKeyInfo` (DER) and certificates in the file's order.
pub(crate) struct Found {
    pub(crate) key: Zeroizing<Vec<u8>>,
    pub(crate) certificates: Vec<Vec<u8>>,
}

/// The file being read or written, and where its passphrase comes from.
pub(crate) struct Context<'a> {
    path: &'a Path,
    pin: &'a PinSource,
}

impl Context<'_> {
    fn passphrase(&self, purpose: PinPurpose) -> Result<SecretString, KeyError> {
        self.pin
            .get(&PinRequest::for_file(self.path, purpose))?
            // A new file under an empty passphrase would be as good as unencrypted.
            .filter(|p| purpose == PinPurpose::OpenFile || !p.expose_secret().is_empty())
            .ok_or_else(|| KeyError::PassphraseRequired(self.path.to_owned()))
    }

    fn damaged(&self, reason: impl Into<String>) -> KeyError {
        KeyError::Damaged {
            path: self.path.to_owned(),
            reason: reason.into(),
        }
    }

    fn wrong_passphrase(&self) -> KeyError {
        KeyError::WrongPassphrase(self.path.to_owned())
    }
}

fn warn_unencrypted(context: &Context<'_>) {
    tracing::warn!(
        file = %context.path.display(),
        "the private key is not encrypted; anybody who reads the file can sign"
    );
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => KeyError::FileMissing(path.to_owned()),
        _ => KeyError::Read {
            path: path.to_owned(),
            source,
        },
    };
    let file = File::open(path).map_err(failed)?;
    let expected = file.metadata().map_err(failed)?.len().min(MAX_LEN);
    let mut bytes = Zeroizing::new(Vec::with_capacity(expected as usize + 1));
    file.take(MAX_LEN + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_LEN {
        return Err(KeyError::FileTooLarge {
            path: path.to_owned(),
            limit: MAX_LEN,
        });
    }
    Ok(bytes)
}

/// Moves the certificate with the key's own public key to the front and drops repetitions.
pub(crate) fn own_first(certificates: Vec<Vec<u8>>, spki: &[u8]) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::with_capacity(certificates.len());
    for der in certificates {
        if !out.contains(&der) {
            out.push(der);
        }
    }
    let own = out
        .iter()
        .position(|der| Certificate::from_der(der.as_slice()).is_ok_and(|c| c.spki_der() == spki));
    if let Some(at) = own {
        out[..=at].rotate_right(1);
    }
    out
}

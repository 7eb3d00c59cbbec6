//! PKCS#8 private keys (RFC 5958) in PEM or DER, encrypted with PBES2 (RFC 8018 section 6.2).

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use der::asn1::OctetStringRef;
use der::{Decode as _, Encode as _};
use pkcs5::pbes2;
use pkcs5::{EncryptionScheme, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use pki_asn1::pem;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::budget::Budget;
use super::{Context, Found};
use crate::error::KeyError;
use crate::pin::PinPurpose;

/// scrypt parameters of the files we write: 16 MiB, five times over. It is the strongest of the
/// equivalents in OWASP's list that openssl opens, which stops at 32 MiB.
const SCRYPT_LOG_N: u8 = 14;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 5;

/// Reads all PEM blocks: one private key and any number of certificates.
pub(super) fn read_pem(context: &Context<'_>, bytes: &[u8]) -> Result<Found, KeyError> {
    let mut keys = Vec::new();
    let mut certificates = Vec::new();
    let mut labels = Vec::new();
    for block in pem::blocks(bytes).map_err(|e| context.damaged(e.to_string()))? {
        match block.label.as_str() {
            "CERTIFICATE" => certificates.push(block.der),
            "ENCRYPTED PRIVATE KEY" | "PRIVATE KEY" | "EC PRIVATE KEY" | "RSA PRIVATE KEY" => {
                keys.push((block.label, Zeroizing::new(block.der)));
            }
            _ => labels.push(block.label),
        }
    }
    if keys.len() > 1 {
        return Err(KeyError::SeveralKeysInFile {
            path: context.path.to_owned(),
            count: keys.len(),
        });
    }
    let Some((label, der)) = keys.pop() else {
        if !certificates.is_empty() {
            labels.insert(0, "CERTIFICATE".into());
        }
        return Err(KeyError::NoKeyInFile {
            path: context.path.to_owned(),
            found: format!("only {}", labels.join(", ")),
        });
    };
    let key = match label.as_str() {
        "ENCRYPTED PRIVATE KEY" => decrypt(context, &der)?,
        _ => {
            warn_unencrypted(context);
            der
        }
    };
    Ok(Found { key, certificates })
}

/// Reads one DER value: an encrypted or a plain PKCS#8 key.
pub(super) fn read_der(context: &Context<'_>, bytes: &[u8]) -> Result<Found, KeyError> {
    let key = if EncryptedPrivateKeyInfoRef::from_der(bytes).is_ok() {
        decrypt(context, bytes)?
    } else if PrivateKeyInfoRef::from_der(bytes).is_ok() {
        warn_unencrypted(context);
        Zeroizing::new(bytes.to_vec())
    } else {
        return Err(KeyError::NoKeyInFile {
            path: context.path.to_owned(),
            found: "neither PEM, PKCS#12 nor PKCS#8".into(),
        });
    };
    Ok(Found {
        key,
        certificates: Vec::new(),
    })
}

/// Encrypts a `PrivateKeyInfo` (DER) into the PEM we write: PBES2, scrypt, AES-256-CBC.
pub(super) fn encrypt(
    context: &Context<'_>,
    der: &[u8],
    passphrase: &SecretString,
) -> Result<String, KeyError> {
    let failed = |_| context.damaged("the key cannot be encrypted");
    let random = SystemRandom::new();
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    random.fill(&mut salt).map_err(|_| failed(()))?;
    random.fill(&mut iv).map_err(|_| failed(()))?;
    let cost = scrypt::Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P).map_err(|_| failed(()))?;
    let parameters =
        pbes2::Parameters::generate_scrypt_aes256cbc(cost, &salt, iv).map_err(|_| failed(()))?;
    let encrypted = parameters
        .encrypt(passphrase.expose_secret(), der)
        .map_err(|_| failed(()))?;
    let info = EncryptedPrivateKeyInfoRef {
        encryption_algorithm: parameters.into(),
        encrypted_data: OctetStringRef::new(&encrypted).map_err(|_| failed(()))?,
    };
    let der = info.to_der().map_err(|_| failed(()))?;
    pem::encode("ENCRYPTED PRIVATE KEY", &der).map_err(|_| failed(()))
}

fn decrypt(context: &Context<'_>, der: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let info = EncryptedPrivateKeyInfoRef::from_der(der)
        .map_err(|e| context.damaged(format!("not an EncryptedPrivateKeyInfo: {e}")))?;
    let passphrase = context.passphrase(PinPurpose::OpenFile)?;
    let parameters = match &info.encryption_algorithm {
        EncryptionScheme::Pbes2(parameters) => parameters,
        other => {
            return Err(KeyError::UnsupportedProtection {
                path: context.path.to_owned(),
                scheme: other.oid().to_string(),
                convert: Some("openssl pkcs8".into()),
            });
        }
    };
    Budget::new()
        .spend(&parameters.kdf)
        .map_err(|reason| KeyError::TooCostly {
            path: context.path.to_owned(),
            reason,
        })?;
    let key = parameters
        .decrypt(passphrase.expose_secret(), info.encrypted_data.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| context.wrong_passphrase())?;
    // CBC padding passes by chance once in 256 wrong passphrases.
    if PrivateKeyInfoRef::from_der(&key).is_err() {
        return Err(context.wrong_passphrase());
    }
    Ok(key)
}

fn warn_unencrypted(context: &Context<'_>) {
    tracing::warn!(
        file = %context.path.display(),
        "the private key is not encrypted; anybody who reads the file can sign"
    );
}

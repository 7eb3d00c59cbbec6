//! PKCS#8 private keys (RFC 5958) in PEM or DER, encrypted with PBES2 (RFC 8018 section 6.2).

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use der::asn1::{OctetString, OctetStringRef};
use der::{Decode as _, Encode as _};
use pkcs5::pbes2::{self, Pbkdf2Prf};
use pkcs5::{EncryptionScheme, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use pki_asn1::{oid, pem};
use secrecy::{ExposeSecret as _, SecretString};
use spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::budget::Budget;
use super::{Context, Found, warn_unencrypted};
use crate::error::KeyError;
use crate::pin::PinPurpose;

/// scrypt parameters of the files we write, as `openssl pkcs8 -scrypt` writes them: 16 MiB, some
/// 50 ms. openssl opens nothing above 32 MiB, and a key file is opened by every command.
const SCRYPT_LOG_N: u8 = 14;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 1;

/// Reads all PEM blocks: one private key and any number of certificates.
pub(super) fn read_pem(context: &Context<'_>, bytes: &[u8]) -> Result<Found, KeyError> {
    // RFC 1421 headers: openssl before 1.0 encrypted so, with one round of MD5.
    if bytes.windows(10).any(|w| w == b"Proc-Type:") {
        return Err(KeyError::UnsupportedProtection {
            path: context.path.to_owned(),
            scheme: "the PEM encryption of RFC 1421".into(),
            convert: Some(format!(
                "openssl pkcs8 -in {} -topk8 -v2 aes-256-cbc -scrypt -out new.pem",
                context.path.display()
            )),
        });
    }
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
            names: Vec::new(),
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
            match label.as_str() {
                "EC PRIVATE KEY" => sec1_to_pkcs8(&der),
                "RSA PRIVATE KEY" => pkcs1_to_pkcs8(&der),
                _ => Ok(der),
            }
            .map_err(|e| context.damaged(format!("{label}: {e}")))?
        }
    };
    Ok(Found { key, certificates })
}

/// What is in a file that holds no key.
fn what(bytes: &[u8]) -> &'static str {
    match bytes.trim_ascii() {
        [] => "it is empty",
        // A reference to a reference, for one.
        line if !line.contains(&b'\n') && line.iter().all(|b| (b' '..=b'~').contains(b)) => {
            "a line of text that is no pkcs11: URI"
        }
        _ => "neither PEM, PKCS#12, PKCS#8 nor a pkcs11: URI",
    }
}

/// Reads one DER value: an encrypted or a plain PKCS#8 key.
pub(super) fn read_der(context: &Context<'_>, bytes: &[u8]) -> Result<Found, KeyError> {
    let key = if Encrypted::from_der(bytes).is_ok() {
        decrypt(context, bytes)?
    } else if PrivateKeyInfoRef::from_der(bytes).is_ok() {
        warn_unencrypted(context);
        Zeroizing::new(bytes.to_vec())
    } else {
        return Err(KeyError::NoKeyInFile {
            path: context.path.to_owned(),
            found: what(bytes).into(),
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
    let info = Encrypted::from_der(der)
        .map_err(|e| context.damaged(format!("not an EncryptedPrivateKeyInfo: {e}")))?;
    if info.algorithm.oid != oid::PBES2 {
        return Err(unsupported(context, &info.algorithm.oid));
    }
    let parameters = pbes2(context, &info.algorithm)?;
    Budget::new()
        .spend(&parameters.kdf)
        .map_err(|reason| KeyError::TooCostly {
            path: context.path.to_owned(),
            reason,
        })?;
    let passphrase = context.passphrase(PinPurpose::OpenFile)?;
    let key = parameters
        .decrypt(passphrase.expose_secret(), info.data.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| context.wrong_passphrase())?;
    // CBC padding passes by chance once in 256 wrong passphrases.
    if PrivateKeyInfoRef::from_der(&key).is_err() {
        return Err(context.wrong_passphrase());
    }
    Ok(key)
}

/// `EncryptedPrivateKeyInfo` (RFC 5958 section 3) with any algorithm, so that one we do not know can
/// be named.
#[derive(der::Sequence)]
struct Encrypted {
    algorithm: AlgorithmIdentifierOwned,
    data: OctetString,
}

/// The parameters of a PBES2 identifier, of which only what is still strong is accepted.
pub(super) fn pbes2(
    context: &Context<'_>,
    algorithm: &AlgorithmIdentifierOwned,
) -> Result<pbes2::Parameters, KeyError> {
    let damaged = |e: der::Error| context.damaged(format!("PBES2 parameters: {e}"));
    let der = algorithm.to_der().map_err(damaged)?;
    let scheme = EncryptionScheme::from_der(&der).map_err(|error| {
        #[derive(der::Sequence)]
        struct Pbes2Parameters {
            kdf: AlgorithmIdentifierOwned,
            cipher: AlgorithmIdentifierOwned,
        }
        // Broken, or known to nobody here: then by its name.
        match algorithm.parameters.as_ref().map(der::asn1::Any::decode_as) {
            Some(Ok(Pbes2Parameters { kdf, .. })) if !is_known(&kdf.oid) => {
                unsupported(context, &kdf.oid)
            }
            Some(Ok(Pbes2Parameters { cipher, .. })) if !is_known(&cipher.oid) => {
                unsupported(context, &cipher.oid)
            }
            _ => damaged(error),
        }
    })?;
    let EncryptionScheme::Pbes2(parameters) = scheme else {
        return Err(unsupported(context, &algorithm.oid));
    };
    let weak = match parameters.kdf.pbkdf2().map(|p| p.prf) {
        Some(prf @ (Pbkdf2Prf::HmacWithSha1 | Pbkdf2Prf::HmacWithSha224)) => Some(prf.oid()),
        _ => None,
    };
    match (weak, &parameters.encryption) {
        (Some(prf), _) => Err(unsupported(context, &prf)),
        (
            None,
            pbes2::EncryptionScheme::Aes128Cbc { .. }
            | pbes2::EncryptionScheme::Aes192Cbc { .. }
            | pbes2::EncryptionScheme::Aes256Cbc { .. },
        ) => Ok(parameters),
        (None, other) => Err(unsupported(context, &other.oid())),
    }
}

/// Whether the algorithm is one that a PBES2 file may use.
fn is_known(algorithm: &oid::ObjectIdentifier) -> bool {
    [
        pbes2::PBKDF2_OID,
        pbes2::SCRYPT_OID,
        pbes2::AES_128_CBC_OID,
        pbes2::AES_192_CBC_OID,
        pbes2::AES_256_CBC_OID,
    ]
    .contains(algorithm)
}

fn unsupported(context: &Context<'_>, algorithm: &oid::ObjectIdentifier) -> KeyError {
    let file = context.path.display();
    KeyError::UnsupportedProtection {
        path: context.path.to_owned(),
        scheme: oid::label(algorithm).map_or_else(|| algorithm.to_string(), str::to_owned),
        convert: Some(format!(
            "openssl pkcs8 -in {file} -topk8 -v2 aes-256-cbc -scrypt -out new.pem"
        )),
    }
}

/// `ECPrivateKey` (RFC 5915 section 3), whose curve must be named in it, as PKCS#8.
fn sec1_to_pkcs8(der: &[u8]) -> der::Result<Zeroizing<Vec<u8>>> {
    #[derive(der::Sequence)]
    struct EcPrivateKey<'a> {
        version: u8,
        private_key: &'a OctetStringRef,
        #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
        curve: Option<oid::ObjectIdentifier>,
        #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
        public_key: Option<der::asn1::BitStringRef<'a>>,
    }
    let key = EcPrivateKey::from_der(der)?;
    let curve = key.curve.ok_or(der::ErrorKind::Failed)?;
    let algorithm = spki::AlgorithmIdentifierRef {
        oid: oid::EC_PUBLIC_KEY,
        parameters: Some((&curve).into()),
    };
    wrap(algorithm, der)
}

/// `RSAPrivateKey` (RFC 8017 appendix A.1.2) as PKCS#8.
fn pkcs1_to_pkcs8(der: &[u8]) -> der::Result<Zeroizing<Vec<u8>>> {
    let algorithm = spki::AlgorithmIdentifierRef {
        oid: oid::RSA_ENCRYPTION,
        parameters: Some(der::asn1::AnyRef::NULL),
    };
    wrap(algorithm, der)
}

fn wrap(
    algorithm: spki::AlgorithmIdentifierRef<'_>,
    key: &[u8],
) -> der::Result<Zeroizing<Vec<u8>>> {
    let info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(key)?);
    info.to_der().map(Zeroizing::new)
}

//! PKCS#12 (RFC 7292), read only: the private key and the certificates of a `.p12` or `.pfx`.
//!
//! The modern profile: PBES2 with AES, integrity by HMAC under the PKCS#12 key derivation or by PBMAC1
//! (RFC 9579). And what older programs wrote ([`pbe`]): 3DES and RC2, with a warning, because such a file
//! protects its key badly. In DER or in BER; integrity is checked before anything is decrypted.

mod choose;
mod pbe;

use aws_lc_rs::{hmac, pbkdf2};
use core::num::NonZeroU32;
use der::asn1::{Any, AnyRef, BmpString, ContextSpecific, OctetString, SetOfVec};
use der::{
    Decode as _, Encode as _, Reader as _, Sequence, SliceReader, Tag, TagNumber, Tagged as _,
};
use pkcs5::pbes2::{Kdf, Pbkdf2Prf};
use pki_asn1::ber;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_crypto::DigestAlgorithm;
use secrecy::{ExposeSecret as _, SecretString};
use spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use self::choose::Candidate;
use self::pbe::Password;
use super::budget::Budget;
use super::{Context, Found, warn_unencrypted};
use crate::error::KeyError;
use crate::open::Which;
use crate::pin::PinPurpose;

/// How deep bags may nest.
const MAX_DEPTH: u32 = 3;
/// Most bags read from one file.
const MAX_BAGS: usize = 200;
/// Nesting and values of BER.
const BER: ber::Budget = ber::Budget {
    depth: 32,
    values: 20_000,
};

/// `PFX` as defined in RFC 7292 section 4.
#[derive(Sequence)]
struct Pfx {
    version: u8,
    auth_safe: ContentInfo,
    #[asn1(optional = "true")]
    mac_data: Option<MacData>,
}

/// `ContentInfo` as defined in RFC 5652 section 3.
#[derive(Sequence)]
struct ContentInfo {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    content: Option<Any>,
}

/// `MacData` as defined in RFC 7292 section 4.
#[derive(Sequence)]
struct MacData {
    mac: DigestInfo,
    mac_salt: OctetString,
    #[asn1(optional = "true")]
    iterations: Option<u32>,
}

#[derive(Sequence)]
struct DigestInfo {
    algorithm: AlgorithmIdentifierOwned,
    digest: OctetString,
}

/// `EncryptedData` (RFC 5652 section 8) as far as PKCS#12 uses it.
#[derive(Sequence)]
struct EncryptedData {
    version: u8,
    content: EncryptedContentInfo,
}

#[derive(Sequence)]
struct EncryptedContentInfo {
    content_type: ObjectIdentifier,
    algorithm: AlgorithmIdentifierOwned,
    encrypted: Option<Any>,
}

impl EncryptedContentInfo {
    /// `[0] IMPLICIT OCTET STRING`, in one piece or in several (BER).
    fn octets(&self) -> Option<Vec<u8>> {
        let any = self.encrypted.as_ref()?;
        match any.tag() {
            Tag::ContextSpecific {
                constructed: false,
                number: TagNumber(0),
            } => Some(any.value().to_vec()),
            Tag::ContextSpecific {
                constructed: true,
                number: TagNumber(0),
            } => {
                let mut reader = SliceReader::new(any.value()).ok()?;
                let mut out = Vec::new();
                while !reader.is_finished() {
                    out.extend_from_slice(OctetString::decode(&mut reader).ok()?.as_bytes());
                }
                Some(out)
            }
            _ => None,
        }
    }
}

/// `PBMAC1-params` as defined in RFC 8018 appendix A.5.
#[derive(Sequence)]
struct Pbmac1Parameters {
    key_derivation: AlgorithmIdentifierOwned,
    scheme: AlgorithmIdentifierOwned,
}

/// `EncryptedPrivateKeyInfo` (RFC 5958 section 3) with any algorithm, so that one we do not know can
/// be named.
#[derive(Sequence)]
struct Shrouded {
    algorithm: AlgorithmIdentifierOwned,
    encrypted: OctetString,
}

/// `CertBag` as defined in RFC 7292 section 4.2.3.
#[derive(Sequence)]
struct CertBag {
    cert_id: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: OctetString,
}

/// Whether the bytes begin like a PFX: a SEQUENCE that begins with INTEGER 3.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    let begins = |bytes: &[u8]| -> der::Result<bool> {
        let mut reader = SliceReader::new(bytes)?;
        der::Header::decode(&mut reader)?;
        Ok(u8::decode(&mut reader)? == 3)
    };
    // BER with indefinite length: 30 80 02 01 03.
    begins(bytes).unwrap_or(false) || bytes.starts_with(&[0x30, 0x80, 2, 1, 3])
}

/// Reads a PFX; of several keys, the one that is meant.
pub(super) fn read(context: &Context<'_>, bytes: &[u8], which: &Which) -> Result<Found, KeyError> {
    let bytes = in_der(context, bytes)?;
    let pfx = Pfx::from_der(&bytes).map_err(|e| malformed(context, "PFX", &e))?;
    if pfx.auth_safe.content_type != oid::CT_DATA {
        return Err(unsupported(
            context,
            "a public-key signature for integrity".into(),
        ));
    }
    let safe = data(context, &pfx.auth_safe)?;
    let passphrase = context.passphrase(PinPurpose::OpenFile)?;
    let mut reader = Bags {
        context,
        password: Password::of(&passphrase),
        passphrase: &passphrase,
        budget: Budget::new(),
        keys: Vec::new(),
        certificates: Vec::new(),
        bags: 0,
        old: None,
    };
    match &pfx.mac_data {
        Some(mac) => reader.check_mac(mac, &safe)?,
        None => tracing::warn!(
            file = %context.path.display(),
            "the PKCS#12 file has no integrity protection"
        ),
    }
    let safe = in_der(context, &safe)?;
    let parts = Vec::<ContentInfo>::from_der(&safe);
    for part in parts.map_err(|e| malformed(context, "AuthenticatedSafe", &e))? {
        reader.part(&part)?;
    }
    if let Some(scheme) = reader.old {
        tracing::warn!(
            file = %context.path.display(),
            "the file protects its key with {scheme}, which is weak; export it anew with AES"
        );
    }
    let certificates = reader.certificates;
    if reader.keys.is_empty() {
        return Err(KeyError::NoKeyInFile {
            path: context.path.to_owned(),
            found: format!("only {} certificates", certificates.len()),
        });
    }
    let key = choose::choose(context.path, reader.keys, which)?;
    Ok(Found { key, certificates })
}

/// The value with definite lengths, whatever it came in.
fn in_der(context: &Context<'_>, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let normal = ber::normalize(bytes, BER).map_err(|error| context.damaged(error.to_string()))?;
    if normal.consumed != bytes.len() {
        return Err(context.damaged("bytes follow the PKCS#12 structure"));
    }
    Ok(Zeroizing::new(normal.der))
}

struct Bags<'a> {
    context: &'a Context<'a>,
    passphrase: &'a SecretString,
    password: Password,
    budget: Budget,
    keys: Vec<Candidate>,
    certificates: Vec<Vec<u8>>,
    bags: usize,
    /// A scheme of older programs that was met.
    old: Option<&'static str>,
}

impl Bags<'_> {
    fn part(&mut self, part: &ContentInfo) -> Result<(), KeyError> {
        let context = self.context;
        match part.content_type {
            oid::CT_DATA => {
                let contents = data(context, part)?;
                self.safe_contents(&contents, 0)
            }
            oid::CT_ENCRYPTED_DATA => {
                let content = part.content.as_ref();
                let encrypted = content
                    .ok_or_else(|| context.damaged("encryptedData without content"))?
                    .decode_as::<EncryptedData>()
                    .map_err(|e| malformed(context, "EncryptedData", &e))?
                    .content;
                let bytes = encrypted
                    .octets()
                    .ok_or_else(|| context.damaged("encryptedData without content"))?;
                let plain = self.decrypt(&encrypted.algorithm, &bytes)?;
                self.safe_contents(&plain, 0)
            }
            other => Err(unsupported(context, name(&other))),
        }
    }

    /// `SafeContents` (RFC 7292 section 4.2): `SEQUENCE OF SafeBag { bagId, [0] bagValue, bagAttributes }`.
    fn safe_contents(&mut self, der: &[u8], depth: u32) -> Result<(), KeyError> {
        let context = self.context;
        let bad = |e: der::Error| malformed(context, "SafeContents", &e);
        if depth >= MAX_DEPTH {
            return Err(context.damaged("bags nest too deep"));
        }
        let der = in_der(context, der)?;
        let mut reader = SliceReader::new(&der).map_err(bad)?;
        let bags = AnyRef::decode(&mut reader).map_err(bad)?;
        if !reader.is_finished() {
            return Err(context.damaged("bytes follow the SafeContents"));
        }
        let mut inner = SliceReader::new(bags.value()).map_err(bad)?;
        while !inner.is_finished() {
            self.bags += 1;
            if self.bags > MAX_BAGS {
                return Err(KeyError::TooCostly {
                    path: context.path.to_owned(),
                    reason: format!("more than {MAX_BAGS} bags"),
                });
            }
            let bag = AnyRef::decode(&mut inner).map_err(bad)?;
            let mut fields = SliceReader::new(bag.value()).map_err(bad)?;
            let id = ObjectIdentifier::decode(&mut fields).map_err(bad)?;
            let value = ContextSpecific::<AnyRef<'_>>::decode_explicit(&mut fields, TagNumber(0))
                .map_err(bad)?
                .ok_or_else(|| context.damaged("a bag has no value"))?
                .value
                .to_der()
                .map(Zeroizing::new)
                .map_err(bad)?;
            let name = friendly_name(&mut fields);
            self.bag(&id, &value, name, depth)?;
        }
        Ok(())
    }

    fn bag(
        &mut self,
        id: &ObjectIdentifier,
        value: &[u8],
        name: Option<String>,
        depth: u32,
    ) -> Result<(), KeyError> {
        let context = self.context;
        match *id {
            oid::P12_KEY_BAG => {
                warn_unencrypted(context);
                let key = Zeroizing::new(value.to_vec());
                self.keys.push(Candidate { key, name });
            }
            oid::P12_SHROUDED_KEY_BAG => {
                let bag = Shrouded::from_der(value)
                    .map_err(|e| malformed(context, "EncryptedPrivateKeyInfo", &e))?;
                let key = self.decrypt(&bag.algorithm, bag.encrypted.as_bytes())?;
                self.keys.push(Candidate { key, name });
            }
            oid::P12_CERT_BAG => {
                let bag =
                    CertBag::from_der(value).map_err(|e| malformed(context, "CertBag", &e))?;
                if bag.cert_id == oid::P12_X509_CERTIFICATE {
                    self.certificates.push(bag.value.into_bytes().into_vec());
                }
            }
            oid::P12_SAFE_CONTENTS_BAG => self.safe_contents(value, depth + 1)?,
            // CRLs and other secrets are nothing to us.
            _ => {}
        }
        Ok(())
    }

    fn decrypt(
        &mut self,
        algorithm: &AlgorithmIdentifierOwned,
        bytes: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let context = self.context;
        if let Some(scheme) = pbe::Scheme::of(&algorithm.oid) {
            self.old = Some(scheme.label());
            let parameters = pbe::Parameters::of(algorithm)
                .ok_or_else(|| context.damaged("parameters of the encryption"))?;
            self.spend(|budget| budget.spend_iterations(parameters.work(scheme)))?;
            return scheme
                .decrypt(&self.password, &parameters, bytes)
                .ok_or_else(|| context.wrong_passphrase());
        }
        if algorithm.oid != oid::PBES2 {
            return Err(unsupported(context, name(&algorithm.oid)));
        }
        let parameters = super::pkcs8::pbes2(context, algorithm)?;
        self.spend(|budget| budget.spend(&parameters.kdf))?;
        parameters
            .decrypt(self.passphrase.expose_secret(), bytes)
            .map(Zeroizing::new)
            .map_err(|_| context.wrong_passphrase())
    }

    fn check_mac(&mut self, mac: &MacData, content: &[u8]) -> Result<(), KeyError> {
        let context = self.context;
        let algorithm = &mac.mac.algorithm;
        let key = if algorithm.oid == oid::PBMAC1 {
            self.pbmac1_key(algorithm)?
        } else {
            let digest = DigestAlgorithm::from_oid(&algorithm.oid)
                .ok_or_else(|| unsupported(context, name(&algorithm.oid)))?;
            let hmac = hmac_of(digest).ok_or_else(|| unsupported(context, name(&algorithm.oid)))?;
            let iterations = mac.iterations.unwrap_or(1);
            let salt = mac.mac_salt.as_bytes();
            let key = |password: &Password| {
                let len = digest.output_len();
                let bytes = pbe::derive(digest, pbe::Purpose::Mac, password, salt, iterations, len);
                hmac::Key::new(hmac, &bytes)
            };
            self.spend(|budget| budget.spend_iterations(iterations.into()))?;
            let usual = key(&self.password);
            // Where there is no password, some programs write none, others an empty one.
            if self.passphrase.expose_secret().is_empty()
                && hmac::verify(&usual, content, mac.mac.digest.as_bytes()).is_err()
            {
                self.spend(|budget| budget.spend_iterations(iterations.into()))?;
                self.password = Password::none();
                key(&self.password)
            } else {
                usual
            }
        };
        // The only proof that the passphrase is right; a damaged file looks the same.
        hmac::verify(&key, content, mac.mac.digest.as_bytes())
            .map_err(|_| context.wrong_passphrase())
    }

    /// PBMAC1 (RFC 9579): PBKDF2 with an explicit key length, then HMAC.
    fn pbmac1_key(&mut self, algorithm: &AlgorithmIdentifierOwned) -> Result<hmac::Key, KeyError> {
        let context = self.context;
        let parameters = algorithm
            .parameters
            .as_ref()
            .ok_or_else(|| context.damaged("PBMAC1 without parameters"))?
            .decode_as::<Pbmac1Parameters>()
            .map_err(|e| malformed(context, "PBMAC1-params", &e))?;
        let scheme = match parameters.scheme.oid {
            oid::HMAC_SHA256 => hmac::HMAC_SHA256,
            oid::HMAC_SHA384 => hmac::HMAC_SHA384,
            oid::HMAC_SHA512 => hmac::HMAC_SHA512,
            other => return Err(unsupported(context, name(&other))),
        };
        let der = parameters
            .key_derivation
            .to_der()
            .map_err(|e| malformed(context, "PBMAC1-params", &e))?;
        let kdf = spki::AlgorithmIdentifierRef::from_der(&der)
            .and_then(Kdf::try_from)
            .map_err(|e| malformed(context, "PBMAC1-params", &e))?;
        self.spend(|budget| budget.spend(&kdf))?;
        let Some(p) = kdf.pbkdf2() else {
            return Err(unsupported(context, "PBMAC1 without PBKDF2".into()));
        };
        let prf = match p.prf {
            Pbkdf2Prf::HmacWithSha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Pbkdf2Prf::HmacWithSha384 => pbkdf2::PBKDF2_HMAC_SHA384,
            Pbkdf2Prf::HmacWithSha512 => pbkdf2::PBKDF2_HMAC_SHA512,
            other => return Err(unsupported(context, name(&other.oid()))),
        };
        // RFC 9579 section 4: the length must be there and at least 20 octets.
        let len = p
            .key_length
            .map(usize::from)
            .filter(|n| (20..=64).contains(n));
        let mut key = Zeroizing::new(vec![
            0;
            len.ok_or_else(
                || context.damaged("PBMAC1 without a usable key length")
            )?
        ]);
        let iterations = NonZeroU32::new(p.iteration_count)
            .ok_or_else(|| context.damaged("PBKDF2 with no iterations"))?;
        let secret = self.passphrase.expose_secret().as_bytes();
        pbkdf2::derive(prf, iterations, p.salt.as_bytes(), secret, &mut key);
        Ok(hmac::Key::new(scheme, &key))
    }

    fn spend(
        &mut self,
        pay: impl FnOnce(&mut Budget) -> Result<(), String>,
    ) -> Result<(), KeyError> {
        pay(&mut self.budget).map_err(|reason| KeyError::TooCostly {
            path: self.context.path.to_owned(),
            reason,
        })
    }
}

fn hmac_of(digest: DigestAlgorithm) -> Option<hmac::Algorithm> {
    Some(match digest {
        DigestAlgorithm::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        DigestAlgorithm::Sha224 => hmac::HMAC_SHA224,
        DigestAlgorithm::Sha256 => hmac::HMAC_SHA256,
        DigestAlgorithm::Sha384 => hmac::HMAC_SHA384,
        DigestAlgorithm::Sha512 => hmac::HMAC_SHA512,
        _ => return None,
    })
}

fn data(context: &Context<'_>, info: &ContentInfo) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    info.content
        .as_ref()
        .ok_or_else(|| context.damaged("data without content"))?
        .decode_as::<OctetString>()
        .map(|octets| Zeroizing::new(octets.into_bytes().into_vec()))
        .map_err(|e| malformed(context, "data", &e))
}

/// The friendlyName among a bag's attributes (RFC 2985 section 5.5.1).
fn friendly_name(fields: &mut SliceReader<'_>) -> Option<String> {
    #[derive(Sequence)]
    struct Attribute {
        id: ObjectIdentifier,
        values: Any,
    }
    // A set of sets; nothing depends on their order.
    let attributes = AnyRef::decode(fields).ok()?;
    let mut reader = SliceReader::new(attributes.value()).ok()?;
    while !reader.is_finished() {
        let attribute = Attribute::decode(&mut reader).ok()?;
        if attribute.id == oid::P12_FRIENDLY_NAME {
            let values = SetOfVec::<BmpString>::from_der(&attribute.values.to_der().ok()?).ok()?;
            return values.get(0).map(ToString::to_string);
        }
    }
    None
}

fn malformed(context: &Context<'_>, what: &str, error: &der::Error) -> KeyError {
    context.damaged(format!("{what}: {error}"))
}

fn name(oid: &ObjectIdentifier) -> String {
    match oid::label(oid) {
        Some(label) => label.to_owned(),
        None => oid.to_string(),
    }
}

fn unsupported(context: &Context<'_>, scheme: String) -> KeyError {
    let file = context.path.display();
    KeyError::UnsupportedProtection {
        path: context.path.to_owned(),
        scheme,
        convert: Some(format!(
            "openssl pkcs12 -legacy -in {file} -nodes | openssl pkcs12 -export -out new.p12"
        )),
    }
}

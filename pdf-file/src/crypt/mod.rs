//! Encryption (ISO 32000-2, 7.6): which strings and streams are encrypted, how, and with what key.

mod cipher;
mod standard;

use std::collections::HashMap;

use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::filter::Step;
use crate::{Dict, EncryptionInfo, EncryptionMethod, Name, ObjId, Object, PdfError};
use standard::Standard;

/// An opened encryption.
pub(crate) struct Crypt {
    info: EncryptionInfo,
    key: Zeroizing<Vec<u8>>,
    filters: HashMap<Name, EncryptionMethod>,
    embedded_files: EncryptionMethod,
    /// The encryption dictionary itself is never encrypted.
    dictionary: Option<ObjId>,
}

impl std::fmt::Debug for Crypt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crypt")
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

impl Crypt {
    /// Opens the encryption that `dict` describes; its values must be resolved.
    pub(crate) fn open(
        dict: &Dict,
        dictionary: Option<ObjId>,
        file_id: &[u8],
        password: Option<&SecretString>,
    ) -> Result<Self, PdfError> {
        let handler = dict.name("Filter").map(Name::to_text).unwrap_or_default();
        if handler != "Standard" {
            let for_certificates = dict.contains("Recipients")
                || dict
                    .name("SubFilter")
                    .is_some_and(|s| s.to_text().starts_with("adbe.pkcs7"))
                || handler == "Adobe.PubSec";
            return Err(if for_certificates {
                PdfError::PublicKeyEncryption { handler }
            } else {
                PdfError::UnsupportedEncryption {
                    what: format!("security handler {handler:?}"),
                }
            });
        }
        let version = dict.integer("V").unwrap_or(0);
        let revision = dict.integer("R").unwrap_or(0);
        if !matches!(
            (version, revision),
            (1 | 2, 2 | 3) | (4, 2..=4) | (5, 5 | 6)
        ) {
            return Err(PdfError::UnsupportedEncryption {
                what: format!("version {version}, revision {revision}"),
            });
        }
        let encrypt_metadata = dict.bool("EncryptMetadata").unwrap_or(true);
        #[allow(clippy::cast_possible_truncation)] // some writers give the 32 bits unsigned
        let permissions = dict.get("P").and_then(Object::as_number).unwrap_or(0.0) as i64 as i32;
        let key_bytes = key_bytes(dict, version);
        let methods = Methods::read(dict, version, key_bytes)?;
        let bytes = |key: &str| {
            dict.string(key)
                .map(|s| s.bytes.clone())
                .unwrap_or_default()
        };
        let standard = Standard {
            revision,
            key_bytes,
            owner: bytes("O"),
            user: bytes("U"),
            owner_key: bytes("OE"),
            user_key: bytes("UE"),
            permissions,
            encrypt_metadata,
            file_id: file_id.to_vec(),
        };
        let (key, authenticated_as) = authenticate(&standard, password)?;
        let info = EncryptionInfo {
            version,
            revision,
            strings: methods.strings,
            streams: methods.streams,
            permissions,
            encrypt_metadata,
            authenticated_as,
        };
        Ok(Self {
            info,
            key,
            filters: methods.filters,
            embedded_files: methods.embedded_files,
            dictionary,
        })
    }

    pub(crate) fn info(&self) -> &EncryptionInfo {
        &self.info
    }

    /// Decrypts the strings in an object read directly from the file.
    pub(crate) fn decrypt_strings(&self, id: ObjId, object: &mut Object) -> Result<(), PdfError> {
        self.each_string(id, object, &|bytes| {
            self.apply(self.info.strings, id, bytes, Direction::Open)
        })
    }

    /// Encrypts the strings in an object about to be written.
    pub(crate) fn encrypt_strings(&self, id: ObjId, object: &mut Object) -> Result<(), PdfError> {
        self.each_string(id, object, &|bytes| {
            self.apply(self.info.strings, id, bytes, Direction::Seal)
        })
    }

    fn each_string(
        &self,
        id: ObjId,
        object: &mut Object,
        change: &Change<'_>,
    ) -> Result<(), PdfError> {
        if self.info.strings == EncryptionMethod::Identity || self.dictionary == Some(id) {
            return Ok(());
        }
        match object {
            Object::String(string) => string.bytes = change(&string.bytes)?,
            Object::Array(elements) => {
                for element in elements {
                    self.each_string(id, element, change)?;
                }
            }
            Object::Dict(dict) => self.each_entry(id, dict, change)?,
            // Cross-reference streams are not encrypted (7.5.8.2).
            Object::Stream(stream) if !stream.dict.is("Type", "XRef") => {
                self.each_entry(id, &mut stream.dict, change)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn each_entry(&self, id: ObjId, dict: &mut Dict, change: &Change<'_>) -> Result<(), PdfError> {
        let clear_contents = has_clear_contents(dict);
        for (key, value) in dict.values_mut() {
            if !(clear_contents && key == "Contents") {
                self.each_string(id, value, change)?;
            }
        }
        Ok(())
    }

    pub(crate) fn decrypt_stream(
        &self,
        id: ObjId,
        dict: &Dict,
        steps: &[Step],
        data: &[u8],
    ) -> Result<Vec<u8>, PdfError> {
        self.apply(
            self.stream_method(id, dict, steps),
            id,
            data,
            Direction::Open,
        )
    }

    pub(crate) fn encrypt_stream(
        &self,
        id: ObjId,
        dict: &Dict,
        steps: &[Step],
        data: &[u8],
    ) -> Result<Vec<u8>, PdfError> {
        self.apply(
            self.stream_method(id, dict, steps),
            id,
            data,
            Direction::Seal,
        )
    }

    fn stream_method(&self, id: ObjId, dict: &Dict, steps: &[Step]) -> EncryptionMethod {
        if dict.is("Type", "XRef") || self.dictionary == Some(id) {
            return EncryptionMethod::Identity;
        }
        if let Some(step) = steps.iter().find(|step| step.name == "Crypt") {
            // 7.4.10: Identity unless the parameters name a filter.
            let named = step
                .parameters
                .name("Name")
                .and_then(|name| self.filters.get(name));
            return named.copied().unwrap_or(EncryptionMethod::Identity);
        }
        if dict.is("Type", "Metadata") && !self.info.encrypt_metadata {
            return EncryptionMethod::Identity;
        }
        if dict.is("Type", "EmbeddedFile") {
            self.embedded_files
        } else {
            self.info.streams
        }
    }

    fn apply(
        &self,
        method: EncryptionMethod,
        id: ObjId,
        data: &[u8],
        direction: Direction,
    ) -> Result<Vec<u8>, PdfError> {
        let key = match method {
            EncryptionMethod::Identity => return Ok(data.to_vec()),
            EncryptionMethod::Rc4 { .. } => return cipher::rc4(&self.object_key(id, b""), data),
            EncryptionMethod::Aes128 => self.object_key(id, b"sAlT"),
            EncryptionMethod::Aes256 => self.key.clone(),
        };
        match direction {
            Direction::Open => cipher::aes_open(&key, data),
            Direction::Seal => cipher::aes_seal(&key, data),
        }
    }

    /// Algorithm 1.
    fn object_key(&self, id: ObjId, salt: &[u8]) -> Zeroizing<Vec<u8>> {
        let number = id.number.to_le_bytes();
        let mut key = Md5::new_with_prefix(&*self.key)
            .chain_update(&number[..3])
            .chain_update(id.generation.to_le_bytes())
            .chain_update(salt)
            .finalize()
            .to_vec();
        key.truncate(self.key.len().saturating_add(5).min(16));
        Zeroizing::new(key)
    }
}

/// What happens to a string's bytes.
type Change<'f> = dyn Fn(&[u8]) -> Result<Vec<u8>, PdfError> + 'f;

#[derive(Clone, Copy)]
enum Direction {
    Open,
    Seal,
}

/// 7.6.2: `/Contents` of a signature dictionary is the one string that stays in clear. Such a
/// dictionary is told by its `/ByteRange`, which is what makes its contents unencryptable.
fn has_clear_contents(dict: &Dict) -> bool {
    dict.contains("ByteRange") && dict.contains("Contents")
}

/// The length of the file key: table 20, and algorithm 2 for version 1.
fn key_bytes(dict: &Dict, version: i64) -> usize {
    let bits = match (version, dict.integer("Length")) {
        (1, _) => 40,
        (5, _) => 256,
        // Version 4 uses 128 bits whatever some writers say.
        (4, _) => 128,
        // Given in bytes by mistake.
        (_, Some(bytes @ 5..=16)) => bytes * 8,
        (_, Some(bits @ 40..=128)) => bits,
        _ => 40,
    };
    usize::try_from(bits / 8).unwrap_or(5)
}

struct Methods {
    strings: EncryptionMethod,
    streams: EncryptionMethod,
    embedded_files: EncryptionMethod,
    filters: HashMap<Name, EncryptionMethod>,
}

impl Methods {
    /// Crypt filters (7.6.6) from version 4 on, one method for all before.
    fn read(dict: &Dict, version: i64, key_bytes: usize) -> Result<Self, PdfError> {
        let key_bits = u16::try_from(key_bytes * 8).unwrap_or(u16::MAX);
        if version < 4 {
            let rc4 = EncryptionMethod::Rc4 { key_bits };
            return Ok(Self {
                strings: rc4,
                streams: rc4,
                embedded_files: rc4,
                filters: HashMap::new(),
            });
        }
        let mut filters = HashMap::from([(Name::from("Identity"), EncryptionMethod::Identity)]);
        let empty = Dict::new();
        for (name, filter) in dict.dict("CF").unwrap_or(&empty).iter() {
            let method = filter
                .as_dict()
                .and_then(|f| f.name("CFM"))
                .map(Name::to_text)
                .unwrap_or_default();
            let method = match method.as_str() {
                "V2" => EncryptionMethod::Rc4 { key_bits },
                "AESV2" => EncryptionMethod::Aes128,
                "AESV3" => EncryptionMethod::Aes256,
                "None" | "" => EncryptionMethod::Identity,
                other => {
                    return Err(PdfError::UnsupportedEncryption {
                        what: format!("crypt filter method {other:?}"),
                    });
                }
            };
            filters.insert(name.clone(), method);
        }
        let chosen = |key: &str, default| match dict.name(key) {
            None => Ok(default),
            Some(name) => {
                filters
                    .get(name)
                    .copied()
                    .ok_or_else(|| PdfError::UnsupportedEncryption {
                        what: format!("crypt filter {:?}", name.to_text()),
                    })
            }
        };
        let streams = chosen("StmF", EncryptionMethod::Identity)?;
        let strings = chosen("StrF", EncryptionMethod::Identity)?;
        let embedded_files = chosen("EFF", streams)?;
        Ok(Self {
            strings,
            streams,
            embedded_files,
            filters,
        })
    }
}

/// The empty password first, then the given one as UTF-8 and, for revisions up to 4 whose
/// passwords are in PDFDocEncoding, as Latin-1.
fn authenticate(
    standard: &Standard,
    password: Option<&SecretString>,
) -> Result<(standard::FileKey, crate::AuthenticatedAs), PdfError> {
    if let Some(password) = password {
        let text = password.expose_secret();
        if let Some(opened) = standard.open(text.as_bytes())? {
            return Ok(opened);
        }
        let latin: Option<Vec<u8>> = text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).ok())
            .collect();
        if let Some(latin) = latin.map(Zeroizing::new)
            && standard.revision < 5
            && let Some(opened) = standard.open(&latin)?
        {
            return Ok(opened);
        }
    }
    match standard.open(b"")? {
        Some(opened) => Ok(opened),
        None if password.is_some() => Err(PdfError::WrongPassword),
        None => Err(PdfError::PasswordRequired),
    }
}

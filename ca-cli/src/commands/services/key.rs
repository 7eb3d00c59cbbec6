//! The key of a service's next certificate: a key file, or a key in a token and the file that names it.
//!
//! A new key in a token has the label of `token-key` with the name of its renewal's folder behind it. The
//! folder's `key.uri` is written before the key is made: a renewal that is interrupted, or that fails
//! again and again, leaves one key in the token and not one for each attempt, because the next one finds
//! the folder and goes on with what it names.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cli_support::{AtomicFile, Exit, Failure, Overwrite, ResultExt as _};
use hsm_pkcs11::{KeyLocation, KeyReference, OpenOptions, PinSource, Pkcs11Uri, Signer};
use pki_asn1::UnixTime;

use super::{CERTIFICATE, Place};
use crate::commands::ocsp_signer;
use crate::config::{ServiceConfig, ServiceKey};
use crate::keys;

/// A key file.
pub(super) const FILE: &str = "key.pem";
/// A reference to a key in a token.
pub(super) const REFERENCE: &str = "key.uri";

/// Where the key of the next certificate comes from.
pub(super) struct NextKey<'a> {
    service: &'a ServiceConfig,
    place: &'a Place,
    pin: &'a PinSource,
    /// `token-key`.
    token: Option<Pkcs11Uri>,
}

impl<'a> NextKey<'a> {
    pub(super) fn new(
        service: &'a ServiceConfig,
        place: &'a Place,
        pin: &'a PinSource,
    ) -> Result<Self, Failure> {
        let wrong = || format!("token-key of {:?}", service.name);
        let token = match &service.token_key {
            None => None,
            Some(text) => match text.parse().context(wrong()).exit(Exit::Config)? {
                KeyLocation::Pkcs11(uri) => Some(uri),
                KeyLocation::File(_) => {
                    return Err(Failure::message(
                        Exit::Config,
                        format_args!("{} is no PKCS#11 URI", wrong()),
                    )
                    .with_hint("key files need no setting; a key in a token is written pkcs11:token=...;object=..."));
                }
            },
        };
        if let Some(uri) = &token
            && service.key == ServiceKey::New
            && uri.object.as_ref().is_none_or(String::is_empty)
        {
            return Err(Failure::message(
                Exit::Config,
                format_args!("{} has no object: new keys have no label", wrong()),
            )
            .with_hint("add ;object=LABEL, or say key = \"same\""));
        }
        Ok(Self {
            service,
            place,
            pin,
            token,
        })
    }

    /// The folder for the next pair: that of a renewal which made a key in the token and came no further,
    /// else a new one.
    pub(super) fn folder(&self, now: UnixTime) -> Result<PathBuf, Failure> {
        if let Some(uri) = &self.token
            && self.service.key == ServiceKey::New
            && let Some(folder) = self.unfinished(uri)?
        {
            return Ok(folder);
        }
        self.place.next(now)
    }

    fn unfinished(&self, configured: &Pkcs11Uri) -> Result<Option<PathBuf>, Failure> {
        let folders = match fs::read_dir(&self.place.0) {
            Ok(folders) => folders,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        let mut found = None;
        for entry in folders {
            let entry = entry?;
            let folder = entry.path();
            let goes_on = entry.file_type()?.is_dir()
                && !folder.join(CERTIFICATE).exists()
                // Another label is another service's, or from before the configuration was changed.
                && KeyReference::read(&folder.join(REFERENCE)).is_ok_and(|named| {
                    named == KeyReference::new(&made_for(configured, &folder))
                });
            if goes_on && self.fits(made_for(configured, &folder))? {
                found = found.max(Some(folder));
            }
        }
        Ok(found)
    }

    /// Whether a key is of the type that is wanted now, or is yet to be made.
    fn fits(&self, uri: Pkcs11Uri) -> Result<bool, Failure> {
        let wanted = self.service.key_type()?.kind;
        let found = self.open(&KeyLocation::Pkcs11(uri))?;
        Ok(found.is_none_or(|signer| signer.public_key().kind() == wanted))
    }

    /// `None` where there is no such key.
    fn open(&self, location: &KeyLocation) -> Result<Option<Arc<dyn Signer>>, Failure> {
        match hsm_pkcs11::open(location, self.pin, &OpenOptions::default()) {
            Ok(opened) => Ok(Some(opened.signer)),
            Err(e) if ocsp_signer::is_absent(&e) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// The key for the certificate in `next`, where it or the file that names it is afterwards.
    pub(super) fn provide(&self, next: &Path) -> Result<Arc<dyn Signer>, Failure> {
        match &self.token {
            Some(configured) => self.in_token(configured, next),
            None => self.in_file(next),
        }
    }

    fn in_token(&self, configured: &Pkcs11Uri, next: &Path) -> Result<Arc<dyn Signer>, Failure> {
        let uri = match self.service.key {
            ServiceKey::New => made_for(configured, next),
            ServiceKey::Same => match self.place.reference()? {
                // The key that is in use, by the module that this machine has.
                Some(current) => Pkcs11Uri {
                    module_path: configured.module_path.clone(),
                    module_name: configured.module_name.clone(),
                    pin_source: configured.pin_source.clone(),
                    ..current.uri().clone()
                },
                None => configured.clone(),
            },
        };
        let file = next.join(REFERENCE);
        if !file.exists() {
            let mut reference = AtomicFile::options(Overwrite::Refuse)
                .mode(0o600)
                .create(file)?;
            write!(reference, "{}", KeyReference::new(&uri))?;
            reference.commit()?;
        }
        let location = KeyLocation::Pkcs11(uri);
        match self.open(&location)? {
            Some(signer) => Ok(signer),
            None => keys::generate(&location, self.service.key_type()?, self.pin),
        }
    }

    fn in_file(&self, next: &Path) -> Result<Arc<dyn Signer>, Failure> {
        let file = next.join(FILE);
        let old = self.place.current().join(FILE);
        if self.service.key == ServiceKey::Same && old.exists() {
            let mut copy = AtomicFile::options(Overwrite::Refuse)
                .mode(0o600)
                .create(&file)?;
            copy.write_all(&fs::read(&old)?)?;
            copy.commit()?;
            return keys::open(&KeyLocation::File(file), self.pin);
        }
        keys::generate(&KeyLocation::File(file), self.service.key_type()?, self.pin)
    }
}

/// The key that the renewal in `folder` makes. An `id` can only be that of the first.
fn made_for(configured: &Pkcs11Uri, folder: &Path) -> Pkcs11Uri {
    let label = configured.object.as_deref().unwrap_or_default();
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    Pkcs11Uri {
        object: Some(format!("{label}-{name}")),
        id: None,
        ..configured.clone()
    }
}

impl Place {
    /// The key in a token that servers find now.
    pub(super) fn reference(&self) -> Result<Option<KeyReference>, Failure> {
        let path = self.current().join(REFERENCE);
        if !path.exists() {
            return Ok(None);
        }
        Ok(Some(KeyReference::read(&path)?))
    }
}

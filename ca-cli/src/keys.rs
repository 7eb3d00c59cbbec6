//! From the keys that the operator names to signers.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ca_core::AuthorityKey;
use ca_core::hierarchy::HierarchyError;
use cli_support::{Exit, Failure, ResultExt as _, pin};
use hsm_pkcs11::{KeyLocation, KeySpec, OpenOptions, PinSource, Signer};

use crate::cli::PinPair;
use crate::explain::Explained as _;
use crate::folder::Folder;

impl PinPair {
    /// The PIN of the key that is generated or certified.
    pub(crate) fn key_source(&self) -> PinSource {
        let file = self.key_pin_file.as_ref();
        pin::source(
            file.or(self.signing.pin_file.as_ref())
                .map(PathBuf::as_path),
        )
    }
}

/// Opens the key of an authority, where the record says it is.
pub(crate) fn unlock(
    folder: &Folder,
    name: &str,
    pin: &PinSource,
) -> Result<AuthorityKey, Failure> {
    let authority = folder.engine.authority(name).explained()?;
    if !authority.has_key_here() {
        return Err(HierarchyError::KeyElsewhere(authority.name)).explained();
    }
    let location = resolve(&folder.path, &authority.key_location)?;
    let signer = open(&location, pin)
        .context(format_args!("cannot open the key of {name} at {location}"))?;
    folder.engine.unlock(name, signer).explained()
}

/// Opens a key.
pub(crate) fn open(location: &KeyLocation, pin: &PinSource) -> Result<Arc<dyn Signer>, Failure> {
    Ok(hsm_pkcs11::open(location, pin, &OpenOptions::default())?.signer)
}

/// Generates a key.
pub(crate) fn generate(
    location: &KeyLocation,
    spec: KeySpec,
    pin: &PinSource,
) -> Result<Arc<dyn Signer>, Failure> {
    Ok(hsm_pkcs11::generate(location, spec, pin, &OpenOptions::default())?.signer)
}

/// Says, where work failed after a key was generated for it, that the key is there. Keys are never
/// deleted: a token's key may be in a backup, and an interrupted issuance may have certified it.
pub(crate) fn kept(failure: Failure, location: &KeyLocation) -> Failure {
    let kept = format!("the new key was kept: repeat with --existing-key '{location}'");
    let hint = match &failure.hint {
        Some(hint) => format!("{hint}; {kept}"),
        None => kept,
    };
    failure.with_hint(hint)
}

/// A key's location as the record keeps it: a file in the folder relative to it, so that the folder
/// can be moved, and any other file by its absolute path.
pub(crate) fn recorded(folder: &Path, location: &KeyLocation) -> Result<String, Failure> {
    let KeyLocation::File(path) = location else {
        return Ok(location.to_string());
    };
    let name = path.file_name().unwrap_or_default();
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let absolute = fs::canonicalize(parent)
        .and_then(|parent| Ok((parent, fs::canonicalize(folder)?)))
        .map(|(parent, folder)| {
            let path = parent.join(name);
            match path.strip_prefix(&folder) {
                Ok(relative) => relative.to_owned(),
                Err(_) => path,
            }
        })
        .context(format_args!(
            "cannot find the folder of key file {}",
            path.display()
        ))
        .exit(Exit::CantCreate)
        .hint(format!("create it first: mkdir -p {}", parent.display()))?;
    match absolute.into_os_string().into_string() {
        // What is written must be read back as a path.
        Ok(text) => match text.parse() {
            Ok(KeyLocation::File(_)) => Ok(text),
            _ => Ok(format!("./{text}")),
        },
        Err(_) => Err(Failure::message(
            Exit::Usage,
            format_args!("the path of key file {} is not UTF-8", path.display()),
        )),
    }
}

/// The reverse of [`recorded`].
pub(crate) fn resolve(folder: &Path, recorded: &str) -> Result<KeyLocation, Failure> {
    let location: KeyLocation = recorded
        .parse()
        .context(format_args!(
            "the record names a key that cannot be read: {recorded:?}"
        ))
        .exit(Exit::Data)?;
    Ok(match location {
        KeyLocation::File(path) => KeyLocation::File(folder.join(path)),
        location => location,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_folder_still_finds_its_keys() {
        let home = tempfile::tempdir().unwrap();
        let before = home.path().join("before");
        fs::create_dir_all(before.join("keys")).unwrap();
        let inside = KeyLocation::File(before.join("keys/root.pem"));
        let recorded_inside = recorded(&before, &inside).unwrap();
        assert_eq!(recorded_inside, "keys/root.pem");
        let after = home.path().join("after");
        let found = resolve(&after, &recorded_inside).unwrap();
        assert_eq!(found, KeyLocation::File(after.join("keys/root.pem")));
        let outside = KeyLocation::File(home.path().join("other.pem"));
        let recorded_outside = recorded(&before, &outside).unwrap();
        assert!(Path::new(&recorded_outside).is_absolute());
        let odd = KeyLocation::File(before.join("pkcs11:token=a"));
        let recorded_odd = recorded(&before, &odd).unwrap();
        let found = resolve(&before, &recorded_odd).unwrap();
        assert!(matches!(found, KeyLocation::File(_)), "{recorded_odd}");
        let token: KeyLocation = "pkcs11:token=hsm;object=root".parse().unwrap();
        assert_eq!(recorded(&before, &token).unwrap(), token.to_string());
    }
}

//! Which key of a file that holds several.

use std::path::Path;

use zeroize::Zeroizing;

use crate::error::KeyError;
use crate::open::Which;
use crate::signer::Signer as _;
use crate::software::SoftwareKey;

/// A key in a file: a `PrivateKeyInfo` (DER), and what it is called.
pub(super) struct Candidate {
    pub(super) key: Zeroizing<Vec<u8>>,
    pub(super) name: Option<String>,
}

/// The one that is meant: by name, by its public half, or because there is no other.
pub(super) fn choose(
    path: &Path,
    mut keys: Vec<Candidate>,
    which: &Which,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let names: Vec<_> = keys.iter().map(called).collect();
    if let Some(wanted) = &which.name {
        // Java writes aliases in lower case.
        keys.retain(|key| {
            let name = key.name.as_deref().unwrap_or_default();
            name.to_lowercase() == wanted.to_lowercase()
        });
        if keys.is_empty() {
            return Err(KeyError::NoKeyOfThisName {
                path: path.to_owned(),
                wanted: wanted.clone(),
                names,
            });
        }
    }
    if let (2.., Some(public)) = (keys.len(), &which.public_key) {
        keys.retain(|key| {
            SoftwareKey::from_pkcs8(&key.key, None).is_ok_and(|key| key.public_key() == public)
        });
    }
    match (keys.pop(), keys.len()) {
        (Some(one), 0) => Ok(one.key),
        _ => Err(KeyError::SeveralKeysInFile {
            path: path.to_owned(),
            count: names.len(),
            names,
        }),
    }
}

fn called(key: &Candidate) -> String {
    match key.name.as_deref() {
        None | Some("") => "one without a name".into(),
        Some(name) => format!("{name:?}"),
    }
}

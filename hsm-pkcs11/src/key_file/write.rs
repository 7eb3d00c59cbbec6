//! Creating key files: complete or not at all, readable by their owner only, never over another.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::Builder;

use crate::error::KeyError;

/// Says early that `path` is taken; [`create`] says it again for certain.
pub(super) fn refuse_existing(path: &Path) -> Result<(), KeyError> {
    match path.symlink_metadata() {
        Ok(_) => Err(KeyError::FileExists(path.to_owned())),
        Err(_) => Ok(()),
    }
}

/// Writes `content` to a temporary file beside `path` (mode 0600), flushes it to the disk and gives
/// it its name, unless something has that name.
pub(super) fn create(path: &Path, content: &[u8]) -> Result<(), KeyError> {
    let failed = |source: io::Error| KeyError::Write {
        path: path.to_owned(),
        source,
    };
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    // tempfile creates with mode 0600.
    let mut file = Builder::new()
        .prefix(".sceau-key-")
        .tempfile_in(folder)
        .map_err(failed)?;
    file.write_all(content).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist_noclobber(path)
        .map_err(|e| match e.error.kind() {
            io::ErrorKind::AlreadyExists => KeyError::FileExists(path.to_owned()),
            _ => failed(e.error),
        })?;
    // The name itself must survive a power cut.
    File::open(folder)
        .and_then(|f| f.sync_all())
        .map_err(failed)
}

//! The files of one order: certificate, chain, key. Nothing that is there is overwritten.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use ca_core::batch::{BatchRow, RowKey};
use cli_support::{AtomicFileError, Exit, Failure, Overwrite, ResultExt as _, atomic_file};
use pki_asn1::Certificate;

use crate::commands::issued::to_pem;

/// A certificate with a chain has some kilobytes.
const FILE_LIMIT: u64 = 1 << 20;

/// Where the files of one order are.
pub(super) struct Files {
    pub(super) certificate: PathBuf,
    pub(super) chain: PathBuf,
    pub(super) key: PathBuf,
    /// The key before its certificate exists: a hidden file that belongs to this order alone, so that a
    /// run that was killed finds its own key again and never takes somebody else's.
    pub(super) new_key: PathBuf,
}

impl Files {
    pub(super) fn of(row: &BatchRow, out_dir: &Path, order: &[u8; 32]) -> Self {
        let stem = row.id.file_stem();
        let tag = hex::encode(&order[..8]);
        Self {
            certificate: out_dir.join(format!("{stem}.pem")),
            chain: out_dir.join(format!("{stem}.chain.pem")),
            key: out_dir.join(format!("{stem}.key.pem")),
            new_key: out_dir.join(format!(".{stem}.{tag}.pem")),
        }
    }

    /// Before an order is carried out, its names are free.
    pub(super) fn check_free(&self, row: &BatchRow) -> Result<(), Failure> {
        let key = matches!(row.key, RowKey::Generate(_)).then_some(&self.key);
        for path in [Some(&self.certificate), key].into_iter().flatten() {
            if fs::symlink_metadata(path).is_ok() {
                return Err(Failure::message(
                    Exit::CantCreate,
                    format_args!("{} is there, and not from this order", path.display()),
                )
                .with_hint("move it away, or give the order another id"));
            }
        }
        Ok(())
    }
}

/// Writes certificates as PEM, unless the file has them already.
pub(super) fn write(path: &Path, certificates: &[Certificate]) -> Result<(), Failure> {
    let text = to_pem(certificates)?;
    match atomic_file::write(path, text.as_bytes(), Overwrite::Refuse) {
        Ok(()) => Ok(()),
        Err(AtomicFileError::Exists { .. }) if has(path, text.as_bytes()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn has(path: &Path, expected: &[u8]) -> bool {
    fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() <= FILE_LIMIT)
        && fs::read(path).is_ok_and(|found| found == expected)
}

/// Gives the new key its name, now that its certificate exists.
pub(super) fn name_key(files: &Files) -> Result<(), Failure> {
    match fs::hard_link(&files.new_key, &files.key) {
        Ok(()) => {}
        // An earlier run came this far, or ended in another folder.
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e)
            if e.kind() == io::ErrorKind::AlreadyExists && is_same(&files.new_key, &files.key) => {}
        Err(e) => {
            return Err::<(), _>(e).context(format_args!(
                "the new key could not be named {}; it is {}",
                files.key.display(),
                files.new_key.display()
            ));
        }
    }
    let folder = files.key.parent().unwrap_or(Path::new("."));
    fs::remove_file(&files.new_key)
        .and_then(|()| File::open(folder)?.sync_all())
        .context(format_args!("cannot remove {}", files.new_key.display()))
}

fn is_same(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let inode = |path: &Path| fs::metadata(path).ok().map(|m| (m.dev(), m.ino()));
    inode(a).is_some() && inode(a) == inode(b)
}

/// Whether no further file can be written either.
pub(super) fn ends_all(failure: &Failure) -> bool {
    let io = failure.error.chain().find_map(|cause| {
        let inside = |e: &AtomicFileError| match e {
            AtomicFileError::Create { source, .. } | AtomicFileError::Write { source, .. } => {
                Some(source.kind())
            }
            AtomicFileError::NoFolder { .. } => Some(io::ErrorKind::NotADirectory),
            _ => None,
        };
        let direct = cause.downcast_ref::<AtomicFileError>().and_then(inside);
        direct.or_else(|| cause.downcast_ref::<io::Error>().map(io::Error::kind))
    });
    matches!(
        io,
        Some(
            io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::ReadOnlyFilesystem
                | io::ErrorKind::PermissionDenied
                | io::ErrorKind::NotADirectory
        )
    )
}

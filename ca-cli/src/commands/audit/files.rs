//! The files of an audit: keys, checkpoints, certificates, what is written.

use std::io::Write as _;
use std::path::Path;

use ca_core::journal::{JournalKey, MAX_KEY_FILE, MAX_NOTE, MAX_TOKEN, SignedCheckpoint, Stamp};
use cli_support::{AtomicFile, Exit, Failure, Overwrite, ResultExt as _, input};
use pki_asn1::{Certificate, pem};

/// Certificates in one file at most take this many octets.
const MAX_CERTIFICATES: u64 = 4 << 20;

/// Reads public keys.
pub(super) fn journal_keys(paths: &[impl AsRef<Path>]) -> Result<Vec<JournalKey>, Failure> {
    let read = |path: &Path| {
        let bytes = input::read(path, "the journal key", MAX_KEY_FILE)?;
        JournalKey::from_file(&bytes)
            .explain(|e| (Exit::Data, e.hint()))
            .context(format_args!(
                "cannot use the journal key {}",
                path.display()
            ))
    };
    paths.iter().map(|path| read(path.as_ref())).collect()
}

/// Reads a checkpoint.
pub(super) fn checkpoint(path: &Path) -> Result<SignedCheckpoint, Failure> {
    let bytes = input::read(path, "the checkpoint", MAX_NOTE as u64)?;
    SignedCheckpoint::parse(&bytes)
        .explain(|e| (Exit::Data, e.hint()))
        .context(format_args!("cannot use the checkpoint {}", path.display()))
}

/// Reads certificates; at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let bytes = input::read(path, "the certificate", MAX_CERTIFICATES)?;
    let found = pem::der_or_pem(&bytes, &["CERTIFICATE"])
        .context(format_args!("cannot read {}", path.display()))
        .exit(Exit::Data)?;
    let read: Result<Vec<_>, _> = found.into_iter().map(Certificate::from_der).collect();
    let read = read
        .context(format_args!("{} is no certificate", path.display()))
        .exit(Exit::Data)?;
    if read.is_empty() {
        return Err(Failure::message(
            Exit::Data,
            format_args!("there is no certificate in {}", path.display()),
        )
        .with_hint("give a certificate in PEM or DER"));
    }
    Ok(read)
}

/// A file that is written only over an older one of its kind.
pub(super) fn create(path: &Path, is_older: fn(&[u8]) -> bool) -> Result<AtomicFile, Failure> {
    let older = std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() <= MAX_TOKEN as u64)
        && std::fs::read(path).is_ok_and(|bytes| is_older(&bytes));
    let overwrite = if older {
        Overwrite::Replace
    } else {
        Overwrite::Refuse
    };
    Ok(AtomicFile::create(path, overwrite)?)
}

pub(super) fn is_checkpoint(bytes: &[u8]) -> bool {
    SignedCheckpoint::parse(bytes).is_ok()
}

pub(super) fn is_token(bytes: &[u8]) -> bool {
    Stamp::read(bytes).is_ok()
}

pub(super) fn is_public_key(bytes: &[u8]) -> bool {
    JournalKey::from_file(bytes).is_ok()
}

/// Fills a file and gives it its name.
pub(super) fn write(mut file: AtomicFile, bytes: &[u8]) -> Result<(), Failure> {
    file.write_all(bytes)?;
    Ok(file.commit()?)
}

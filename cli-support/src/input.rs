//! Reading input files, with errors that name them.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::exit::Exit;
use crate::failure::{Failure, io_exit};

/// Reads a whole file of at most `limit` bytes: certificates, requests, configurations. `what` says
/// what it should be ("the certificate request").
///
/// # Errors
/// Where it cannot be read ([`Exit::Io`], [`Exit::Permission`]) or is longer ([`Exit::Data`]).
pub fn read(path: &Path, what: &str, limit: u64) -> Result<Vec<u8>, Failure> {
    let failed = |e: io::Error| {
        let hint = match e.kind() {
            io::ErrorKind::NotFound => Some("check the path; it is relative to the current folder"),
            io::ErrorKind::PermissionDenied => Some("check who may read it"),
            io::ErrorKind::IsADirectory => Some("give a file, not a folder"),
            _ => None,
        };
        let failure = Failure::new(io_exit(e.kind()), e)
            .with_context(format_args!("cannot read {what} {}", path.display()));
        match hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    };
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let read = file
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if read as u64 > limit {
        return Err(Failure::message(
            Exit::Data,
            format_args!("{what} {} is longer than {limit} bytes", path.display()),
        )
        .with_hint("this is more than any such file needs: check the path"));
    }
    Ok(bytes)
}

/// As [`read`], for text in UTF-8.
///
/// # Errors
/// As [`read`], and where it is no UTF-8 ([`Exit::Data`]).
pub fn read_text(path: &Path, what: &str, limit: u64) -> Result<String, Failure> {
    String::from_utf8(read(path, what, limit)?).map_err(|e| {
        Failure::new(Exit::Data, e.utf8_error())
            .with_context(format_args!("{what} {} is not UTF-8 text", path.display()))
    })
}

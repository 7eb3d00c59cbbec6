//! Reading the files of another product, a part at a time: lines, folders, bundles; and checking
//! certificates on every core.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use pki_asn1::{Certificate, pem};

use super::bundle::{BundleError, Bundles};
use super::crl::ForeignCrl;
use super::error::ImportError;
use super::issuer::{ForeignError, ForeignIssuer};
use super::openssl_index::IndexLine;
use crate::error::CaError;
use crate::issuance::sha256;

/// Twenty million entries.
const CRL_LIMIT: u64 = 1 << 30;
/// A subject of every attribute there is stays below.
const LINE_LIMIT: usize = 64 * 1024;
/// Folders within folders.
const DEPTH_LIMIT: usize = 8;
/// What other products call a certificate's file.
const EXTENSIONS: [&str; 4] = ["pem", "crt", "cer", "der"];

/// Where an entry stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    /// The file; empty for what is known from the CRLs alone.
    pub path: Arc<Path>,
    /// Its line, from 1; 0 where the file has no lines.
    pub line: u64,
}

/// What may be a certificate of the authority.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) origin: Origin,
    pub(crate) index: Option<IndexLine>,
    pub(crate) source: Source,
}

/// Where its bytes are.
#[derive(Debug)]
pub(crate) enum Source {
    /// Nowhere.
    None,
    /// In a file of its own.
    File(PathBuf),
    /// Here (DER).
    Der(Vec<u8>),
}

/// A candidate with its certificate, checked.
pub(crate) struct Loaded {
    pub(crate) candidate: Candidate,
    pub(crate) certificate: Option<Result<Certificate, ForeignError>>,
}

impl Origin {
    /// The CRLs.
    pub(crate) fn crl() -> Self {
        Self {
            path: Path::new("").into(),
            line: 0,
        }
    }
}

/// Reads and checks a CRL.
pub(crate) fn read_crl(path: &Path, issuer: &ForeignIssuer) -> Result<ForeignCrl, ImportError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable(path))?;
    let read = file.take(CRL_LIMIT + 1).read_to_end(&mut bytes);
    let wrong = |source| ImportError::Crl {
        path: path.to_owned(),
        source,
    };
    if read.map_err(unreadable(path))? as u64 > CRL_LIMIT {
        let what = format!("it is longer than {CRL_LIMIT} octets");
        return Err(wrong(ForeignError::Malformed(what)));
    }
    let der = if pem::is_pem(&bytes[..bytes.len().min(4096)]) {
        let ders = pem::der_or_pem(&bytes, &["X509 CRL"])
            .map_err(|e| wrong(ForeignError::Malformed(e.to_string())))?;
        drop(bytes);
        let first = ders.into_iter().next();
        first.ok_or_else(|| wrong(ForeignError::Malformed("it holds no PEM of a CRL".into())))?
    } else {
        bytes
    };
    ForeignCrl::check(der, issuer).map_err(wrong)
}

/// A visitor of lines.
type LineVisitor<'a> = dyn FnMut(Origin, &[u8]) -> Result<(), CaError> + 'a;

/// Shows each line of a text file, without its end, to `visit`.
pub(crate) fn lines(path: &Path, visit: &mut LineVisitor<'_>) -> Result<(), CaError> {
    let shared: Arc<Path> = path.into();
    let mut input = BufReader::new(File::open(path).map_err(unreadable(path))?);
    let mut text = Vec::new();
    for line in 1.. {
        text.clear();
        let limit = LINE_LIMIT as u64;
        let read = input.by_ref().take(limit).read_until(b'\n', &mut text);
        if read.map_err(unreadable(path))? == 0 {
            break;
        }
        if text.len() == LINE_LIMIT && text.last() != Some(&b'\n') {
            // Too long for any line; its start is refused for what it lacks, its rest is passed over.
            while text.last() != Some(&b'\n') {
                let mut rest = Vec::new();
                let read = input.by_ref().take(limit).read_until(b'\n', &mut rest);
                if read.map_err(unreadable(path))? == 0 {
                    break;
                }
                text = rest;
            }
            text = b"too long\n".to_vec();
        }
        let origin = Origin {
            path: shared.clone(),
            line,
        };
        visit(origin, text.strip_suffix(b"\n").unwrap_or(&text))?;
    }
    Ok(())
}

/// The file itself, or the files of the folder in order of their names.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, ImportError> {
    if !fs::metadata(path).map_err(unreadable(path))?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    search(path, DEPTH_LIMIT, &mut found)?;
    found.sort_unstable();
    Ok(found)
}

fn search(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), ImportError> {
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let entry = entry.map_err(unreadable(folder))?;
        let kind = entry.file_type().map_err(unreadable(folder))?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if kind.is_dir() && depth > 0 {
            search(&entry.path(), depth - 1, found)?;
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// Shows every certificate of a file to `visit`.
pub(crate) fn certificates(
    path: &Path,
    visit: &mut dyn FnMut(Origin, Result<Vec<u8>, BundleError>) -> Result<(), CaError>,
) -> Result<(), CaError> {
    let shared: Arc<Path> = path.into();
    let file = File::open(path).map_err(unreadable(path))?;
    let mut bundles = Bundles::new(BufReader::new(file));
    while let Some((line, found)) = bundles.next_certificate().map_err(unreadable(path))? {
        let origin = Origin {
            path: shared.clone(),
            line,
        };
        visit(origin, found)?;
    }
    Ok(())
}

/// The file in which the certificate of a line of the index should be: the one it names, or the one
/// called after its serial number, as `openssl ca` writes them.
pub(crate) fn file_of(line: &IndexLine, index: &Path, folders: &[PathBuf]) -> Option<PathBuf> {
    let beside = index.parent().unwrap_or(Path::new("."));
    let named = line.file.iter().map(|name| beside.join(name));
    let plain = line.serial_text.bytes().all(|b| b.is_ascii_hexdigit());
    let by_serial = folders.iter().filter(|_| plain).flat_map(|folder| {
        EXTENSIONS
            .iter()
            .map(|extension| folder.join(format!("{}.{extension}", line.serial_text)))
    });
    named.chain(by_serial).find(|path| path.is_file())
}

/// Reads and checks a chunk of candidates on every core, in their order. What `seen` has already is not
/// checked again.
pub(crate) fn load(
    chunk: Vec<Candidate>,
    issuer: &ForeignIssuer,
    seen: &HashMap<Box<[u8]>, Option<[u8; 32]>>,
) -> Vec<Loaded> {
    let workers = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(16);
    let share = chunk.len().div_ceil(workers).max(1);
    let mut chunk = chunk.into_iter();
    thread::scope(|scope| {
        let mut handles = Vec::new();
        loop {
            let part: Vec<Candidate> = chunk.by_ref().take(share).collect();
            if part.is_empty() {
                break;
            }
            handles.push(scope.spawn(move || -> Vec<Loaded> {
                part.into_iter()
                    .map(|candidate| load_one(candidate, issuer, seen))
                    .collect()
            }));
        }
        handles
            .into_iter()
            .flat_map(|handle| {
                handle
                    .join()
                    .unwrap_or_else(|p| std::panic::resume_unwind(p))
            })
            .collect()
    })
}

fn load_one(
    mut candidate: Candidate,
    issuer: &ForeignIssuer,
    seen: &HashMap<Box<[u8]>, Option<[u8; 32]>>,
) -> Loaded {
    let certificate = match core::mem::replace(&mut candidate.source, Source::None) {
        Source::None => None,
        Source::Der(der) => Some(check(der, issuer, seen)),
        Source::File(path) => Some(
            first_certificate(&path)
                .map_err(ForeignError::Malformed)
                .and_then(|der| check(der, issuer, seen)),
        ),
    };
    Loaded {
        candidate,
        certificate,
    }
}

fn check(
    der: Vec<u8>,
    issuer: &ForeignIssuer,
    seen: &HashMap<Box<[u8]>, Option<[u8; 32]>>,
) -> Result<Certificate, ForeignError> {
    let certificate = issuer.read(der)?;
    let earlier = seen.get(certificate.serial()).copied().flatten();
    if earlier.is_none_or(|digest| digest != sha256(certificate.der())) {
        issuer.check(&certificate)?;
    }
    Ok(certificate)
}

fn first_certificate(path: &Path) -> Result<Vec<u8>, String> {
    let shown = |e: &dyn core::fmt::Display| format!("{}: {e}", path.display());
    let file = File::open(path).map_err(|e| shown(&e))?;
    let found = Bundles::new(BufReader::new(file)).next_certificate();
    match found.map_err(|e| shown(&e))? {
        Some((_, der)) => der.map_err(|e| shown(&e)),
        None => Err(shown(&"it is empty")),
    }
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> ImportError {
    move |source| ImportError::Read {
        path: path.to_owned(),
        source,
    }
}

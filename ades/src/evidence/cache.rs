//! Answers kept for the next document: OCSP responses, CRLs and certificates, as long as their own
//! dates allow, in a folder that several processes share or in memory.
//!
//! An entry is a file that is whole or absent (written beside, then renamed), with a checksum. What
//! is damaged, or does not settle a question, is thrown away and fetched again; nothing in it is
//! trusted more than what a stranger sends.

use core::time::Duration;
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use pki_asn1::ocsp::BasicResponse;
use pki_asn1::{Certificate, CertificateList, Clock, SystemClock, UnixTime};
use pki_crypto::DigestAlgorithm;

use trust_lists::list::TrustedList;

use super::Fetch;
use crate::cms::parse::SignedData;

/// Bounds of a cache.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CacheLimits {
    /// Octets of all entries together.
    pub bytes: u64,
    /// Number of entries.
    pub entries: usize,
    /// How long after it was fetched an answer is used again, where its nextUpdate allows. It is how
    /// much later than without a cache a revocation may be noticed.
    pub reuse: Duration,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            entries: 2_000,
            reuse: Duration::from_secs(3600),
        }
    }
}

/// Certificates of authorities have no date by which they are superseded.
const KEEP_CERTIFICATES: Duration = Duration::from_secs(7 * 86_400);
/// Who did not answer is not asked again this long by the same process.
const SILENCE: Duration = Duration::from_secs(30);
/// A refusal that came sooner is about the one question: strangers' files ask others of the same server.
const PATIENCE: Duration = Duration::from_secs(1);
/// A file that was begun and not finished by then never will be.
const ABANDONED: Duration = Duration::from_secs(3600);
const MAGIC: &str = "sceau-cache 1";
const SUFFIX: &str = "entry";
/// The head of an entry is a few lines.
const HEAD: u64 = 16 << 10;

/// A [`Fetch`] that remembers.
pub struct Cached<F> {
    inner: F,
    store: Store,
    limits: CacheLimits,
    clock: Arc<dyn Clock>,
    silent: Mutex<HashMap<String, (Instant, String)>>,
    patience: Duration,
}

enum Store {
    Memory(Mutex<HashMap<String, Entry>>),
    Folder(PathBuf),
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Entry {
    fetched: UnixTime,
    expires: UnixTime,
    url: String,
    body: Vec<u8>,
}

impl<F: Fetch> Cached<F> {
    /// Remembers for as long as this value lives.
    #[must_use]
    pub fn in_memory(inner: F) -> Self {
        Self::over(inner, Store::Memory(Mutex::default()))
    }

    /// Remembers in a folder, which is made when there is something to keep. A folder that cannot be
    /// written is no error: then nothing is kept.
    #[must_use]
    pub fn in_folder(inner: F, folder: impl Into<PathBuf>) -> Self {
        Self::over(inner, Store::Folder(folder.into()))
    }

    fn over(inner: F, store: Store) -> Self {
        Self {
            inner,
            store,
            limits: CacheLimits::default(),
            clock: Arc::new(SystemClock),
            silent: Mutex::default(),
            patience: PATIENCE,
        }
    }

    /// Other bounds.
    #[must_use]
    pub fn with_limits(mut self, limits: CacheLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Another clock than the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    fn remembered(
        &self,
        url: &str,
        request: Option<&[u8]>,
        ask: impl FnOnce() -> Result<Vec<u8>, String>,
    ) -> Result<Vec<u8>, String> {
        let key = key(url, request);
        if let Some(entry) = self.store.get(&key)
            && entry.url == url
            && self.is_fresh(&entry)
        {
            return Ok(entry.body);
        }
        // Whoever has a list asked for where others ask for status (an OCSP responder by GET) must not keep
        // them from their answer.
        let service = format!("{} {url}", if request.is_some() { "ocsp" } else { "get" });
        let mut silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        silent.retain(|_, (since, _)| since.elapsed() < SILENCE);
        if let Some((_, why)) = silent.get(&service).or_else(|| silent.get(&key)) {
            return Err(why.clone());
        }
        drop(silent);
        let begun = Instant::now();
        let body = ask().inspect_err(|why| {
            let whom = match begun.elapsed() < self.patience {
                true => key.clone(),
                false => service,
            };
            let mut silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
            // URLs come from strangers' certificates.
            if silent.len() < 1_000 {
                silent.insert(whom, (Instant::now(), why.clone()));
            }
        })?;
        let now = self.clock.now();
        if let Some(expires) = expires(&body, request, now)
            && body.len() as u64 <= self.limits.bytes / 2
        {
            let entry = Entry {
                fetched: now,
                expires,
                url: url.to_owned(),
                body: body.clone(),
            };
            self.store.put(&key, entry, &self.limits);
        }
        Ok(body)
    }

    fn is_fresh(&self, entry: &Entry) -> bool {
        let now = self.clock.now();
        let lasting = Certificate::from_der(entry.body.clone()).is_ok();
        entry.fetched <= now
            && now < entry.expires
            && (lasting || now < entry.fetched + self.limits.reuse)
    }
}

impl<F: Fetch> Fetch for Cached<F> {
    fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        self.remembered(url, None, || self.inner.get(url))
    }

    fn ocsp(&self, url: &str, request: &[u8]) -> Result<Vec<u8>, String> {
        self.remembered(url, Some(request), || self.inner.ocsp(url, request))
    }

    fn forget(&self, url: &str, request: Option<&[u8]>) -> bool {
        let key = key(url, request);
        // What was fetched just now would come again.
        let kept = self.store.get(&key);
        let old = kept.is_some_and(|e| e.fetched < self.clock.now());
        self.store.remove(&key);
        // There may be another cache behind this one.
        self.inner.forget(url, request) || old
    }
}

impl Store {
    fn get(&self, key: &str) -> Option<Entry> {
        match self {
            Self::Memory(entries) => entries
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(key)
                .cloned(),
            Self::Folder(folder) => {
                let path = path(folder, key);
                let found = read(&path);
                if let Err(why) = &found
                    && why.kind() == io::ErrorKind::InvalidData
                {
                    tracing::debug!(file = %path.display(), %why, "a cache entry is thrown away");
                    let _ = fs::remove_file(&path);
                }
                found.ok()
            }
        }
    }

    fn remove(&self, key: &str) {
        match self {
            Self::Memory(entries) => {
                let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
                entries.remove(key);
            }
            Self::Folder(folder) => {
                let _ = fs::remove_file(path(folder, key));
            }
        }
    }

    fn put(&self, key: &str, entry: Entry, limits: &CacheLimits) {
        match self {
            Self::Memory(entries) => {
                let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
                entries.insert(key.to_owned(), entry);
                let mut order: Vec<_> = entries
                    .iter()
                    .map(|(k, e)| (e.fetched, k.clone(), e.body.len() as u64))
                    .collect();
                order.sort();
                let sizes = order.iter().map(|(_, _, size)| *size);
                let excess = excess(sizes, limits);
                for (_, key, _) in order.into_iter().take(excess) {
                    entries.remove(&key);
                }
            }
            Self::Folder(folder) => {
                if let Err(why) = write(folder, key, &entry).and_then(|()| tidy(folder, limits)) {
                    tracing::debug!(folder = %folder.display(), %why, "nothing is kept in the cache");
                }
            }
        }
    }
}

/// How many of the oldest entries are too many; sizes from the oldest on.
fn excess(sizes: impl Iterator<Item = u64> + Clone, limits: &CacheLimits) -> usize {
    let mut count = sizes.clone().count();
    let mut total: u64 = sizes.clone().sum();
    let mut removed = 0;
    for size in sizes {
        if count <= limits.entries && total <= limits.bytes {
            break;
        }
        count -= 1;
        total -= size;
        removed += 1;
    }
    removed
}

fn key(url: &str, request: Option<&[u8]>) -> String {
    let mut name = Vec::from(if request.is_some() { "ocsp\0" } else { "get\0" });
    name.extend(url.as_bytes());
    if let Some(request) = request {
        name.push(0);
        name.extend(request);
    }
    DigestAlgorithm::Sha256.digest(&name).to_hex()
}

/// Until when an answer may be kept; nothing where it is not an answer.
fn expires(body: &[u8], request: Option<&[u8]>, now: UnixTime) -> Option<UnixTime> {
    if request.is_some() {
        let response = BasicResponse::from_response(body).ok()?;
        let responses = response.data().responses.iter();
        let dates: Option<Vec<UnixTime>> = responses
            .map(|one| one.next_update.map(UnixTime::from))
            .collect();
        return dates?.into_iter().min();
    }
    if let Some(next) = trusted_list(body) {
        return next;
    }
    let der = pki_asn1::pem::der_or_pem(body, &["X509 CRL", "CERTIFICATE"])
        .ok()
        .and_then(|all| all.into_iter().next())?;
    if let Ok(crl) = CertificateList::from_der(der.clone()) {
        return crl.next_update();
    }
    (Certificate::from_der(der).is_ok() || SignedData::parse(body).is_ok())
        .then(|| now + KEEP_CERTIFICATES)
}

/// When the next one of a trusted list is due; `None` where it is no list.
fn trusted_list(body: &[u8]) -> Option<Option<UnixTime>> {
    let begins =
        body.trim_ascii_start().first() == Some(&b'<') || body.starts_with(b"\xEF\xBB\xBF<");
    let list = begins.then(|| TrustedList::parse(body).ok())??;
    Some(list.next_update)
}

fn path(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{key}.{SUFFIX}"))
}

fn read(path: &Path) -> io::Result<Entry> {
    // Whoever opens a pipe waits for somebody to write into it.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not a file"));
    }
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > (256 << 20) + HEAD {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "too large"));
    }
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    parse(&bytes).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "damaged"))
}

fn parse(bytes: &[u8]) -> Option<Entry> {
    let end = bytes
        .windows(2)
        .take(HEAD as usize)
        .position(|w| w == b"\n\n")?;
    let head = core::str::from_utf8(bytes.get(..end)?).ok()?;
    let body = bytes.get(end + 2..)?;
    let mut lines = head.lines();
    if lines.next()? != MAGIC {
        return None;
    }
    let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
    let entry = Entry {
        fetched: value("fetched")?.parse().ok()?,
        expires: value("expires")?.parse().ok()?,
        url: value("url")?.to_owned(),
        body: body.to_vec(),
    };
    let checksum = value("sha256")?;
    (checksum == entry.checksum()).then_some(entry)
}

impl Entry {
    /// Over everything: a damaged date would be believed otherwise.
    fn checksum(&self) -> String {
        let mut hasher = DigestAlgorithm::Sha256.hasher();
        hasher.update(format!("{} {} {}\n", self.fetched, self.expires, self.url).as_bytes());
        hasher.update(&self.body);
        hasher.finish().to_hex()
    }
}

fn write(folder: &Path, key: &str, entry: &Entry) -> io::Result<()> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    if entry.url.contains(['\n', '\r']) {
        return Ok(());
    }
    make(folder)?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let beside = folder.join(format!("{key}.{}-{number}.new", std::process::id()));
    let head = format!(
        "{MAGIC}\nfetched {}\nexpires {}\nurl {}\nsha256 {}\n\n",
        entry.fetched,
        entry.expires,
        entry.url,
        entry.checksum()
    );
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)
        .and_then(|mut file| {
            file.write_all(head.as_bytes())?;
            file.write_all(&entry.body)
        })
        .and_then(|()| fs::rename(&beside, path(folder, key)));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// What was asked about is nobody else's business.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Removes the oldest entries beyond the limits, and what was begun and never finished.
fn tidy(folder: &Path, limits: &CacheLimits) -> io::Result<()> {
    let mut entries: Vec<(SystemTime, PathBuf, u64)> = Vec::new();
    for file in fs::read_dir(folder)? {
        // Another process may have removed it by now.
        let Ok(file) = file else { continue };
        let Ok(about) = file.metadata() else { continue };
        let Ok(changed) = about.modified() else {
            continue;
        };
        let path = file.path();
        match path.extension().and_then(|e| e.to_str()) {
            Some(SUFFIX) => entries.push((changed, path, about.len())),
            Some("new") if changed.elapsed().is_ok_and(|age| age > ABANDONED) => {
                let _ = fs::remove_file(path);
            }
            _ => {}
        }
    }
    entries.sort();
    let excess = excess(entries.iter().map(|(_, _, size)| *size), limits);
    for (_, path, _) in entries.into_iter().take(excess) {
        let _ = fs::remove_file(path);
    }
    Ok(())
}

#[cfg(test)]
mod tests;

//! Which editions of trusted lists were relied on, kept beside the cache between runs: an older one that comes
//! again from the network is noticed (TS 119 612 clause 5.3.2, sequence numbers only grow).
//!
//! Only what was signed by those who may is remembered, so nobody else can push the number up.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use ades::evidence::{Fetch, FetchLists};
use trust_lists::load::{Edition, Source};

/// In the folder of the cache.
const FILE: &str = "trusted-lists.editions";
/// Lists that are remembered.
const LISTS: usize = 1_000;
/// Of the file that remembers them.
const OCTETS: u64 = 4 << 20;

/// Lists from the network, and what is known of them.
pub(crate) struct Remembered<'f> {
    lists: FetchLists<'f>,
    file: Option<PathBuf>,
    known: RefCell<BTreeMap<String, Edition>>,
    changed: RefCell<BTreeMap<String, Edition>>,
}

impl<'f> Remembered<'f> {
    /// With what earlier runs left in the folder of the cache. Nothing there means nothing known.
    pub(crate) fn new(fetch: &'f dyn Fetch, cache: Option<&Path>) -> Self {
        let file = cache.map(|folder| folder.join(FILE));
        Self {
            lists: FetchLists::new(fetch),
            known: RefCell::new(file.as_deref().map(read).unwrap_or_default()),
            file,
            changed: RefCell::default(),
        }
    }

    /// Keeps what was learned. A folder that cannot be written is no error, as with the cache.
    pub(crate) fn save(&self) {
        let changed = self.changed.borrow();
        let Some(file) = self.file.as_deref().filter(|_| !changed.is_empty()) else {
            return;
        };
        // Another process may have learned something else meanwhile.
        let mut all = read(file);
        for (url, edition) in changed.iter() {
            let newer =
                |known: &Edition| known.is_before(*edition) || known.issued < edition.issued;
            if all.get(url).is_none_or(newer) {
                all.insert(url.clone(), *edition);
            }
        }
        let lines: String = all
            .iter()
            .take(LISTS)
            .map(|(url, e)| format!("{} {} {url}\n", e.sequence_number, e.issued))
            .collect();
        if let Err(why) = write(file, &lines) {
            tracing::debug!(file = %file.display(), %why, "editions of trusted lists are not kept");
        }
    }
}

impl Source for Remembered<'_> {
    fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        self.lists.get(url)
    }

    fn latest(&self, url: &str) -> Option<Edition> {
        self.known.borrow().get(url).copied()
    }

    fn remember(&self, url: &str, edition: Edition) {
        if self.latest(url) != Some(edition) && !url.contains(['\n', '\r']) {
            self.known.borrow_mut().insert(url.to_owned(), edition);
            self.changed.borrow_mut().insert(url.to_owned(), edition);
        }
    }
}

/// Whoever opens a pipe waits for somebody to write into it, and others may be able to write here.
fn text(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    if fs::metadata(file)?.is_file() {
        File::open(file)?.take(OCTETS).read_to_string(&mut text)?;
    }
    Ok(text)
}

/// Lines that make no sense are passed over.
fn read(file: &Path) -> BTreeMap<String, Edition> {
    let text = text(file).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let mut parts = line.splitn(3, ' ');
            let edition = Edition {
                sequence_number: parts.next()?.parse().ok()?,
                issued: parts.next()?.parse().ok()?,
            };
            Some((parts.next()?.to_owned(), edition))
        })
        .take(LISTS)
        .collect()
}

/// Whole or not at all.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    // As the cache makes it: what was asked about is nobody else's business.
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let beside = file.with_extension(format!("{}.new", std::process::id()));
    // Not through a link that somebody else put there.
    let mut new = File::options().write(true).create_new(true).open(&beside)?;
    new.write_all(text.as_bytes())
        .and_then(|()| fs::rename(&beside, file))
        .inspect_err(|_| drop(fs::remove_file(&beside)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_put_into_the_folder_is_waited_for_or_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        let made = std::process::Command::new("mkfifo").arg(&file).status();
        assert!(made.unwrap().success());
        assert!(read(&file).is_empty());
        let theirs = folder.path().join("theirs");
        fs::write(&theirs, b"kept").unwrap();
        let beside = file.with_extension(format!("{}.new", std::process::id()));
        std::os::unix::fs::symlink(&theirs, &beside).unwrap();
        write(&file, "1 2026-11-22T00:00:00Z http://a/\n").unwrap_err();
        assert_eq!(fs::read(&theirs).unwrap(), b"kept");
        fs::remove_file(&beside).unwrap();
        write(&file, "1 2026-11-22T00:00:00Z http://a/\n").unwrap();
        assert_eq!(read(&file).len(), 1);
    }
}

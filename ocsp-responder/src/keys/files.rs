//! Notices that a responder certificate or key was renewed, so that nobody has to send a signal.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the files are looked at. A change counts once two looks in a row have seen the same.
const POLL: Duration = Duration::from_secs(1);
/// After files that could not be used, until they are tried again without another change: a certificate
/// may not have been valid yet.
const RETRY: Duration = Duration::from_secs(60);

/// What became of files that changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// They are in use.
    Used,
    /// They cannot be used, and the ones before go on.
    Refused,
}

/// Watches files until it is dropped.
#[derive(Debug)]
pub struct FileWatch {
    thread: Option<JoinHandle<()>>,
    ended: Arc<AtomicBool>,
}

/// What tells one content of a file from another; links are followed, so that the turn of one is seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
}

impl FileWatch {
    /// Calls `changed` on a thread of its own whenever one of these files has become another.
    ///
    /// # Errors
    /// Where the operating system gives no thread.
    pub fn start(
        files: Vec<PathBuf>,
        changed: impl Fn() -> Taken + Send + 'static,
    ) -> std::io::Result<Self> {
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        let mut used = stamps(&files);
        let thread = std::thread::Builder::new()
            .name("files".into())
            .spawn(move || {
                let mut last = used.clone();
                let mut refused: Option<Instant> = None;
                loop {
                    std::thread::park_timeout(POLL);
                    if end.load(Ordering::Relaxed) {
                        return;
                    }
                    let now = stamps(&files);
                    let settled = now == last;
                    last.clone_from(&now);
                    let again = refused.is_some_and(|at| at.elapsed() >= RETRY);
                    if settled && (now != used || again) {
                        used = now;
                        refused = match changed() {
                            Taken::Used => None,
                            Taken::Refused => Some(Instant::now()),
                        };
                    }
                }
            })?;
        Ok(Self {
            thread: Some(thread),
            ended,
        })
    }
}

impl Drop for FileWatch {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Option<Stamp>> {
    let stamp = |found: Metadata| Stamp {
        device: found.dev(),
        inode: found.ino(),
        length: found.len(),
        modified: (found.mtime(), found.mtime_nsec()),
    };
    files
        .iter()
        .map(|file| std::fs::metadata(file).ok().map(stamp))
        .collect()
}

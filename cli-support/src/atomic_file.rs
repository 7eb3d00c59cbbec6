//! Output files that are whole or absent.
//!
//! The bytes go to a file without a name in the destination's folder (`O_TMPFILE`), so that nothing
//! is left behind even by `kill -9` or a power cut; where the file system has no such files, to a
//! hidden one that is removed on drop. [`AtomicFile::commit`] makes them durable and gives them
//! their name in one step.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;
use tempfile::NamedTempFile;

use crate::exit::Exit;
use crate::failure::{inner, io_exit};

/// What happens to a file that is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// It stays, and the new file is refused: at once where it exists now, else when the new one is to
    /// take its name.
    Refuse,
    /// It is replaced in one step. A symbolic link is replaced itself, not what it points to.
    Replace,
}

/// How an [`AtomicFile`] is to be made.
#[derive(Clone, Debug)]
pub struct Options {
    overwrite: Overwrite,
    mode: u32,
    inputs: Vec<PathBuf>,
}

impl Options {
    /// The file's permissions, less the umask; 0o666 unless set. Private keys want 0o600.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Refuses to write onto this file, whatever it is called and whatever the policy.
    #[must_use]
    pub fn input(mut self, path: impl Into<PathBuf>) -> Self {
        self.inputs.push(path.into());
        self
    }

    /// As [`Options::input`], for many.
    #[must_use]
    pub fn inputs<P: Into<PathBuf>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.inputs.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Prepares `path` for writing; nothing is visible there until [`AtomicFile::commit`].
    ///
    /// # Errors
    /// Where the file may not be written, or its folder is missing or not writable.
    pub fn create(&self, path: impl Into<PathBuf>) -> Result<AtomicFile, AtomicFileError> {
        let path = path.into();
        self.check(&path)?;
        let folder = folder_of(&path);
        let file = Temporary::create(folder, self.mode).map_err(|source| {
            if source.kind() == io::ErrorKind::NotFound {
                AtomicFileError::NoFolder {
                    folder: folder.to_owned(),
                    path: path.clone(),
                }
            } else {
                AtomicFileError::Create {
                    path: path.clone(),
                    source,
                }
            }
        })?;
        Ok(AtomicFile {
            path,
            overwrite: self.overwrite,
            file,
        })
    }

    /// Everything about the destination that can be told before work is done for it.
    fn check(&self, path: &Path) -> Result<(), AtomicFileError> {
        use AtomicFileError::{Exists, IsInput, NotAFile};
        let owned = || path.to_owned();
        // `folder/` names a folder, also one that is not there.
        if path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(NotAFile { path: owned() });
        }
        // A symbolic link has the name too, wherever it leads.
        match fs::symlink_metadata(path) {
            Ok(_) if self.overwrite == Overwrite::Replace => {}
            Ok(found) if found.is_symlink() && fs::metadata(path).is_err() => {
                return Err(Exists { path: owned() });
            }
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            // Such as a name that is too long: found out now, before work is done for it.
            Err(source) => {
                let path = owned();
                return Err(AtomicFileError::Create { path, source });
            }
        }
        let Ok(there) = fs::metadata(path) else {
            return Ok(());
        };
        let same = |input: &PathBuf| {
            fs::metadata(input).is_ok_and(|i| (i.dev(), i.ino()) == (there.dev(), there.ino()))
        };
        if self.inputs.iter().any(same) {
            return Err(IsInput { path: owned() });
        }
        // Renaming over /dev/null would replace the device.
        if !there.is_file() {
            return Err(NotAFile { path: owned() });
        }
        match self.overwrite {
            Overwrite::Refuse => Err(Exists { path: owned() }),
            Overwrite::Replace => Ok(()),
        }
    }
}

/// A file in the making. Dropped without [`AtomicFile::commit`], it never existed.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    overwrite: Overwrite,
    file: Temporary,
}

impl AtomicFile {
    /// Prepares `path` for writing with the default permissions.
    ///
    /// # Errors
    /// As [`Options::create`].
    pub fn create(path: impl Into<PathBuf>, overwrite: Overwrite) -> Result<Self, AtomicFileError> {
        Self::options(overwrite).create(path)
    }

    /// Permissions and inputs, to be set before [`Options::create`].
    #[must_use]
    pub fn options(overwrite: Overwrite) -> Options {
        Options {
            overwrite,
            mode: 0o666,
            inputs: Vec::new(),
        }
    }

    /// The name that the file will have.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the contents durable and gives the file its name, in one step.
    ///
    /// # Errors
    /// Where the bytes cannot be made durable, or another file took the name meanwhile
    /// ([`Overwrite::Refuse`]). Nothing new is visible then.
    pub fn commit(self) -> Result<(), AtomicFileError> {
        let Self {
            path,
            overwrite,
            file,
        } = self;
        let failed = |source| commit_error(&path, source);
        file.as_file().sync_all().map_err(failed)?;
        file.publish(&path, overwrite).map_err(failed)?;
        // Without this the name itself may not survive a power cut.
        File::open(folder_of(&path))
            .and_then(|folder| folder.sync_all())
            .map_err(failed)
    }

    /// Commits many files for the price of few: their contents become durable together, then each
    /// takes its name, then the names become durable. The results are in the order of `files`; a
    /// file that fails leaves the others alone.
    pub fn commit_all(files: Vec<Self>) -> Vec<Result<(), AtomicFileError>> {
        let synced = sync_contents(&files);
        let mut folders: Vec<PathBuf> = Vec::new();
        let mut results: Vec<_> = files
            .into_iter()
            .zip(synced)
            .map(|(file, synced)| {
                let Self {
                    path,
                    overwrite,
                    file,
                } = file;
                synced
                    .and_then(|()| file.publish(&path, overwrite))
                    .map_err(|source| commit_error(&path, source))?;
                let folder = folder_of(&path);
                if !folders.iter().any(|f| f == folder) {
                    folders.push(folder.to_owned());
                }
                Ok(path)
            })
            .collect();
        for folder in folders {
            let synced = File::open(&folder).and_then(|f| f.sync_all());
            if let Err(source) = synced {
                for result in &mut results {
                    if let Ok(path) = result
                        && folder_of(path) == folder
                    {
                        let source = io::Error::new(source.kind(), source.to_string());
                        *result = Err(commit_error(path, source));
                    }
                }
            }
        }
        results.into_iter().map(|result| result.map(drop)).collect()
    }

    /// Writes these bytes and commits.
    ///
    /// # Errors
    /// As [`AtomicFile::commit`], and where the bytes cannot be written.
    pub fn finish(self, bytes: &[u8]) -> Result<(), AtomicFileError> {
        self.file.as_file().write_all(bytes).map_err(|source| {
            let path = self.path.clone();
            AtomicFileError::Write { path, source }
        })?;
        self.commit()
    }

    fn name_error(&self, source: io::Error) -> io::Error {
        let kind = source.kind();
        let path = self.path.clone();
        io::Error::new(kind, AtomicFileError::Write { path, source })
    }
}

/// Makes the contents of all durable: one call for each file system instead of one for each file.
fn sync_contents(files: &[AtomicFile]) -> Vec<io::Result<()>> {
    if let [file] = files {
        return vec![file.file.as_file().sync_all()];
    }
    let mut devices: Vec<(u64, Result<(), Errno>)> = Vec::new();
    let sync = |file: &AtomicFile| {
        let file = file.file.as_file();
        let device = file.metadata()?.dev();
        let known = devices.iter().find(|(d, _)| *d == device).map(|(_, r)| *r);
        let result = known.unwrap_or_else(|| {
            let result = rustix::fs::syncfs(file);
            devices.push((device, result));
            result
        });
        Ok(result?)
    };
    files.iter().map(sync).collect()
}

fn commit_error(path: &Path, source: io::Error) -> AtomicFileError {
    let path = path.to_owned();
    if source.kind() == io::ErrorKind::AlreadyExists {
        AtomicFileError::Exists { path }
    } else {
        AtomicFileError::Write { path, source }
    }
}

/// Writes a small file in one go.
///
/// # Errors
/// As [`AtomicFile`].
pub fn write(
    path: impl Into<PathBuf>,
    bytes: &[u8],
    overwrite: Overwrite,
) -> Result<(), AtomicFileError> {
    AtomicFile::create(path, overwrite)?.finish(bytes)
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.as_file().write(bytes);
        written.map_err(|e| self.name_error(e))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.file.as_file().seek(to);
        at.map_err(|e| self.name_error(e))
    }
}

/// Where the bytes are before they have their name.
#[derive(Debug)]
enum Temporary {
    Unnamed(File),
    Named(NamedTempFile),
}

impl Temporary {
    fn create(folder: &Path, mode: u32) -> io::Result<Self> {
        match Self::unnamed(folder, mode)? {
            Some(file) => Ok(Self::Unnamed(file)),
            None => tempfile::Builder::new()
                .prefix(".sceau-")
                .permissions(fs::Permissions::from_mode(mode))
                .tempfile_in(folder)
                .map(Self::Named)
                // Its message names the temporary file, which is nobody's business.
                .map_err(|e| e.kind().into()),
        }
    }

    /// A file without a name; `None` where file system or kernel offer none.
    fn unnamed(folder: &Path, mode: u32) -> io::Result<Option<File>> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(CWD, folder, flags, Mode::from_raw_mode(mode)) {
            Ok(file) => File::from(file),
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOSYS) => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        // Naming it later goes through /proc.
        let nameable = fs::symlink_metadata(proc_path(&file)).is_ok();
        Ok(nameable.then_some(file))
    }

    fn as_file(&self) -> &File {
        match self {
            Self::Unnamed(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }

    fn publish(self, path: &Path, overwrite: Overwrite) -> io::Result<()> {
        match (self, overwrite) {
            (Self::Unnamed(file), Overwrite::Refuse) => link(&file, path),
            (Self::Unnamed(file), Overwrite::Replace) => {
                // Linking never replaces, renaming does: the file is visible under a hidden name between.
                let hidden = hidden_name(path, &file)?;
                link(&file, &hidden)?;
                fs::rename(&hidden, path).inspect_err(|_| {
                    let _ = fs::remove_file(&hidden);
                })
            }
            (Self::Named(file), Overwrite::Refuse) => {
                file.persist_noclobber(path).map(drop).map_err(|e| e.error)
            }
            (Self::Named(file), Overwrite::Replace) => {
                file.persist(path).map(drop).map_err(|e| e.error)
            }
        }
    }
}

fn link(file: &File, path: &Path) -> io::Result<()> {
    rustix::fs::linkat(CWD, proc_path(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?;
    Ok(())
}

fn proc_path(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// A name beside `path` that only this file can want: its inode number is unique in the folder's
/// file system while it is open.
fn hidden_name(path: &Path, file: &File) -> io::Result<PathBuf> {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}", file.metadata()?.ino()));
    Ok(path.with_file_name(name))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Why an output file was not written. Nothing is left of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AtomicFileError {
    /// A file of that name is there and may not be replaced.
    #[error("{} already exists", path.display())]
    Exists {
        /// The output file.
        path: PathBuf,
    },
    /// The output is one of the inputs.
    #[error("{} is an input itself", path.display())]
    IsInput {
        /// The output file.
        path: PathBuf,
    },
    /// There is a folder, a device or a pipe of that name.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// The output file.
        path: PathBuf,
    },
    /// The folder does not exist.
    #[error("cannot create {}: there is no folder {}", path.display(), folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
        /// The output file.
        path: PathBuf,
    },
    /// No file can be created in the folder.
    #[error("cannot create {}", path.display())]
    Create {
        /// The output file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The bytes cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The output file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
}

impl AtomicFileError {
    /// The program's exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Exists { .. } | Self::IsInput { .. } | Self::NotAFile { .. } => Exit::CantCreate,
            Self::NoFolder { .. } => Exit::CantCreate,
            Self::Create { source, .. } => match io_exit(source.kind()) {
                Exit::Io => Exit::CantCreate,
                exit => exit,
            },
            Self::Write { source, .. } => {
                inner::<Self>(source).map_or_else(|| io_exit(source.kind()), AtomicFileError::exit)
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Exists { .. } => "give another name, or move that file away first",
            Self::IsInput { .. } => "give the output another name",
            Self::NotAFile { .. } => "give the name of a file",
            Self::NoFolder { folder, .. } => {
                return Some(format!("create it first: mkdir -p {}", folder.display()));
            }
            Self::Create { source, .. } | Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => "check who may write to its folder",
                io::ErrorKind::ReadOnlyFilesystem => {
                    "its file system is read-only: choose another folder"
                }
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "free some space and run the command again; nothing was left there"
                }
                io::ErrorKind::FileTooLarge => {
                    "the file size limit (ulimit -f) is too low; nothing was left there"
                }
                io::ErrorKind::NotADirectory => "a part of its path is a file, not a folder",
                _ => return None,
            },
        };
        Some(hint.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn an_uncommitted_file_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut file = AtomicFile::create(&path, Overwrite::Refuse).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(entries(folder.path()), 0);
    }

    #[test]
    fn one_of_many_that_fails_takes_the_others_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("below")).unwrap();
        let files = ["a", "below/b", "c"].map(|name| {
            let mut file = AtomicFile::create(path(name), Overwrite::Refuse).unwrap();
            file.write_all(name.as_bytes()).unwrap();
            file
        });
        // Somebody was faster.
        fs::write(path("below/b"), "other").unwrap();
        let results = AtomicFile::commit_all(files.into());
        assert!(matches!(
            &results[..],
            [Ok(()), Err(AtomicFileError::Exists { .. }), Ok(())]
        ));
        assert_eq!(fs::read(path("a")).unwrap(), b"a");
        assert_eq!(fs::read(path("below/b")).unwrap(), b"other");
        assert_eq!(fs::read(path("c")).unwrap(), b"c");
        assert!(AtomicFile::commit_all(Vec::new()).is_empty());
    }

    #[test]
    fn replacing_leaves_one_file_with_the_new_bytes_and_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        fs::write(&path, "old").unwrap();
        let options = AtomicFile::options(Overwrite::Replace).mode(0o600);
        let mut file = options.create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        file.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(entries(folder.path()), 1);
    }

    #[test]
    fn a_file_that_appears_meanwhile_survives() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut file = AtomicFile::create(&path, Overwrite::Refuse).unwrap();
        file.write_all(b"ours").unwrap();
        fs::write(&path, "theirs").unwrap();
        let error = file.commit().unwrap_err();
        assert!(matches!(error, AtomicFileError::Exists { .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(entries(folder.path()), 1);
    }

    #[test]
    fn the_fallback_behaves_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        for overwrite in [Overwrite::Refuse, Overwrite::Replace] {
            let named = NamedTempFile::new_in(folder.path()).unwrap();
            let temporary = Temporary::Named(named);
            temporary.publish(&path, overwrite).unwrap();
            assert_eq!(entries(folder.path()), 1);
        }
        let named = NamedTempFile::new_in(folder.path()).unwrap();
        let refused = Temporary::Named(named).publish(&path, Overwrite::Refuse);
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(entries(folder.path()), 1);
    }

    #[test]
    fn the_input_is_never_the_output_even_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("in");
        let alias = folder.path().join("alias");
        fs::write(&input, "contract").unwrap();
        std::os::unix::fs::symlink(&input, &alias).unwrap();
        let options = AtomicFile::options(Overwrite::Replace).input(&input);
        let error = options.create(&alias).unwrap_err();
        assert!(matches!(error, AtomicFileError::IsInput { .. }), "{error}");
    }

    #[test]
    fn devices_and_folders_are_not_replaced() {
        for path in ["/dev/null", "/tmp", "/", "..", "/tmp/no-such-folder/"] {
            let error = AtomicFile::create(path, Overwrite::Replace).unwrap_err();
            assert!(
                matches!(error, AtomicFileError::NotAFile { .. }),
                "{path}: {error}"
            );
        }
    }

    #[test]
    fn a_missing_folder_is_named_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing/out");
        let error = AtomicFile::create(&path, Overwrite::Refuse).unwrap_err();
        assert_eq!(error.exit(), Exit::CantCreate);
        assert!(
            error
                .hint()
                .unwrap()
                .starts_with("create it first: mkdir -p ")
        );
    }
}

//! Where documents come from: paths, folders, patterns, a list. One by one, so that a million of them
//! take no more memory than the names in a folder.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::{self, File, ReadDir};
use std::io::{self, BufRead, BufReader, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path, PathBuf};

use cli_support::{Exit, Failure, ResultExt};
use glob::MatchOptions;

/// Names of a folder that are put into order at a time.
const SORTED: usize = 4096;
/// Names without a letter that a list may have in a row.
const BLANK: usize = 1 << 20;
/// Longer than any path of this system.
const MAX_NAME: u64 = 1 << 14;

/// A document and the folder for its output.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) input: PathBuf,
    pub(crate) folder: Option<PathBuf>,
}

/// What the command line names.
#[derive(Debug)]
pub(crate) struct Sources<'a> {
    pub(crate) inputs: &'a [PathBuf],
    pub(crate) list: Option<&'a Path>,
    pub(crate) out_dir: Option<&'a Path>,
    pub(crate) earlier: Earlier,
}

/// What a run with the same command line left in the folders that are searched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Earlier {
    /// It is passed over.
    LeftOut,
    /// It is what is looked for.
    Looked,
}

/// Whether a list comes from standard input.
pub(crate) fn is_standard_input(list: &Path) -> bool {
    list.as_os_str() == "-"
}

impl Sources<'_> {
    /// Whether there may be more than one document.
    pub(crate) fn are_many(&self) -> bool {
        self.inputs.len() > 1
            || self.list.is_some()
            || self.out_dir.is_some()
            || self.inputs.iter().any(|i| i.is_dir() || is_pattern(i))
    }

    /// Whether outputs of an earlier run may lie beside their inputs.
    fn may_lie_beside(&self) -> bool {
        self.out_dir.is_none() && self.earlier == Earlier::LeftOut
    }

    /// The documents, in the order of the command line; folders are searched, hidden files, the output
    /// folder and outputs of an earlier run left out.
    ///
    /// # Errors
    /// Where a list or a pattern is unusable, or a pattern fits nothing.
    pub(crate) fn items(&self) -> Result<Items, Failure> {
        let skip = self.out_dir.and_then(|d| d.canonicalize().ok());
        let mut parts = VecDeque::new();
        for input in self.inputs {
            parts.push_back(if input.is_dir() {
                let is_output = skip.is_some() && input.canonicalize().ok() == skip;
                let beside = self.may_lie_beside() || is_output;
                let skip = skip.clone().filter(|_| !is_output);
                Part::Folder(Walk::new(input.clone(), beside, skip))
            } else if is_pattern(input) {
                Part::Pattern(Pattern::new(input, self.may_lie_beside(), skip.as_deref())?)
            } else {
                Part::File(input.clone())
            });
        }
        if let Some(list) = self.list {
            parts.push_back(Part::List(List::open(list)?));
        }
        Ok(Items {
            parts,
            out_dir: self.out_dir.map(Path::to_owned),
        })
    }
}

/// The documents, found when they are asked for.
pub(crate) struct Items {
    parts: VecDeque<Part>,
    out_dir: Option<PathBuf>,
}

enum Part {
    File(PathBuf),
    Folder(Walk),
    Pattern(Pattern),
    List(List),
}

impl Iterator for Items {
    type Item = Result<Item, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (found, below) = match self.parts.front_mut()? {
                Part::File(path) => {
                    let path = std::mem::take(path);
                    self.parts.pop_front();
                    (Some(Ok(path)), None)
                }
                Part::Folder(walk) => (walk.next(), Some(walk.root.clone())),
                Part::Pattern(pattern) => (pattern.next(), Some(pattern.root.clone())),
                Part::List(list) => (list.next(), Some(PathBuf::new())),
            };
            match found {
                None => {
                    self.parts.pop_front();
                }
                Some(found) => {
                    let out_dir = self.out_dir.as_deref();
                    return Some(found.map(|input| Item {
                        // The folders under the input appear under the output.
                        folder: out_dir.map(|d| match below {
                            Some(root) => d.join(folder_below(&root, &input)),
                            None => d.to_owned(),
                        }),
                        input,
                    }));
                }
            }
        }
    }
}

/// The folder of `input` under `root`; nothing where it is not under it, or leaves it again.
fn folder_below<'i>(root: &Path, input: &'i Path) -> &'i Path {
    let below = input.strip_prefix(root).ok().and_then(Path::parent);
    below
        .filter(|below| {
            below
                .components()
                .all(|c| matches!(c, Component::Normal(_) | Component::CurDir))
        })
        .unwrap_or(Path::new(""))
}

struct Walk {
    root: PathBuf,
    /// Outputs lie beside their inputs.
    beside: bool,
    skip: Option<PathBuf>,
    /// Whether names that begin with a dot are looked at.
    hidden: bool,
    /// What the names of the folders on the way are like, and of the files at its end. With them links
    /// to folders are followed; without, one that leads upwards would lead round for ever.
    levels: Option<Vec<glob::Pattern>>,
    folders: Vec<PathBuf>,
    current: Option<(PathBuf, ReadDir)>,
    /// The next ones, last first.
    files: Vec<PathBuf>,
}

impl Walk {
    fn new(root: PathBuf, beside: bool, skip: Option<PathBuf>) -> Self {
        Self {
            folders: vec![root.clone()],
            root,
            beside,
            skip,
            hidden: false,
            levels: None,
            current: None,
            files: Vec::new(),
        }
    }

    fn next(&mut self) -> Option<Result<PathBuf, Failure>> {
        loop {
            if let Some(file) = self.files.pop() {
                if self.beside && is_earlier_output(&file) {
                    continue;
                }
                return Some(Ok(file));
            }
            if self.current.is_none() {
                let folder = self.folders.pop()?;
                match fs::read_dir(&folder) {
                    Ok(entries) => self.current = Some((folder, entries)),
                    Err(e) => return Some(Err(unreadable(&folder, e))),
                }
            }
            if let Err(failure) = self.refill() {
                return Some(Err(failure));
            }
        }
    }

    /// The next names of the folder that is being read.
    fn refill(&mut self) -> Result<(), Failure> {
        let Some((folder, entries)) = &mut self.current else {
            return Ok(());
        };
        let mut below = Vec::new();
        for _ in 0..SORTED {
            let Some(entry) = entries.next() else {
                self.current = None;
                break;
            };
            let entry = entry.map_err(|e| unreadable(folder, e))?;
            if !self.hidden && entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => below.push(path),
                Ok(kind) if kind.is_symlink() && self.levels.is_some() && path.is_dir() => {
                    below.push(path);
                }
                Ok(kind) if kind.is_file() || path.is_file() => self.files.push(path),
                // A link to nothing: that its document is missing must not go unsaid.
                Ok(kind) if kind.is_symlink() && fs::metadata(&path).is_err() => {
                    self.files.push(path);
                }
                Ok(_) => {}
                Err(e) => return Err(unreadable(folder, e)),
            }
        }
        if let Some(levels) = &self.levels {
            below.retain(|path| leads_on(path, &self.root, levels));
        }
        if let Some(skip) = &self.skip {
            below.retain(|path| path.canonicalize().ok().as_ref() != Some(skip));
        }
        below.sort_unstable_by(|a, b| b.cmp(a));
        self.folders.append(&mut below);
        self.files.sort_unstable_by(|a, b| b.cmp(a));
        Ok(())
    }
}

/// Whether what is searched for may lie in this folder.
fn leads_on(folder: &Path, root: &Path, levels: &[glob::Pattern]) -> bool {
    let depth = folder
        .strip_prefix(root)
        .map_or(0, |p| p.components().count());
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let level = depth.checked_sub(1).filter(|_| depth < levels.len());
    level.is_some_and(|level| levels[level].matches_with(&name, MATCH))
}

fn unreadable(folder: &Path, error: io::Error) -> Failure {
    Failure::from(error)
        .with_context(format_args!("cannot read folder {}", folder.display()))
        .with_hint("check who may read it; the documents in it were left out")
}

/// Where outputs lie beside their inputs, a second run must not sign those of the first.
fn is_earlier_output(file: &Path) -> bool {
    let name = file.as_os_str().as_bytes();
    let beside = |suffix: &[u8], endings: &[&str]| {
        name.strip_suffix(suffix).is_some_and(|stem| {
            endings.iter().any(|ending| {
                let input = [stem, ending.as_bytes()].concat();
                Path::new(OsStr::from_bytes(&input)).is_file()
            })
        })
    };
    let is_output = beside(b".signed.pdf", &[".pdf", ".PDF", ".Pdf", ""])
        || beside(b".p7s", &[""])
        || beside(b".p7m", &[""]);
    if is_output {
        tracing::info!(file = %file.display(), "left out: the output of an earlier run");
    }
    is_output
}

/// A pattern that the shell did not expand. A file of that very name comes first.
fn is_pattern(input: &Path) -> bool {
    let has_wildcard = input
        .as_os_str()
        .as_bytes()
        .iter()
        .any(|b| b"*?[".contains(b));
    has_wildcard && fs::symlink_metadata(input).is_err()
}

struct Pattern {
    /// The folders before the first wildcard.
    root: PathBuf,
    skip: Option<PathBuf>,
    first: Option<PathBuf>,
    walk: Walk,
    fits: glob::Pattern,
}

const MATCH: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

impl Pattern {
    fn new(pattern: &Path, beside: bool, skip: Option<&Path>) -> Result<Self, Failure> {
        let unusable = || format!("{} is no usable pattern", pattern.display());
        let text = pattern.to_str().ok_or_else(|| {
            Failure::message(Exit::Usage, unusable()).with_hint("patterns are text in UTF-8")
        })?;
        let usable = |text: &str| {
            glob::Pattern::new(text).context(unusable()).exit(Exit::Usage).hint(
                "* and ? stand for characters of a name, ** for folders, [abc] for one character",
            )
        };
        usable(text)?;
        let literal =
            |c: &Component<'_>| !c.as_os_str().as_bytes().iter().any(|b| b"*?[".contains(b));
        let root: PathBuf = pattern.components().take_while(literal).collect();
        let rest: Vec<_> = pattern
            .components()
            .skip(root.components().count())
            .map(|c| c.as_os_str().to_string_lossy())
            .collect();
        let is_output = skip.is_some() && root.canonicalize().ok().as_deref() == skip;
        let beside = beside || is_output;
        let skip = skip.filter(|_| !is_output).map(Path::to_owned);
        let mut walk = Walk::new(Path::new(".").join(&root), beside, skip.clone());
        walk.hidden = rest.iter().any(|name| name.starts_with('.'));
        walk.folders.retain(|folder| folder.is_dir());
        if !rest.iter().any(|name| name == "**") {
            let levels: Result<_, _> = rest.iter().map(|name| usable(name)).collect();
            walk.levels = Some(levels?);
        }
        let fits = usable(&rest.join("/"))?;
        let mut found = Self {
            root,
            skip,
            first: None,
            walk,
            fits,
        };
        found.first = match found.next() {
            Some(first) => Some(first?),
            None => {
                return Err(Failure::message(
                    Exit::Data,
                    format_args!("no file fits the pattern {}", pattern.display()),
                )
                .with_hint("check the path; the pattern is relative to the current folder"));
            }
        };
        Ok(found)
    }

    fn next(&mut self) -> Option<Result<PathBuf, Failure>> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first));
        }
        loop {
            let path = match self.walk.next()? {
                Ok(path) => path,
                Err(failure) => return Some(Err(failure)),
            };
            let below = path.strip_prefix(&self.walk.root).unwrap_or(&path);
            // A name that is not UTF-8 fits what has a wildcard in that place.
            if !self.fits.matches_with(&below.to_string_lossy(), MATCH) {
                continue;
            }
            let path = self.root.join(below);
            if !self.is_in_output(&path) {
                return Some(Ok(path));
            }
        }
    }
}

impl Pattern {
    /// In the output folder, which may lie where the pattern searches.
    fn is_in_output(&self, path: &Path) -> bool {
        let (Some(skip), Some(folder)) = (&self.skip, path.parent()) else {
            return false;
        };
        folder.canonicalize().is_ok_and(|f| f.starts_with(skip))
    }
}

struct List {
    name: PathBuf,
    from: Box<dyn BufRead + Send>,
    separator: Option<u8>,
}

impl List {
    fn open(path: &Path) -> Result<Self, Failure> {
        let from: Box<dyn BufRead + Send> = if is_standard_input(path) {
            Box::new(BufReader::new(io::stdin()))
        } else {
            let file = File::open(path)
                .context(format_args!("cannot read the list {}", path.display()))
                .hint("give a file with one path in a line, or - for standard input")?;
            Box::new(BufReader::new(file))
        };
        Ok(Self {
            name: path.to_owned(),
            from,
            separator: None,
        })
    }

    fn next(&mut self) -> Option<Result<PathBuf, Failure>> {
        for _ in 0..BLANK {
            match self.read_name() {
                Ok(None) => return None,
                Ok(Some(name)) if name.is_empty() => {}
                Ok(Some(name)) => {
                    return Some(Ok(PathBuf::from(std::ffi::OsString::from_vec(name))));
                }
                Err(failure) => {
                    // A folder, or a disk that fails, would say so for ever.
                    self.from = Box::new(io::empty());
                    return Some(Err(failure));
                }
            }
        }
        // What follows is a device without end, or a file of another kind.
        self.from = Box::new(io::empty());
        let message = format_args!("the list {} holds nothing but blanks", self.name.display());
        let failure = Failure::message(Exit::Data, message);
        Some(Err(failure.with_hint(
            "give a list of paths, one in a line; the rest of it was left out",
        )))
    }

    fn read_name(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let failed = || format!("cannot read the list {}", self.name.display());
        let separator = match self.separator {
            Some(separator) => separator,
            None => {
                // `find -print0` ends each name with NUL, which no name holds.
                let start = self.from.fill_buf().context(failed())?;
                let separator = if start.contains(&0) { 0 } else { b'\n' };
                // Some editors begin a text with a byte order mark.
                if separator == b'\n' && start.starts_with(b"\xef\xbb\xbf") {
                    self.from.consume(3);
                }
                *self.separator.insert(separator)
            }
        };
        let mut name = Vec::new();
        let mut limited = (&mut self.from).take(MAX_NAME);
        limited.read_until(separator, &mut name).context(failed())?;
        if name.is_empty() {
            return Ok(None);
        }
        if name.last() == Some(&separator) {
            name.pop();
        } else if name.len() as u64 == MAX_NAME {
            // What follows would be read as other names.
            return Err(Failure::message(
                Exit::Data,
                format_args!(
                    "the list {} holds a name of more than {MAX_NAME} bytes",
                    self.name.display()
                ),
            )
            .with_hint("give a list of paths, one in a line; the rest of it was left out"));
        }
        if separator == b'\n' && name.last() == Some(&b'\r') {
            name.pop();
        }
        Ok(Some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[u8]) -> Vec<Result<String, String>> {
        let mut list = List {
            name: "list".into(),
            from: Box::new(io::Cursor::new(list.to_vec())),
            separator: None,
        };
        std::iter::from_fn(|| list.next())
            .map(|name| {
                name.map(|n| n.to_string_lossy().into_owned())
                    .map_err(|f| f.to_text())
            })
            .collect()
    }

    #[test]
    fn a_name_in_a_list_is_torn_or_runs_into_the_next() {
        let ok = |names: &[&str]| {
            names
                .iter()
                .map(|n| Ok((*n).to_owned()))
                .collect::<Vec<_>>()
        };
        assert_eq!(names(b"a b.pdf\nc.pdf"), ok(&["a b.pdf", "c.pdf"]));
        assert_eq!(names(b"\r\na\r\n\r\n\nb\r\n"), ok(&["a", "b"]));
        assert_eq!(names(b"a\nb\0c\0"), ok(&["a\nb", "c"]));
        assert_eq!(names(b""), ok(&[]));
        assert_eq!(names(b"\xef\xbb\xbfa\r\nb\r\n"), ok(&["a", "b"]));
        let long = [&[b'x'; MAX_NAME as usize + 1][..], b"\nnext\n"].concat();
        let read = names(&long);
        assert!(read.len() == 1 && read[0].is_err(), "{read:?}");
    }

    #[test]
    fn a_list_that_is_a_folder_fails_for_ever() {
        let mut list = List::open(Path::new(".")).unwrap();
        let failure = list.next().unwrap().unwrap_err();
        assert!(failure.to_text().contains("cannot read the list ."));
        assert!(list.next().is_none());
    }

    #[test]
    fn an_output_leaves_the_output_folder() {
        let below =
            |root: &str, input: &'static str| folder_below(Path::new(root), Path::new(input));
        assert_eq!(below("in", "in/a/b.pdf"), Path::new("a"));
        assert_eq!(below("", "a/b.pdf"), Path::new("a"));
        assert_eq!(below("", "../a/b.pdf"), Path::new(""));
        assert_eq!(below("", "a/../../b.pdf"), Path::new(""));
        assert_eq!(below("", "/etc/b.pdf"), Path::new(""));
    }
}

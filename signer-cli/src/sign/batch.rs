//! Many documents with one login: an error per document, none lost.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use cli_support::{Exit, Failure, OutputArgs, ResultExt};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::document::{Job, Planned, Signed};
use super::identity::workers;

/// A document and the folder for its output.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) input: PathBuf,
    folder: Option<PathBuf>,
}

/// The documents that the arguments name; folders are searched, hidden files and the output folder
/// left out.
pub(super) fn collect(inputs: &[PathBuf], out_dir: Option<&Path>) -> Result<Vec<Item>, Failure> {
    let mut items = Vec::new();
    let skip = out_dir.and_then(|d| d.canonicalize().ok());
    for input in inputs {
        if input.is_dir() {
            let mut files = BTreeSet::new();
            search(input, skip.as_deref(), &mut files)?;
            if out_dir.is_none() || (skip.is_some() && input.canonicalize().ok() == skip) {
                leave_out_earlier_outputs(&mut files);
            }
            for file in files {
                // The folders under the input appear under the output.
                let below = file.strip_prefix(input).ok().and_then(Path::parent);
                let folder = out_dir.map(|d| below.map_or(d.to_owned(), |b| d.join(b)));
                items.push(Item {
                    input: file,
                    folder,
                });
            }
        } else {
            items.push(Item {
                input: input.clone(),
                folder: out_dir.map(Path::to_owned),
            });
        }
    }
    Ok(items)
}

fn search(
    folder: &Path,
    skip: Option<&Path>,
    found: &mut BTreeSet<PathBuf>,
) -> Result<(), Failure> {
    let unreadable = || format!("cannot read folder {}", folder.display());
    for entry in fs::read_dir(folder).context(unreadable())? {
        let entry = entry.context(unreadable())?;
        let path = entry.path();
        let kind = entry.file_type().context(unreadable())?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if kind.is_dir() {
            let is_output = skip.is_some() && path.canonicalize().ok().as_deref() == skip;
            if !is_output {
                search(&path, skip, found)?;
            }
        } else if path.is_file() {
            found.insert(path);
        }
    }
    Ok(())
}

/// Where outputs lie beside their inputs, a second run must not sign those of the first.
fn leave_out_earlier_outputs(files: &mut BTreeSet<PathBuf>) {
    let is_output = |file: &PathBuf| {
        let name = file.as_os_str().as_encoded_bytes();
        let beside = |suffix: &[u8], endings: &[&str]| {
            name.strip_suffix(suffix).is_some_and(|stem| {
                endings.iter().any(|ending| {
                    let input = [stem, ending.as_bytes()].concat();
                    files.contains(Path::new(OsStr::from_bytes(&input)))
                })
            })
        };
        beside(b".signed.pdf", &[".pdf", ".PDF", ".Pdf", ""])
            || beside(b".p7s", &[""])
            || beside(b".p7m", &[""])
    };
    let outputs: Vec<_> = files.iter().filter(|f| is_output(f)).cloned().collect();
    for output in outputs {
        tracing::info!(file = %output.display(), "left out: the output of an earlier run");
        files.remove(&output);
    }
}

/// Signs them all, on every core; reports each failure and a summary.
pub(super) fn run(job: &Job, items: &[Item], output: &OutputArgs) -> Result<Exit, Failure> {
    for item in items {
        if let Some(folder) = &item.folder {
            fs::create_dir_all(folder)
                .context(format_args!("cannot create folder {}", folder.display()))
                .exit(Exit::CantCreate)?;
        }
    }
    let progress = progress(items.len(), output);
    let planned = Mutex::new(plan(job, items).into_iter().enumerate());
    let results: Mutex<Vec<Option<Result<Signed, Failure>>>> =
        Mutex::new(items.iter().map(|_| None).collect());
    thread::scope(|scope| {
        for _ in 0..workers(items.len()) {
            scope.spawn(|| {
                while let Some((i, planned)) = locked(&planned).next() {
                    let result = planned.and_then(|planned| job.sign(planned));
                    if let Some(slot) = locked(&results).get_mut(i) {
                        *slot = Some(result);
                    }
                    progress.inc(1);
                }
            });
        }
    });
    progress.finish_and_clear();
    let results = results.into_inner().unwrap_or_else(|e| e.into_inner());
    let died = || Failure::message(Exit::Internal, "the thread that signed it died");
    let results = results
        .into_iter()
        .map(|result| result.unwrap_or_else(|| Err(died())));
    let inputs = items.iter().map(|item| item.input.as_path());
    report(inputs.zip(results), output)
}

/// Where each output goes. Two inputs of one name in different folders would share one: the first
/// has it, whatever the policy on outputs that exist. Nor may an output replace another input.
fn plan(job: &Job, items: &[Item]) -> Vec<Result<Planned, Failure>> {
    let inode = |path: &Path| fs::metadata(path).ok().map(|m| (m.dev(), m.ino()));
    let inputs: HashSet<_> = items.iter().filter_map(|i| inode(&i.input)).collect();
    let mut taken: HashMap<PathBuf, &Path> = HashMap::new();
    let claim = |item| {
        let Item { input, folder }: &Item = item;
        let planned = job.plan(input, None, folder.as_deref())?;
        let out = planned.out.display().to_string();
        if inode(&planned.out).is_some_and(|out| inputs.contains(&out)) {
            return Err(Failure::message(
                Exit::Usage,
                format_args!(
                    "the output of {} would be {out}, another input",
                    input.display()
                ),
            )
            .with_hint("sign them in separate runs, or into another folder with --out-dir"));
        }
        let first = *taken.entry(planned.out.clone()).or_insert(input);
        if std::ptr::eq(first, input.as_path()) {
            return Ok(planned);
        }
        Err(Failure::message(
            Exit::Usage,
            format_args!(
                "the output of {} would be {out}, and so would that of {}",
                input.display(),
                first.display()
            ),
        )
        .with_hint("sign them in separate runs, each with its own --out-dir"))
    };
    items.iter().map(claim).collect()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn progress(len: usize, output: &OutputArgs) -> ProgressBar {
    if output.quiet || output.json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec}, {eta} left");
    ProgressBar::new(len as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// What became of each document, and a summary.
pub(super) fn report<'a>(
    results: impl Iterator<Item = (&'a Path, Result<Signed, Failure>)>,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let mut documents: Vec<Value> = Vec::new();
    let (mut signed, mut failed) = (0usize, 0usize);
    let mut text = String::new();
    for (input, result) in results {
        match result {
            Ok(made) => {
                signed += 1;
                text.push_str(&format!(
                    "{} -> {}\n",
                    made.file.display(),
                    made.out.display()
                ));
                documents.push(serde_json::to_value(made)?);
            }
            Err(failure) => {
                failed += 1;
                if !output.json {
                    // Standard error that cannot be written leaves the summary and the exit code.
                    let _ = std::io::stderr().write_all(failure.to_text().as_bytes());
                }
                let mut document = json!({ "file": input });
                document["failure"] = failure.to_json();
                documents.push(document);
            }
        }
    }
    text.push_str(&format!("{signed} signed, {failed} failed\n"));
    let value = json!({
        "schema": "sceau.sign/1",
        "signed": signed,
        "failed": failed,
        "documents": documents,
    });
    output.result(&value, || text)?;
    Ok(if failed == 0 { Exit::Ok } else { Exit::Failed })
}

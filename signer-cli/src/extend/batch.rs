//! Many documents: an error per document, none lost.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use cli_support::{Exit, Failure, OutputArgs, ResultExt, path};
use serde_json::json;

use super::args::Args;
use super::document::{Job, is_pdf};
use super::report::Extended;
use crate::sign::bug;

/// A document and where its extension goes.
struct Item {
    input: PathBuf,
    out: PathBuf,
}

/// Extends them all, on every core; reports each failure and a summary.
pub(super) fn run(job: &Job, args: &Args, output: &OutputArgs) -> Result<Exit, Failure> {
    let items = collect(args)?;
    let taken = taken_twice(&items);
    let work = Mutex::new(items.iter().enumerate());
    let results: Mutex<BTreeMap<usize, Result<Extended, Failure>>> = Mutex::default();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let next = work.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((index, item)) = next else { break };
                    let result = match taken.get(&index) {
                        Some(first) => Err(twice(item, first)),
                        // A bug that one document brings to light must not lose the others.
                        None => catch_unwind(AssertUnwindSafe(|| one(job, item)))
                            .unwrap_or_else(|_| Err(bug())),
                    };
                    results
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .insert(index, result);
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    summary(&items, results, output)
}

fn one(job: &Job, item: &Item) -> Result<Extended, Failure> {
    if let Some(folder) = item.out.parent() {
        fs::create_dir_all(folder)
            .context(format_args!("cannot create folder {}", folder.display()))
            .exit(Exit::CantCreate)?;
    }
    job.extend(&item.input, &item.out)
}

/// The files named, and those in folders that can hold signatures; hidden files and earlier outputs
/// left out.
fn collect(args: &Args) -> Result<Vec<Item>, Failure> {
    let out_dir = args.out_dir.as_deref();
    let skip = out_dir.and_then(|d| d.canonicalize().ok());
    let mut items = Vec::new();
    for input in &args.inputs {
        if !input.is_dir() {
            let out = Job::usual_name(input, out_dir);
            let input = input.clone();
            items.push(Item { input, out });
            continue;
        }
        let mut found = Vec::new();
        search(input, skip.as_deref(), &mut found)?;
        found.sort();
        let all: HashSet<PathBuf> = found.iter().cloned().collect();
        let outputs: HashSet<PathBuf> = found.iter().map(|f| Job::usual_name(f, None)).collect();
        for file in found {
            if out_dir.is_none() && all.contains(&file) && outputs.contains(&file) {
                tracing::info!(file = %file.display(), "left out: the output of an earlier run");
                continue;
            }
            // The folders under the input appear under the output.
            let below = file.strip_prefix(input).ok().and_then(Path::parent);
            let folder = out_dir.map(|d| below.map_or(d.to_owned(), |b| d.join(b)));
            let out = Job::usual_name(&file, folder.as_deref());
            items.push(Item { input: file, out });
        }
    }
    Ok(items)
}

fn search(folder: &Path, skip: Option<&Path>, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unreadable = || format!("cannot read folder {}", folder.display());
    for entry in fs::read_dir(folder).context(unreadable())? {
        let entry = entry.context(unreadable())?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if entry.file_type().context(unreadable())?.is_dir() {
            if skip.is_none() || path.canonicalize().ok().as_deref() != skip {
                search(&path, skip, found)?;
            }
        } else if path.is_file() && may_be_signed(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// By its name, or a PDF by its header.
fn may_be_signed(path: &Path) -> bool {
    let named = path.extension().is_some_and(|extension| {
        ["pdf", "p7s", "p7m", "asice", "asics", "sce", "scs"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    });
    let headed = || fs::File::open(path).is_ok_and(|mut f| is_pdf(&mut f).unwrap_or(false));
    named || headed()
}

/// The items whose output is that of an earlier one, or another input.
fn taken_twice(items: &[Item]) -> BTreeMap<usize, PathBuf> {
    let inode = |path: &Path| fs::metadata(path).ok().map(|m| (m.dev(), m.ino()));
    let inputs: HashSet<_> = items.iter().filter_map(|i| inode(&i.input)).collect();
    let mut first: BTreeMap<&Path, &Path> = BTreeMap::new();
    let mut twice = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        if inode(&item.out).is_some_and(|out| inputs.contains(&out)) {
            twice.insert(index, item.out.clone());
            continue;
        }
        let earlier = *first.entry(&item.out).or_insert(&item.input);
        if !std::ptr::eq(earlier, item.input.as_path()) {
            twice.insert(index, earlier.to_owned());
        }
    }
    twice
}

fn twice(item: &Item, first: &Path) -> Failure {
    Failure::message(
        Exit::Usage,
        format_args!(
            "the output of {} would be {}, which belongs to {}",
            item.input.display(),
            item.out.display(),
            first.display()
        ),
    )
    .with_hint("extend them in separate runs, each with its own --out-dir")
}

fn summary(
    items: &[Item],
    results: BTreeMap<usize, Result<Extended, Failure>>,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let (mut extended, mut unchanged, mut failed) = (0, 0, 0);
    let mut documents = Vec::new();
    let mut text = String::new();
    for (item, (_, result)) in items.iter().zip(results) {
        match result {
            Ok(one) => {
                if one.changed {
                    extended += 1;
                } else {
                    unchanged += 1;
                }
                text.push_str(&one.to_text());
                documents.push(serde_json::to_value(&one)?);
            }
            Err(failure) => {
                failed += 1;
                if !output.json {
                    // Standard error that cannot be written leaves the summary and the exit code.
                    let _ = std::io::stderr().write_all(failure.to_text().as_bytes());
                }
                documents.push(json!({
                    "file": path::text(&item.input),
                    "failure": failure.to_json(),
                }));
            }
        }
    }
    text.push_str(&format!(
        "{extended} extended, {unchanged} with nothing to be done, {failed} failed\n"
    ));
    let value = json!({
        "schema": "sceau.extend/1",
        "extended": extended,
        "unchanged": unchanged,
        "failed": failed,
        "documents": documents,
    });
    output.result(&value, || text)?;
    Ok(if failed == 0 { Exit::Ok } else { Exit::Failed })
}

//! Many documents with one login: an error per document, none lost, memory that does not grow with
//! their number.
//!
//! Documents are found one by one ([`crate::many::source`]), planned in their order ([`claims`]), signed on every
//! core, made durable in groups, and reported as they are done ([`report`]).

mod claims;
mod report;
mod resume;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt};

use super::Args;
use super::document::{Job, Planned, Signed};
pub(super) use crate::many::source::{Earlier, Sources, is_standard_input};
use crate::many::source::{Item, Items};
use crate::many::stop::Stop;
pub(super) use claims::Claims;
pub(super) use report::{End, Outcome, Reporter};

/// Signed documents that wait to be made durable together, of all threads. Each is an open file.
const MAX_GROUPS: usize = 512;
/// Open files besides: of the process, and of each document that is being signed.
const OPEN: usize = 32;
const OPEN_EACH: usize = 6;
/// No signed document waits longer than its successor takes and this.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// Signs them all, `threads` at a time; reports each as it is done, and a summary.
pub(super) fn run(
    job: &Job,
    threads: usize,
    sources: &Sources<'_>,
    args: &Args,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let mut reporter = Reporter::new(output);
    if let Some(path) = &args.batch.report {
        let replace = job.overwrite == Overwrite::Replace;
        reporter = reporter.into_file(path, args.batch.resume, replace)?;
    }
    // Before the search begins, which leaves it out.
    if let Some(folder) = sources.out_dir {
        create_folder(folder)?;
    }
    let claims = match job.overwrite {
        Overwrite::Refuse => Claims::default(),
        Overwrite::Replace => {
            if sources.list.is_some_and(is_standard_input) {
                return Err(Failure::message(
                    Exit::Usage,
                    "--force needs to know all inputs first, so as to replace none of them",
                )
                .with_hint("write the list into a file and give it with --from FILE"));
            }
            let items = sources.items()?;
            Claims::replacing(items.filter_map(|item| Some(item.ok()?.input)))
        }
    };
    let stop = Stop::on_signals()?;
    let feed = Mutex::new(Feed {
        items: sources.items()?,
        claims,
        next: 0,
        folder: None,
    });
    let group = group_limit(threads);
    let progress = reporter.progress.clone();
    let counted = match sources.list {
        Some(list) if is_standard_input(list) => None,
        _ if progress.is_hidden() => None,
        _ => Some(sources.items()?),
    };
    let reporter = Mutex::new(reporter);
    thread::scope(|scope| {
        if let Some(items) = counted {
            scope.spawn(|| {
                let number = items.take_while(|_| !stop.is_set()).count();
                progress.set_length(number as u64);
            });
        }
        for _ in 0..threads {
            let group = Group::new(group, &reporter);
            let work = Work {
                job,
                feed: &feed,
                resume: args.batch.resume,
                stop: &stop,
                reporter: &reporter,
            };
            scope.spawn(move || work.run(group));
        }
    });
    let reporter = reporter.into_inner();
    reporter
        .unwrap_or_else(PoisonError::into_inner)
        .finish(if stop.is_set() {
            End::Stopped
        } else {
            End::Done
        })
}

/// How many signed documents wait in each thread, so that files can still be opened (`ulimit -n`).
fn group_limit(threads: usize) -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find_map(|l| l.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    let spare = soft
        .unwrap_or(1024_usize)
        .saturating_sub(OPEN + OPEN_EACH * threads);
    (spare.min(MAX_GROUPS) / threads.max(1)).clamp(1, 128)
}

/// The documents not yet begun.
struct Feed {
    items: Items,
    claims: Claims,
    next: u64,
    /// The output folder that was made last.
    folder: Option<PathBuf>,
}

/// A document in the order of the input, planned.
struct Next {
    number: u64,
    input: Option<PathBuf>,
    planned: Result<Planned, Failure>,
}

impl Feed {
    /// Planning is part of taking, so that of two documents with one output the first has it.
    fn next(&mut self, job: &Job) -> Option<Next> {
        let item = self.items.next()?;
        let number = self.next;
        self.next += 1;
        Some(match item {
            Ok(item) => Next {
                number,
                planned: self.plan(job, &item),
                input: Some(item.input),
            },
            Err(failure) => Next {
                number,
                planned: Err(failure),
                input: None,
            },
        })
    }

    fn plan(&mut self, job: &Job, item: &Item) -> Result<Planned, Failure> {
        let planned = job.plan(&item.input, None, item.folder.as_deref())?;
        self.claims.claim(&item.input, &planned.out)?;
        if let Some(folder) = &item.folder
            && self.folder.as_ref() != Some(folder)
        {
            create_folder(folder)?;
            self.folder = Some(folder.clone());
        }
        Ok(planned)
    }
}

fn create_folder(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)
        .context(format_args!("cannot create folder {}", folder.display()))
        .exit(Exit::CantCreate)
        .hint("give a folder that is there or can be made, with --out-dir")
}

/// What one thread does.
struct Work<'a, 'r> {
    job: &'a Job,
    feed: &'a Mutex<Feed>,
    resume: bool,
    stop: &'a Stop,
    reporter: &'a Mutex<Reporter<'r>>,
}

enum Step {
    /// Signed; not yet durable, nor under its name.
    Made(AtomicFile, Box<Signed>),
    /// There from an earlier run.
    Kept { file: PathBuf, out: PathBuf },
}

impl Work<'_, '_> {
    fn run(&self, mut group: Group<'_, '_>) {
        while !self.stop.is_set() {
            let Some(next) = locked(self.feed).next(self.job) else {
                break;
            };
            let Next {
                number,
                input,
                planned,
            } = next;
            let made = planned.and_then(|planned| {
                // A bug that one document brings to light must not lose the others.
                catch_unwind(AssertUnwindSafe(|| self.step(planned))).unwrap_or_else(|_| Err(bug()))
            });
            let outcome = match made {
                Ok(Step::Made(file, signed)) => {
                    group.add(number, file, signed);
                    None
                }
                Ok(Step::Kept { file, out }) => Some(Outcome::Kept { file, out }),
                Err(failure) => Some(Outcome::Failed {
                    file: input,
                    failure,
                }),
            };
            let mut reporter = locked(self.reporter);
            if let Some(outcome) = outcome {
                reporter.add(number, outcome);
            }
            if reporter.is_broken() {
                break;
            }
            drop(reporter);
            group.commit_if_due();
        }
        group.commit();
    }

    fn step(&self, planned: Planned) -> Result<Step, Failure> {
        if self.resume && resume::is_done(&planned.input, &planned.out, planned.format)? {
            return Ok(Step::Kept {
                file: planned.input,
                out: planned.out,
            });
        }
        let (file, signed) = self.job.make(planned)?;
        Ok(Step::Made(file, Box::new(signed)))
    }
}

/// Signed documents that become durable together: a disk takes as long for many as for one.
struct Group<'a, 'r> {
    limit: usize,
    reporter: &'a Mutex<Reporter<'r>>,
    files: Vec<AtomicFile>,
    signed: Vec<(u64, Box<Signed>)>,
    since: Instant,
}

impl<'a, 'r> Group<'a, 'r> {
    fn new(limit: usize, reporter: &'a Mutex<Reporter<'r>>) -> Self {
        Self {
            limit,
            reporter,
            files: Vec::new(),
            signed: Vec::new(),
            since: Instant::now(),
        }
    }

    fn add(&mut self, number: u64, file: AtomicFile, signed: Box<Signed>) {
        if self.files.is_empty() {
            self.since = Instant::now();
        }
        self.files.push(file);
        self.signed.push((number, signed));
    }

    fn commit_if_due(&mut self) {
        if self.files.len() >= self.limit
            || (!self.files.is_empty() && self.since.elapsed() > MAX_WAIT)
        {
            self.commit();
        }
    }

    fn commit(&mut self) {
        let results = AtomicFile::commit_all(std::mem::take(&mut self.files));
        let mut reporter = locked(self.reporter);
        for ((number, signed), result) in self.signed.drain(..).zip(results) {
            let outcome = match result {
                Ok(()) => Outcome::Signed(signed),
                Err(error) => Outcome::Failed {
                    file: Some(signed.file),
                    failure: error.into(),
                },
            };
            reporter.add(number, outcome);
        }
    }
}

/// What is told of a document on which the program panicked.
pub(crate) fn bug() -> Failure {
    Failure::message(Exit::Internal, "a bug in this program; its trace is above")
        .with_hint("report it with the document, if you may hand it on")
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The documents of a small run, where all have to be known.
pub(super) fn inputs(sources: &Sources<'_>) -> Result<Vec<PathBuf>, Failure> {
    sources
        .items()?
        .map(|item| item.map(|item| item.input))
        .collect()
}

/// What became of each, where they were not signed here.
pub(super) fn report<'a>(
    results: impl Iterator<Item = (&'a Path, Result<Signed, Failure>)>,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let mut reporter = Reporter::new(output);
    for (number, (input, result)) in (0..).zip(results) {
        let outcome = match result {
            Ok(signed) => Outcome::Signed(Box::new(signed)),
            Err(failure) => Outcome::Failed {
                file: Some(input.to_owned()),
                failure,
            },
        };
        reporter.add(number, outcome);
    }
    reporter.finish(End::Done)
}

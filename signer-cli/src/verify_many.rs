//! `sceau verify` of many files: folders, patterns, lists. A line for each, whatever becomes of it, and one
//! exit code for all.
//!
//! Files are found one by one ([`crate::many::source`]), judged on every core, and told in their order
//! ([`output`]). No thread is more than [`AHEAD`] files before the one that is told next, so that memory
//! does not grow with their number.

mod output;
mod row;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use clap::ValueEnum;
use cli_support::{Exit, Failure, OutputArgs};

use crate::many::source::{Earlier, Items, Sources, is_standard_input};
use crate::many::stop::Stop;
use crate::sign::bug;
use crate::verify::{self, Args, Judge};
use crate::verify_report::ReportForm;
use output::{End, Reporter};
use row::Row;

/// So many files may be judged before an earlier one is.
const AHEAD: u64 = 256;

/// `--from`, `--details`: many files.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Many files")]
pub(crate) struct ManyArgs {
    /// Verify the files that this list names, one in a line or ended by NUL; - is standard input
    #[arg(long, value_name = "LIST")]
    pub(crate) from: Option<PathBuf>,

    /// After the table, the whole report of these files
    #[arg(long, value_enum, default_value = "none")]
    pub(crate) details: Details,
}

/// Of which files the whole report is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Details {
    /// Of none
    None,
    /// Of those that are not TOTAL-PASSED
    Problems,
    /// Of all
    All,
}

fn sources(args: &Args) -> Sources<'_> {
    Sources {
        inputs: &args.files,
        list: args.many.from.as_deref(),
        out_dir: None,
        // Signatures beside what they are over are what is to be verified.
        earlier: Earlier::Looked,
    }
}

/// Whether it is a table that is asked for, and not the report of one file.
pub(crate) fn are_many(args: &Args) -> bool {
    sources(args).are_many() || args.report.report == ReportForm::JsonLines
}

/// Refuses what makes sense for one file alone.
pub(crate) fn check(args: &Args) -> Result<(), Failure> {
    let alone = [
        (!args.content.is_empty(), "--content"),
        (
            args.revisions.extract_revision.is_some(),
            "--extract-revision",
        ),
        (args.report.out.is_some(), "--out"),
        (
            args.report.report.is_of_one_file(),
            "--report html, pdf or etsi",
        ),
    ];
    let Some((_, option)) = alone.iter().find(|(given, _)| *given) else {
        return Ok(());
    };
    let message = format!("{option} is for one file, and there may be several");
    Err(
        Failure::message(Exit::Usage, message).with_hint(match *option {
            "--content" => {
                "leave it away: the content of x.pdf.p7s is looked for in x.pdf, in the same folder"
            }
            _ => "run the command for each file",
        }),
    )
}

/// Judges them all; a line for each, and a summary.
pub(crate) fn run(judge: &Judge, args: &Args, output: &OutputArgs) -> Result<Exit, Failure> {
    let sources = sources(args);
    let items = sources.items()?;
    let stop = Stop::on_signals()?;
    let reporter = Reporter::new(args.report.report, args.many.details, output)?;
    let progress = reporter.progress.clone();
    let counted = match sources.list {
        Some(list) if is_standard_input(list) => None,
        _ if progress.is_hidden() => None,
        _ => Some(sources.items()?),
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let work = Work {
        judge,
        feed: Mutex::new(Feed { items, next: 0 }),
        stop: &stop,
        reporter: Mutex::new(reporter),
        told: Condvar::new(),
    };
    thread::scope(|scope| {
        if let Some(items) = counted {
            scope.spawn(|| {
                let number = items.take_while(|_| !stop.is_set()).count();
                progress.set_length(number as u64);
            });
        }
        for _ in 1..threads {
            scope.spawn(|| work.run());
        }
        work.run();
    });
    let reporter = work.reporter.into_inner();
    reporter
        .unwrap_or_else(PoisonError::into_inner)
        .finish(if stop.is_set() {
            End::Stopped
        } else {
            End::Done
        })
}

/// The files not yet begun.
struct Feed {
    items: Items,
    next: u64,
}

struct Work<'a> {
    judge: &'a Judge,
    feed: Mutex<Feed>,
    stop: &'a Stop,
    reporter: Mutex<Reporter>,
    /// That lines were told.
    told: Condvar,
}

impl Work<'_> {
    fn run(&self) {
        while !self.stop.is_set() {
            let Some((number, item)) = self.take() else {
                break;
            };
            self.wait_for(number);
            let row = match item {
                Ok(file) => catch_unwind(AssertUnwindSafe(|| self.row(&file)))
                    .unwrap_or_else(|_| Row::unread(Some(&file), bug())),
                Err(failure) => Row::unread(None, failure),
            };
            let mut reporter = locked(&self.reporter);
            reporter.add(number, row);
            self.told.notify_all();
            if reporter.is_broken() {
                break;
            }
        }
    }

    fn take(&self) -> Option<(u64, Result<PathBuf, Failure>)> {
        let mut feed = locked(&self.feed);
        let item = feed.items.next()?;
        let number = feed.next;
        feed.next += 1;
        Some((number, item.map(|item| item.input)))
    }

    /// Until no more than [`AHEAD`] files before this one are still to be told. The first of them is with a
    /// thread that does not wait here.
    fn wait_for(&self, number: u64) {
        let mut reporter = locked(&self.reporter);
        while number >= reporter.next() + AHEAD && !reporter.is_broken() {
            let woken = self.told.wait(reporter);
            reporter = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn row(&self, file: &Path) -> Row {
        let beside = verify::content_beside(file);
        match self.judge.judge(file, beside.as_slice()) {
            Ok(judged) => Row::judged(file, beside.as_deref(), judged),
            Err(error) => Row::unjudged(file, error),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

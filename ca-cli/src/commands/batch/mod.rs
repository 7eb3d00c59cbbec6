//! `sceau-ca issue --batch`: many orders, one login, a report with a line for each.
//!
//! One thread reads and reports in the order of the file; several issue, so that the record commits
//! their certificates together. Nothing is kept but what is under way, and where each id stood.

mod files;
mod line;
mod told;
mod worker;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use ca_core::batch::{BatchRow, Columns, CsvReader, Defaults, HeadingError, Qscd, Record};
use cli_support::{Exit, Failure, OutputArgs, ResultExt as _};

use self::line::Line;
use self::told::Told;
use self::worker::Worker;
use super::validity;
use crate::cli::Issue;
use crate::folder::{Access, Folder};

/// How far reading may be ahead of the oldest order under way, for each requester.
const AHEAD: u64 = 16;

type Reader = CsvReader<BufReader<File>>;

pub(super) fn run(dir: &Path, args: &Issue, output: &OutputArgs) -> Result<Exit, Failure> {
    let (Some(path), Some(out_dir)) = (&args.key.batch, &args.batch.out_dir) else {
        return Err(Failure::message(Exit::Usage, "no batch is named").with_hint("give --batch"));
    };
    let file = File::open(path)
        .context(format_args!("cannot read the batch {}", path.display()))
        .hint("check the path; it is relative to the current folder")?;
    let octets = file.metadata().map_or(0, |m| m.len());
    let mut reader = CsvReader::new(BufReader::new(file));
    let columns = heading(&mut reader)
        .map_err(|f| f.with_context(format_args!("cannot read the batch {}", path.display())))?;
    let folder = Folder::open(dir, Access::Write)?;
    std::fs::create_dir_all(out_dir)
        .context(format_args!("cannot create folder {}", out_dir.display()))
        .exit(Exit::CantCreate)?;
    let worker = Worker::new(&folder, args, path, out_dir);
    // A wrong PIN is told before anything is done.
    if let Some(ca) = &args.ca {
        worker.unlock(ca)?;
    }
    let told = Told::new(args, path, out_dir, octets, output)?;
    let mut run = Run {
        reader,
        columns,
        defaults: defaults(args),
        first_lines: HashMap::new(),
        told,
    };
    let read = run.all(&worker, args.batch.requesters.into());
    run.told.finish(read, worker.into_stop(), output)
}

fn defaults(args: &Issue) -> Defaults {
    Defaults {
        ca: args.ca.clone(),
        profile: args.profile.clone(),
        validity: validity(args.days),
        legislation: args.legislation.clone(),
        qscd: if args.qscd {
            Qscd::Declared
        } else {
            Qscd::Undeclared
        },
        ..Defaults::default()
    }
}

/// Reads the heading, without which nothing can be understood.
fn heading(reader: &mut Reader) -> Result<Columns, Failure> {
    let wrong = |error: HeadingError| {
        let hint = error.hint();
        Failure::new(Exit::Data, error).with_hint(hint)
    };
    match reader.next_record()? {
        None => Err(wrong(HeadingError::Empty)),
        Some(Err(error)) => {
            let hint = error.fault.hint();
            Err(Failure::new(Exit::Data, error).with_hint(hint))
        }
        Some(Ok(record)) => Columns::parse(&record).map_err(wrong),
    }
}

/// A batch under way.
struct Run {
    reader: Reader,
    columns: Columns,
    defaults: Defaults,
    /// On which line each id stood first.
    first_lines: HashMap<[u8; 12], u32>,
    told: Told,
}

/// An order on its way to a requester: its place in the file, its line, itself.
type Job = (u64, u64, BatchRow);

impl Run {
    /// Reads, has issued and reports everything. What comes back is why the batch or its report could
    /// not be read or written any further.
    fn all(&mut self, worker: &Worker<'_>, requesters: u64) -> Result<(), Failure> {
        let (jobs, inbox) = sync_channel::<Job>(usize::try_from(requesters * AHEAD).unwrap_or(64));
        let (done, results) = channel();
        let inbox = Mutex::new(inbox);
        thread::scope(|scope| {
            for _ in 0..requesters {
                let (inbox, done) = (&inbox, done.clone());
                scope.spawn(move || work(worker, inbox, &done));
            }
            drop(done);
            let outcome = self.feed(worker, &jobs, &results, requesters * AHEAD);
            drop(jobs);
            outcome
        })
    }

    fn feed(
        &mut self,
        worker: &Worker<'_>,
        jobs: &std::sync::mpsc::SyncSender<Job>,
        results: &Receiver<(u64, Line)>,
        ahead: u64,
    ) -> Result<(), Failure> {
        // Finished lines that wait for those before them.
        let mut ready: BTreeMap<u64, Line> = BTreeMap::new();
        let (mut read, mut told) = (0_u64, 0_u64);
        let mut ended = false;
        while !ended || told < read {
            if !ended && read - told < ahead {
                match self.reader.next_record()? {
                    None => ended = true,
                    Some(record) => {
                        match self.understand(record) {
                            Err(line) => {
                                ready.insert(read, *line);
                            }
                            Ok((line, row)) if worker.is_stopped() => {
                                ready.insert(read, Line::not_tried(line, &row));
                            }
                            Ok((line, row)) => {
                                if jobs.send((read, line, row)).is_err() {
                                    return Err(lost());
                                }
                            }
                        }
                        read += 1;
                    }
                }
                for (at, line) in results.try_iter() {
                    ready.insert(at, line);
                }
            } else if !ready.contains_key(&told) {
                let (at, line) = results.recv().map_err(|_| lost())?;
                ready.insert(at, line);
            }
            while let Some(line) = ready.remove(&told) {
                self.told.tell(&line, self.reader.octets())?;
                told += 1;
            }
        }
        Ok(())
    }

    /// From a record to an order, or to the report's line that says why not.
    fn understand(
        &mut self,
        record: Result<Record, ca_core::batch::RecordError>,
    ) -> Result<(u64, BatchRow), Box<Line>> {
        let record = record.map_err(|error| {
            let hint = error.fault.hint().to_owned();
            let refused = Line::refused(error.line, "", error.to_string(), Some(hint));
            Box::new(refused)
        })?;
        let line = record.line;
        let row = BatchRow::parse(&record, &self.columns, &self.defaults).map_err(|error| {
            let columns = self.columns.iter().zip(&record.fields);
            let id = columns
                .filter(|((column, _), _)| *column == ca_core::batch::Column::Id)
                .map(|(_, value)| value.as_str());
            let id: String = id.take(1).collect();
            Box::new(Line::refused(line, &id, error.to_string(), error.hint()))
        })?;
        let number = u32::try_from(line).unwrap_or(u32::MAX);
        let first = *self
            .first_lines
            .entry(short(row.id.as_str()))
            .or_insert(number);
        if first == number {
            Ok((line, row))
        } else {
            Err(Box::new(Line::refused(
                line,
                row.id.as_str(),
                format!("id {} is on line {first} already", row.id.as_str()),
                Some("give each order a name of its own".into()),
            )))
        }
    }
}

/// Enough of an id's digest that no two of a million share it.
fn short(id: &str) -> [u8; 12] {
    let digest = pki_crypto::DigestAlgorithm::Sha256.digest(id.as_bytes());
    let mut out = [0; 12];
    out.copy_from_slice(&digest.as_bytes()[..12]);
    out
}

fn work(worker: &Worker<'_>, inbox: &Mutex<Receiver<Job>>, done: &Sender<(u64, Line)>) {
    loop {
        let job = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((at, line, row)) = job else {
            return;
        };
        if done.send((at, worker.issue(line, &row))).is_err() {
            return;
        }
    }
}

/// A requester that panicked has reported itself.
fn lost() -> Failure {
    Failure::message(Exit::Internal, "a requester ended before its work")
        .with_hint("what was issued is recorded: run the same batch again")
}

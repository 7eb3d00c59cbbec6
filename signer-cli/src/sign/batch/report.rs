//! What became of each document, while the run goes on, and a summary.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal as _, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use cli_support::path::printable;
use cli_support::{Exit, Failure, OutputArgs, ResultExt, path, print};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::super::document::Signed;

/// Results that wait for an earlier one before they are shown. Beyond it they are not in order.
const MAX_WAITING: usize = 1024;

/// What became of a document.
pub(in crate::sign) enum Outcome {
    Signed(Box<Signed>),
    /// It was signed by an earlier run.
    Kept {
        file: PathBuf,
        out: PathBuf,
    },
    Failed {
        file: Option<PathBuf>,
        failure: Failure,
    },
}

/// Whether a run went to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::sign) enum End {
    Done,
    /// Somebody asked it to stop.
    Stopped,
}

/// Shows results in the order of the documents.
pub(in crate::sign) struct Reporter<'a> {
    output: &'a OutputArgs,
    report: Option<(PathBuf, File)>,
    pub(super) progress: ProgressBar,
    waiting: BTreeMap<u64, Outcome>,
    next: u64,
    signed: u64,
    kept: u64,
    failed: u64,
    /// Nobody reads any more.
    broken: Option<Failure>,
}

impl<'a> Reporter<'a> {
    pub(in crate::sign) fn new(output: &'a OutputArgs) -> Self {
        let quiet = output.quiet || output.json || !io::stderr().is_terminal();
        let progress = if quiet {
            ProgressBar::hidden()
        } else {
            let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec}, {eta} left");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::no_length().with_style(style)
        };
        Self {
            output,
            report: None,
            progress,
            waiting: BTreeMap::new(),
            next: 0,
            signed: 0,
            kept: 0,
            failed: 0,
            broken: None,
        }
    }

    /// Writes the results into this file as well: a new one, or at the end of the one of an earlier run.
    pub(super) fn into_file(
        mut self,
        path: &Path,
        append: bool,
        replace: bool,
    ) -> Result<Self, Failure> {
        let is_other = fs::metadata(path).is_ok_and(|there| !there.is_file());
        let mut options = OpenOptions::new();
        match (append || replace, is_other) {
            (true, true) => options.append(true),
            (true, false) => options.read(true).write(true).create(true).truncate(false),
            (false, _) => options.write(true).create_new(true),
        };
        let failed = || format!("cannot create the report {}", path.display());
        let mut file = options
            .open(path)
            .context(failed())
            .exit(Exit::CantCreate)
            .hint("give another name; with --resume it is continued, with --force replaced")?;
        if (append || replace) && !is_other {
            let whole = whole_lines(&mut file).context(failed())?.ok_or_else(|| {
                let message = format!(
                    "{} is there and no report of an earlier run",
                    path.display()
                );
                Failure::message(Exit::CantCreate, message).with_hint("give another name")
            })?;
            let kept = if append { whole } else { 0 };
            let cut = file
                .set_len(kept)
                .and_then(|()| file.seek(SeekFrom::Start(kept)));
            cut.context(failed())?;
        }
        self.report = Some((path.to_owned(), file));
        Ok(self)
    }

    /// The result of document number `n`.
    pub(in crate::sign) fn add(&mut self, n: u64, outcome: Outcome) {
        self.waiting.insert(n, outcome);
        loop {
            match self.waiting.first_key_value() {
                Some((first, _)) if *first <= self.next || self.waiting.len() > MAX_WAITING => {}
                _ => return,
            }
            if let Some((n, outcome)) = self.waiting.pop_first() {
                self.next = self.next.max(n + 1);
                self.show(outcome);
            }
        }
    }

    /// Whether results can still be told to anybody.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    fn show(&mut self, outcome: Outcome) {
        self.progress.inc(1);
        let (text, value) = match outcome {
            Outcome::Signed(signed) => {
                self.signed += 1;
                let text = format!(
                    "{} -> {}\n",
                    printable(&signed.file),
                    printable(&signed.out)
                );
                (Some(text), serde_json::to_value(signed).unwrap_or_default())
            }
            Outcome::Kept { file, out } => {
                self.kept += 1;
                (
                    None,
                    json!({ "file": path::text(&file), "out": path::text(&out), "kept": true }),
                )
            }
            Outcome::Failed { file, failure } => {
                self.failed += 1;
                if !self.output.json {
                    // Standard error that cannot be written leaves the summary and the exit code.
                    let text = failure.to_text();
                    self.progress
                        .suspend(|| io::stderr().write_all(text.as_bytes()))
                        .ok();
                }
                (
                    None,
                    json!({ "file": file.as_deref().map(path::text), "failure": failure.to_json() }),
                )
            }
        };
        let mut line = json!({ "schema": "sceau.sign/1" });
        if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), value) {
            line.extend(fields);
        }
        self.line(&line);
        if let Some(text) = text
            && !self.output.json
            && !self.output.quiet
        {
            let printed = self.progress.suspend(|| print(text));
            self.keep_failure(printed);
        }
    }

    fn line(&mut self, value: &Value) {
        let line = format!("{value}\n");
        if let Some((path, file)) = &mut self.report {
            let written = file
                .write_all(line.as_bytes())
                .context(format_args!("cannot write the report {}", path.display()))
                .exit(Exit::Io);
            self.keep_failure(written);
        }
        if self.output.json {
            let printed = print(line);
            self.keep_failure(printed);
        }
    }

    fn keep_failure(&mut self, result: Result<(), Failure>) {
        if let Err(failure) = result {
            self.broken.get_or_insert(failure);
        }
    }

    /// Shows what is left and the summary.
    pub(in crate::sign) fn finish(mut self, end: End) -> Result<Exit, Failure> {
        while let Some((_, outcome)) = self.waiting.pop_first() {
            self.show(outcome);
        }
        self.progress.finish_and_clear();
        self.line(&json!({
            "schema": "sceau.sign.summary/1",
            "signed": self.signed,
            "kept": self.kept,
            "failed": self.failed,
            "stopped": end == End::Stopped,
        }));
        if let Some(failure) = self.broken {
            return Err(failure);
        }
        if !self.output.json && !self.output.quiet {
            let kept = match self.kept {
                0 => String::new(),
                n => format!(", {n} signed before"),
            };
            print(format!(
                "{} signed{kept}, {} failed\n",
                self.signed, self.failed
            ))?;
        }
        match end {
            End::Stopped => Err(Failure::message(
                Exit::Temporary,
                "stopped; the documents in hand were finished",
            )
            .with_hint("run the same command with --resume to sign the rest")),
            End::Done if self.failed > 0 => Ok(Exit::Failed),
            End::Done => Ok(Exit::Ok),
        }
    }
}

/// Where the last whole line of a report ends: after a full disk there may be half of one. `None` where
/// the file is something else, such as a document that was meant to be signed.
fn whole_lines(file: &mut File) -> io::Result<Option<u64>> {
    const BEGINNING: &[u8] = b"{\"schema\":\"sceau.sign";
    /// A line is shorter.
    const TAIL: u64 = 1 << 20;
    let mut start = Vec::new();
    file.take(BEGINNING.len() as u64).read_to_end(&mut start)?;
    if !BEGINNING.starts_with(&start) {
        return Ok(None);
    }
    let length = file.metadata()?.len();
    let from = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    let end = tail
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    Ok(Some(from + end as u64))
}

//! What became of each document, while the run goes on, and a summary.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use cli_support::{Exit, Failure, OutputArgs, ResultExt, print};
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
        let quiet = output.quiet || output.json || !std::io::stderr().is_terminal();
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
        let mut options = OpenOptions::new();
        match (append, replace) {
            (true, _) => options.append(true).create(true),
            (_, true) => options.write(true).create(true).truncate(true),
            _ => options.write(true).create_new(true),
        };
        let file = options
            .open(path)
            .context(format_args!("cannot create the report {}", path.display()))
            .exit(Exit::CantCreate)
            .hint("give another name; with --resume it is continued, with --force replaced")?;
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
                let text = format!("{} -> {}\n", signed.file.display(), signed.out.display());
                (Some(text), serde_json::to_value(signed).unwrap_or_default())
            }
            Outcome::Kept { file, out } => {
                self.kept += 1;
                (None, json!({ "file": file, "out": out, "kept": true }))
            }
            Outcome::Failed { file, failure } => {
                self.failed += 1;
                if !self.output.json {
                    // Standard error that cannot be written leaves the summary and the exit code.
                    let text = failure.to_text();
                    self.progress
                        .suspend(|| std::io::stderr().write_all(text.as_bytes()))
                        .ok();
                }
                (None, json!({ "file": file, "failure": failure.to_json() }))
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

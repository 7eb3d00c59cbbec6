//! The table, the JSON document or its lines, while the run goes on; and the summary.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _, Seek as _, Write as _};

use cli_support::output::{plain_json, printable as shown};
use cli_support::{Exit, Failure, OutputArgs, ResultExt, print};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::Details;
use super::row::{Found, Row};
use crate::verify_report::ReportForm;

/// The widths of columns are those of so many first rows; what is wider later moves its row alone.
const MEASURED: usize = 100;
const HEADINGS: [&str; 6] = [
    "FILE",
    "INDICATION",
    "LEVEL",
    "BEST TIME",
    "SIGNER",
    "REASON",
];

/// Whether a run went to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum End {
    Done,
    /// Somebody asked it to stop.
    Stopped,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    Silent,
    Table,
    Document,
    Lines,
}

/// Shows rows in the order of the files.
pub(super) struct Reporter {
    form: Form,
    details: Details,
    pub(super) progress: ProgressBar,
    waiting: BTreeMap<u64, Row>,
    next: u64,
    counts: BTreeMap<Found, u64>,
    /// Rows of the table whose widths are not known yet.
    measured: Option<Vec<[String; 6]>>,
    widths: [usize; 6],
    /// The reports that follow the table: a file without a name.
    reports: Option<File>,
    /// Nobody reads any more.
    broken: Option<Failure>,
}

impl Reporter {
    pub(super) fn new(
        report: ReportForm,
        details: Details,
        output: &OutputArgs,
    ) -> Result<Self, Failure> {
        let form = match report {
            ReportForm::JsonLines => Form::Lines,
            ReportForm::Json => Form::Document,
            _ if output.json => Form::Document,
            _ if output.quiet => Form::Silent,
            _ => Form::Table,
        };
        let reports = match (form, details) {
            (Form::Table, Details::Problems | Details::All) => Some(
                tempfile::tempfile()
                    .context("cannot create a temporary file for the reports")
                    .exit(Exit::CantCreate)
                    .hint("TMPDIR says where it is to be; or leave --details away")?,
            ),
            _ => None,
        };
        let hidden = form != Form::Table || !io::stderr().is_terminal();
        let progress = if hidden {
            ProgressBar::hidden()
        } else {
            let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec}, {eta} left");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::no_length().with_style(style)
        };
        Ok(Self {
            form,
            details,
            progress,
            waiting: BTreeMap::new(),
            next: 0,
            counts: BTreeMap::new(),
            measured: Some(Vec::new()),
            widths: HEADINGS.map(str::len),
            reports,
            broken: None,
        })
    }

    /// The number of the file that is told next.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Whether rows can still be told to anybody.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// What became of file number `n`.
    pub(super) fn add(&mut self, n: u64, row: Row) {
        self.waiting.insert(n, row);
        while let Some(row) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.show(row);
        }
    }

    fn show(&mut self, row: Row) {
        self.progress.inc(1);
        let first = self.counts.is_empty();
        *self.counts.entry(row.found).or_default() += 1;
        match self.form {
            Form::Silent => {
                if let Some(failure) = &row.failure {
                    // Standard error that cannot be written leaves the exit code.
                    io::stderr().write_all(failure.to_text().as_bytes()).ok();
                }
            }
            Form::Lines => self.line("sceau.verify-batch.line/1", row.to_json()),
            Form::Document => {
                let opening = if first { opening() } else { ",\n    ".into() };
                let text = indented(&row.to_json());
                self.print(format!("{opening}{text}"));
            }
            Form::Table => self.table_row(&row),
        }
    }

    fn line(&mut self, schema: &str, value: Value) {
        let mut line = json!({ "schema": schema });
        if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), value) {
            line.extend(fields);
        }
        self.print(plain_json(format!("{line}\n")));
    }

    fn table_row(&mut self, row: &Row) {
        let of_these = match self.details {
            Details::None => false,
            Details::Problems => row.found != Found::Passed,
            Details::All => true,
        };
        if of_these && let Some(file) = &mut self.reports {
            let written = file
                .write_all(format!("\n{}", row.details()).as_bytes())
                .context("cannot write the temporary file of the reports")
                .exit(Exit::Io);
            self.keep_failure(written);
        }
        let or_none = |cell: &Option<String>| cell.as_deref().map_or("-".into(), shown);
        let cells = [
            row.file
                .as_ref()
                .map_or("-".into(), |f| shown(&f.to_string_lossy())),
            row.found.as_str().to_owned(),
            row.level.unwrap_or("-").to_owned(),
            or_none(&row.time),
            or_none(&row.signer),
            row.reason.as_deref().map(shown).unwrap_or_default(),
        ];
        match &mut self.measured {
            Some(measured) => {
                for (width, cell) in self.widths.iter_mut().zip(&cells) {
                    *width = (*width).max(cell.chars().count());
                }
                measured.push(cells);
                if measured.len() >= MEASURED {
                    self.measure();
                }
            }
            None => {
                let text = aligned(&cells, &self.widths);
                self.print(text);
            }
        }
    }

    /// Shows the headings and the rows that were measured.
    fn measure(&mut self) {
        let rows = self.measured.take().unwrap_or_default();
        let mut text = aligned(&HEADINGS.map(str::to_owned), &self.widths);
        for row in rows {
            text.push_str(&aligned(&row, &self.widths));
        }
        self.print(text);
    }

    fn print(&mut self, text: String) {
        if self.broken.is_none() {
            let printed = self.progress.suspend(|| print(text));
            self.keep_failure(printed);
        }
    }

    fn keep_failure(&mut self, result: Result<(), Failure>) {
        if let Err(failure) = result {
            self.broken.get_or_insert(failure);
        }
    }

    fn count(&self, of: impl Fn(Found) -> bool) -> u64 {
        let counted = self.counts.iter().filter(|(found, _)| of(**found));
        counted.map(|(_, n)| n).sum()
    }

    /// Shows what is left and the summary.
    pub(super) fn finish(mut self, end: End) -> Result<Exit, Failure> {
        for (_, row) in std::mem::take(&mut self.waiting) {
            self.show(row);
        }
        self.progress.finish_and_clear();
        let exit = self
            .counts
            .keys()
            .next_back()
            .map_or(Exit::NoSignature, |f| f.exit());
        let [failed, indeterminate, unreadable, unsigned, passed] = [
            self.count(|f| f == Found::Failed),
            self.count(|f| f == Found::Indeterminate),
            self.count(|f| matches!(f, Found::Unreadable(_))),
            self.count(|f| f == Found::Unsigned),
            self.count(|f| f == Found::Passed),
        ];
        let summary = json!({
            "files": self.count(|_| true),
            "passed": passed,
            "indeterminate": indeterminate,
            "failed": failed,
            "unsigned": unsigned,
            "unreadable": unreadable,
            "stopped": end == End::Stopped,
            "exit": exit.code(),
        });
        match self.form {
            Form::Silent => {}
            Form::Lines => self.line("sceau.verify-batch.summary/1", summary),
            Form::Document => {
                let opening = if self.counts.is_empty() {
                    opening()
                } else {
                    String::new()
                };
                let text = indented(&summary).replace("\n  ", "\n");
                self.print(format!("{opening}\n  ],\n  \"summary\": {text}\n}}\n"));
            }
            Form::Table => {
                if self.measured.as_ref().is_some_and(|rows| !rows.is_empty()) {
                    self.measure();
                }
                let mut text = format!(
                    "{passed} TOTAL-PASSED, {indeterminate} INDETERMINATE, {failed} TOTAL-FAILED"
                );
                for (n, what) in [
                    (unsigned, "without a signature"),
                    (unreadable, "unreadable"),
                ] {
                    if n > 0 {
                        let _ = write!(text, ", {n} {what}");
                    }
                }
                self.print(format!("{text}\n"));
                self.print_reports();
            }
        }
        if let Some(failure) = self.broken {
            return Err(failure);
        }
        match end {
            End::Stopped => Err(Failure::message(
                Exit::Temporary,
                "stopped; the files in hand were finished",
            )
            .with_hint("what was told is right; the rest was not looked at")),
            End::Done => Ok(exit),
        }
    }

    fn print_reports(&mut self) {
        let Some(mut file) = self.reports.take() else {
            return;
        };
        let mut piece = vec![0; 64 << 10];
        let failed = "cannot read the temporary file of the reports";
        if let Err(failure) = file.rewind().context(failed).exit(Exit::Io) {
            return self.keep_failure(Err(failure));
        }
        while self.broken.is_none() {
            match file.read(&mut piece).context(failed).exit(Exit::Io) {
                Ok(0) => return,
                Ok(n) => {
                    let printed = print(&piece[..n]);
                    self.keep_failure(printed);
                }
                Err(failure) => self.keep_failure(Err(failure)),
            }
        }
    }
}

fn aligned(cells: &[String; 6], widths: &[usize; 6]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let pad = width.saturating_sub(cell.chars().count()) + 2;
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', pad));
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}

fn opening() -> String {
    "{\n  \"schema\": \"sceau.verify-batch/1\",\n  \"files\": [\n    ".into()
}

/// As an element of a list in the document.
fn indented(value: &Value) -> String {
    let text = plain_json(serde_json::to_string_pretty(value).unwrap_or_default());
    text.replace('\n', "\n    ")
}

//! What the operator is told: the report, the first problems, progress, and the sum.

use std::path::Path;

use cli_support::{Exit, Failure, OutputArgs};
use indicatif::ProgressBar;
use serde::Serialize;

use super::line::{Line, Status};
use crate::cli::Issue;
use crate::commands::report_file::ReportFile;
use crate::commands::{progress, shown};

const HEADING: [&str; 7] = ["line", "id", "status", "serial", "file", "reason", "hint"];
/// Problems that are printed; the report has them all.
const PRINTED: u64 = 20;

pub(super) struct Told {
    report: ReportFile,
    summary: Summary,
    bar: ProgressBar,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    schema: &'static str,
    issued: u64,
    already_issued: u64,
    refused: u64,
    failed: u64,
    not_tried: u64,
    report: String,
}

impl Told {
    pub(super) fn new(
        args: &Issue,
        batch: &Path,
        out_dir: &Path,
        octets: u64,
        output: &OutputArgs,
    ) -> Result<Self, Failure> {
        let path = match &args.batch.report {
            Some(path) => path.clone(),
            None => out_dir.join("report.csv"),
        };
        Ok(Self {
            report: ReportFile::create(&path, &HEADING, &[batch])?,
            summary: Summary {
                schema: "sceau.batch/1",
                report: shown(&path),
                ..Summary::default()
            },
            bar: progress::over_file(octets, output),
        })
    }

    pub(super) fn tell(&mut self, line: &Line, octets: u64) -> Result<(), Failure> {
        let s = &mut self.summary;
        let counter = match line.status {
            Status::Issued => &mut s.issued,
            Status::AlreadyIssued => &mut s.already_issued,
            Status::Refused => &mut s.refused,
            Status::Failed => &mut s.failed,
            Status::NotTried => &mut s.not_tried,
        };
        *counter += 1;
        let wrong = s.refused + s.failed;
        if matches!(line.status, Status::Refused | Status::Failed) && wrong <= PRINTED {
            let id = match line.id.as_str() {
                "" => String::new(),
                id => format!(" ({id})"),
            };
            // The reason may begin with its own line and character.
            let place = format!("line {}", line.line);
            let reason = line.reason.strip_prefix(&place).unwrap_or(&line.reason);
            let colon = if reason.len() < line.reason.len() {
                ""
            } else {
                ": "
            };
            self.bar
                .suspend(|| tracing::warn!("{place}{id}{colon}{reason}"));
        }
        self.bar.set_position(octets);
        self.bar
            .set_message(format!("{} issued, {wrong} refused or failed", s.issued));
        let number = line.line.to_string();
        let hint = line.hint.as_deref().unwrap_or_default();
        self.report.row(&[
            &number,
            &line.id,
            line.status.name(),
            &line.serial,
            &line.file,
            &line.reason,
            hint,
        ])?;
        Ok(())
    }

    /// Writes the report, and says how it ended. `read` is why reading or reporting broke off, `stopped`
    /// why issuing did.
    pub(super) fn finish(
        self,
        read: Result<(), Failure>,
        stopped: Option<Failure>,
        output: &OutputArgs,
    ) -> Result<Exit, Failure> {
        self.bar.finish_and_clear();
        let s = &self.summary;
        if s.refused + s.failed > PRINTED {
            tracing::warn!("the others that were refused or failed are in the report");
        }
        let reported = self.report.commit();
        // Never "try again" without saying that nothing comes twice.
        let again =
            "what was issued is recorded: the same batch, run again, goes on where this one ended";
        let broken = |failure: Failure, context: &str| {
            let hint = match &failure.hint {
                Some(hint) => format!("{hint}; {again}"),
                None => again.to_owned(),
            };
            failure.with_context(context).with_hint(hint)
        };
        if let Err(failure) = read {
            return Err(broken(failure, "the batch broke off"));
        }
        reported.map_err(|f| broken(f, "the report was not written"))?;
        if let Some(failure) = stopped {
            let context = format!(
                "the batch stopped: {} issued, {} not tried; the report is {}",
                s.issued, s.not_tried, s.report
            );
            return Err(broken(failure, &context));
        }
        output.result(s, || {
            format!(
                "{} issued, {} already issued, {} refused, {} failed\nwritten {}\n",
                s.issued, s.already_issued, s.refused, s.failed, s.report
            )
        })?;
        Ok(if s.refused + s.failed == 0 {
            Exit::Ok
        } else {
            Exit::Failed
        })
    }
}

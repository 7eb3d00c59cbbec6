//! In which form `sceau verify` reports, and where to: standard output, or a file that is whole or absent.

mod sheets;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ades::report::{Language, Page, Times};
use clap::ValueEnum;
use cli_support::output::{json, stdout_failure};
use cli_support::{
    AtomicFile, AtomicFileError, Exit, Failure, OutputArgs, Overwrite, ResultExt, print, print_json,
};

use serde::Deserialize;

use crate::verify::Judged;

/// The arguments about the report.
#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// The form of the report
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) report: ReportForm,
    /// The language of reports for people; programs are told in English
    ///
    /// Default: language in the settings file, else English. What the system is set to does not matter.
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub(crate) lang: Option<LanguageArg>,
    /// Write the report, or what --extract-revision takes out, into this file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the output if it exists
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ReportForm {
    /// For people
    Text,
    /// Schema sceau.verify/1; of several files sceau.verify-batch/1
    Json,
    /// One object in a line for each file, and one for all of them
    JsonLines,
    /// The validation report of ETSI TS 119 102-2, in XML
    Etsi,
    /// For people: one file for a browser, or for paper
    Html,
    /// For people: PDF/A on sheets of A4, into the file that --out names
    Pdf,
}

/// `--lang`, and `language` in the settings
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LanguageArg {
    /// English
    En,
    /// French
    Fr,
}

impl From<LanguageArg> for Language {
    fn from(language: LanguageArg) -> Self {
        match language {
            LanguageArg::En => Self::English,
            LanguageArg::Fr => Self::French,
        }
    }
}

impl ReportForm {
    /// Whether it tells of one file and no more.
    pub(crate) fn is_of_one_file(self) -> bool {
        matches!(self, Self::Etsi | Self::Html | Self::Pdf)
    }
}

/// Where the report goes.
pub(crate) enum Target {
    StandardOutput,
    File(AtomicFile),
}

impl ReportArgs {
    pub(crate) fn overwrite(&self) -> Overwrite {
        if self.force {
            Overwrite::Replace
        } else {
            Overwrite::Refuse
        }
    }

    /// Prepares where the report goes, before there is any; never onto one of `inputs`.
    pub(crate) fn target(&self, inputs: &[&Path]) -> Result<Target, Failure> {
        Ok(match &self.out {
            None if self.report == ReportForm::Pdf => {
                return Err(
                    Failure::message(Exit::Usage, "a PDF is written into a file")
                        .with_hint("name it with --out"),
                );
            }
            None => Target::StandardOutput,
            Some(out) => Target::File(
                AtomicFile::options(self.overwrite())
                    .inputs(inputs.iter().copied())
                    .create(out)
                    .map_err(|e| match e {
                        AtomicFileError::Exists { .. } => Failure::from(e)
                            .with_hint("give another name, or replace it with --force"),
                        other => other.into(),
                    })?,
            ),
        })
    }

    /// Writes the report. Beside one in a file, standard output has the verdict in a line, or all of it
    /// with `--json`.
    pub(crate) fn write(
        &self,
        target: Target,
        judged: &Judged,
        output: &OutputArgs,
    ) -> Result<(), Failure> {
        let (report, shown) = (&judged.report, judged.shown());
        match target {
            Target::StandardOutput if output.json => print_json(report),
            Target::StandardOutput if self.report == ReportForm::Text => match output.quiet {
                true => Ok(()),
                false => print(shown.to_text()),
            },
            Target::StandardOutput => {
                let mut out = io::BufWriter::new(io::stdout().lock());
                self.form(&mut out, judged)?
                    .and_then(|()| out.flush())
                    .map_err(stdout_failure)
            }
            Target::File(file) => {
                let path = file.path().to_owned();
                let mut out = io::BufWriter::new(file);
                self.form(&mut out, judged)?
                    .context(format_args!("cannot write {}", path.display()))?;
                let file = out
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error)
                    .context(format_args!("cannot write {}", path.display()))?;
                file.commit()?;
                output.result(report, || {
                    let page = Page::new(shown, Times::Rfc3339);
                    format!("{}: {}\n{}\n", page.file, page.headline, path.display())
                })
            }
        }
    }

    fn form(&self, out: &mut dyn Write, judged: &Judged) -> Result<io::Result<()>, Failure> {
        let Judged {
            facts,
            verdict,
            report,
            ..
        } = judged;
        let shown = judged.shown();
        let page = || Page::new(shown, Times::Words);
        Ok(match self.report {
            ReportForm::Text => out.write_all(shown.to_text().as_bytes()),
            ReportForm::Html => page().write_html(out),
            ReportForm::Pdf => {
                let pdf = sheets::pdf(&page(), verdict.at).map_err(|e| {
                    Failure::new(Exit::Data, e)
                        .with_context("the report cannot be set as a PDF")
                        .with_hint("--report html says the same")
                })?;
                out.write_all(&pdf)
            }
            ReportForm::Json | ReportForm::JsonLines => writeln!(out, "{}", json(report)?),
            ReportForm::Etsi => report.write_etsi(facts, verdict, out),
        })
    }
}

/// `--extract-revision` judges nothing, so it has nothing to report.
pub(crate) fn out_of_extraction(args: &ReportArgs) -> Result<&Path, Failure> {
    args.out.as_deref().ok_or_else(|| {
        Failure::message(
            Exit::Usage,
            "--extract-revision writes a file, and none is named",
        )
        .with_hint("name it with --out")
    })
}

//! `sceau verify --extract-revision`: the document as it was signed, out of a PDF that was added to since.
//! What was signed is a prefix of the file (ISO 32000-2, 7.5.6, 12.8.1), so nothing is rendered or rewritten.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ades::validate::{Facts, FileFormat, Input, Material, SignatureFacts, gather};
use cli_support::path::printable;
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, ResultExt, print, print_json};
use pdf_file::{PdfFile, Source, Structure};
use pki_asn1::{Clock, SystemClock};
use serde::Serialize;

use crate::verify;
use crate::verify_report::{self, ReportArgs};

/// The arguments about the revisions of a PDF.
#[derive(Debug, clap::Args)]
pub(crate) struct RevisionArgs {
    /// Say in words what was changed after each signature of a PDF
    #[arg(long, conflicts_with = "extract_revision")]
    pub(crate) diff: bool,
    /// Write the PDF as it was when it was signed, and judge nothing
    ///
    /// N or signature-N: the document that the N-th signature of the report signed. revision-N: the file
    /// up to the end of the N-th revision of `sceau inspect`, signed or not.
    #[arg(long, value_name = "N", requires = "out")]
    pub(crate) extract_revision: Option<Which>,
}

/// Which state of the document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Which {
    /// As a signature signed it; from 1.
    Signature(usize),
    /// As a revision left it; from 1.
    Revision(usize),
}

impl FromStr for Which {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, digits): (fn(usize) -> Self, &str) = match text.strip_prefix("revision-") {
            Some(digits) => (Self::Revision, digits),
            None => (
                Self::Signature,
                text.strip_prefix("signature-").unwrap_or(text),
            ),
        };
        match digits.parse() {
            Ok(number) if number > 0 && digits.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(kind(number))
            }
            _ => Err(
                "give N or signature-N for a signature of the report, or revision-N for a revision of `sceau inspect`; counted from 1",
            ),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extracted {
    schema: &'static str,
    file: String,
    out: String,
    /// The signature that signed these bytes; null for a revision by its number.
    signature: Option<String>,
    /// From 1.
    revision: usize,
    /// How many the file has.
    revisions: usize,
    bytes: u64,
}

/// Writes the document as it was signed.
pub(crate) fn extract(
    file: &Path,
    reads: &[PathBuf],
    input: &Input,
    which: Which,
    args: &ReportArgs,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let out = verify_report::out_of_extraction(args)?;
    let facts = gather(input, Material::default(), SystemClock.now(), None)
        .map_err(|e| verify::failure(e, file))?;
    if facts.format != FileFormat::Pdf {
        return Err(Failure::message(
            Exit::Data,
            format!("{} is no PDF, so it has no revisions", file.display()),
        ));
    }
    let pdf = PdfFile::open(input.source.clone(), input.pdf_options.clone())
        .map_err(|e| verify::failure(e.into(), file))?;
    let revisions = pdf.revisions().len();
    let (signature, revision, bytes) = match which {
        Which::Signature(number) => {
            let one = signature(&facts, number, file)?;
            let (revision, bytes) = signed(one)?;
            (Some(one.id.clone()), revision, bytes)
        }
        Which::Revision(number) => (None, number, end_of(&pdf, number, file)?),
    };
    let mut target = AtomicFile::options(args.overwrite())
        .input(file)
        .inputs(reads)
        .create(out)?;
    copy(&*input.source, bytes, &mut target)
        .context(format_args!("cannot write {}", out.display()))?;
    target.commit()?;
    let extracted = Extracted {
        schema: "sceau.extract/1",
        file: file.display().to_string(),
        out: out.display().to_string(),
        signature,
        revision,
        revisions,
        bytes,
    };
    if output.json {
        print_json(&extracted)?;
    } else if !output.quiet {
        let what = match &extracted.signature {
            Some(id) => format!("the document as {id} signed it"),
            None => "the document".to_owned(),
        };
        print(format!(
            "{}: {what}, revision {revision} of {revisions}, {bytes} bytes\n",
            printable(out)
        ))?;
    }
    Ok(Exit::Ok)
}

fn signature<'f>(
    facts: &'f Facts,
    number: usize,
    file: &Path,
) -> Result<&'f SignatureFacts, Failure> {
    let count = facts.signatures.len();
    match facts.signatures.get(number - 1) {
        Some(one) => Ok(one),
        None if count == 0 => Err(Failure::message(
            Exit::NoSignature,
            format!("{} bears no signature", file.display()),
        )),
        None => Err(Failure::message(
            Exit::Data,
            format!(
                "there is no signature {number}: {} bears {count}",
                file.display()
            ),
        )
        .with_hint("sceau inspect lists them, and the revisions; give revision-N for a revision")),
    }
}

/// The revision that was signed, and how long it is.
fn signed(one: &SignatureFacts) -> Result<(usize, u64), Failure> {
    let hint = "sceau verify tells more; revision-N gives the file up to the end of a revision, whatever it is worth";
    let Some((pdf, bytes)) = one.pdf.as_ref().and_then(|p| Some((p, p.signed_end?))) else {
        let pdf = one.pdf.as_ref();
        let why = pdf.and_then(|p| p.problems.iter().chain(&p.coverage_problems).next());
        return Err(Failure::message(
            Exit::Failed,
            format!(
                "what {} signed is no state of the document{}",
                one.id,
                why.map_or_else(String::new, |f| format!(": {}", f.message))
            ),
        )
        .with_hint(hint));
    };
    let intact = one
        .signer
        .as_ref()
        .is_some_and(|s| s.digest.is_ok() && s.signature.is_ok());
    if !intact {
        return Err(Failure::message(
            Exit::Failed,
            format!(
                "{} does not fit the bytes that it covers: the document as it was signed is not in the file",
                one.id
            ),
        )
        .with_hint(hint));
    }
    Ok((pdf.revision + 1, bytes))
}

fn end_of(pdf: &PdfFile, number: usize, file: &Path) -> Result<u64, Failure> {
    if let Structure::Recovered { why } = pdf.structure() {
        return Err(Failure::message(
            Exit::Data,
            format!(
                "{} is damaged, so its revisions cannot be told: {why}",
                file.display()
            ),
        ));
    }
    let count = pdf.revisions().len();
    pdf.revisions()
        .get(number - 1)
        .map(|r| r.end)
        .ok_or_else(|| {
            Failure::message(
                Exit::Data,
                format!(
                    "there is no revision {number}: {} has {count}",
                    file.display()
                ),
            )
            .with_hint("sceau inspect lists them")
        })
}

fn copy(source: &dyn Source, bytes: u64, target: &mut AtomicFile) -> std::io::Result<()> {
    let mut buffer = vec![0; 1 << 18];
    let mut at = 0;
    while at < bytes {
        let n = (bytes - at).min(buffer.len() as u64) as usize;
        let Some(part) = buffer.get_mut(..n) else {
            break;
        };
        source.read_exact_at(at, part)?;
        target.write_all(part)?;
        at += n as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_the_document_is_named_in_one_way() {
        assert_eq!("2".parse(), Ok(Which::Signature(2)));
        assert_eq!("signature-2".parse(), Ok(Which::Signature(2)));
        assert_eq!("revision-1".parse(), Ok(Which::Revision(1)));
        for wrong in ["0", "", "-1", "+1", "revision-0", "signature", "1 "] {
            assert!(wrong.parse::<Which>().is_err(), "{wrong}");
        }
    }
}

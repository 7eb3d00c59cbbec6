//! poppler, qpdf and MuPDF as judges of PDF structure, signatures and what a reader shows.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::program::{Call, Outcome};

/// What `qpdf --check` thinks of a file, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QpdfStatus {
    /// Exit status 0.
    Clean,
    /// Exit status 3: warnings.
    Warnings,
    /// Exit status 2 or any other: errors.
    Errors,
}

/// `qpdf --check`.
///
/// # Errors
/// When qpdf cannot be started.
pub fn qpdf_check(file: &Path) -> Result<(QpdfStatus, String)> {
    qpdf_check_with(file, "")
}

/// The same for an encrypted file.
///
/// # Errors
/// When qpdf cannot be started.
pub fn qpdf_check_with(file: &Path, password: &str) -> Result<(QpdfStatus, String)> {
    let outcome = Call::new("qpdf")
        .arg(format!("--password={password}"))
        .arg("--check")
        .arg(file)
        .limit(Duration::from_secs(20))
        .run()?;
    let status = match outcome.code {
        Some(0) => QpdfStatus::Clean,
        Some(3) => QpdfStatus::Warnings,
        _ => QpdfStatus::Errors,
    };
    Ok((status, outcome.text()))
}

/// poppler's view of one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdfsigSignature {
    /// Name of the field.
    pub field: String,
    /// The digest and the signature value are right.
    pub valid: bool,
    /// The byte range runs to the end of the file.
    pub total_document: bool,
    /// `/SubFilter`, as pdfsig names the signature type.
    pub kind: String,
}

/// `pdfsig -nocert`: integrity only, without looking at the chain (NSS has no trust anchors here).
///
/// # Errors
/// When pdfsig cannot be started or hangs.
pub fn pdfsig(file: &Path) -> Result<(Vec<PdfsigSignature>, String)> {
    pdfsig_with(file, "")
}

/// The same for an encrypted file.
///
/// # Errors
/// When pdfsig cannot be started or hangs.
pub fn pdfsig_with(file: &Path, password: &str) -> Result<(Vec<PdfsigSignature>, String)> {
    let outcome = Call::new("pdfsig")
        .args(["-nocert", "-upw", password])
        .arg(file)
        .limit(Duration::from_secs(20))
        .run()?;
    if outcome.hung {
        bail!("{outcome}");
    }
    Ok((parse_pdfsig(&outcome.text()), outcome.text()))
}

fn parse_pdfsig(text: &str) -> Vec<PdfsigSignature> {
    let mut signatures: Vec<PdfsigSignature> = Vec::new();
    for line in text.lines() {
        if line.starts_with("Signature #") {
            let blank = String::new();
            signatures.push(PdfsigSignature {
                field: blank.clone(),
                valid: false,
                total_document: false,
                kind: blank,
            });
        }
        let Some(current) = signatures.last_mut() else {
            continue;
        };
        let line = line.trim().trim_start_matches("- ");
        if let Some(name) = line.strip_prefix("Signature Field Name: ") {
            current.field = name.to_owned();
        } else if let Some(kind) = line.strip_prefix("Signature Type: ") {
            current.kind = kind.to_owned();
        } else if line == "Signature Validation: Signature is Valid." {
            current.valid = true;
        } else if line == "Total document signed" {
            current.total_document = true;
        }
    }
    signatures
}

/// Page 1 as pixels in a portable pixmap, at `dpi` dots per inch; `None` where poppler cannot draw it.
///
/// # Errors
/// When pdftoppm cannot be started.
pub fn first_page(file: &Path, dpi: u32) -> Result<Option<Vec<u8>>> {
    first_page_with(file, dpi, "")
}

/// What a reader sees of it: no more than its crop box.
///
/// # Errors
/// When pdftoppm cannot be started.
pub fn first_page_as_seen(file: &Path, dpi: u32) -> Result<Option<Vec<u8>>> {
    drawn(file, dpi, &["-cropbox"])
}

/// The whole page of an encrypted file.
///
/// # Errors
/// When pdftoppm cannot be started.
pub fn first_page_with(file: &Path, dpi: u32, password: &str) -> Result<Option<Vec<u8>>> {
    drawn(file, dpi, &["-upw", password])
}

fn drawn(file: &Path, dpi: u32, options: &[&str]) -> Result<Option<Vec<u8>>> {
    let outcome = Call::new("pdftoppm")
        .args(["-f", "1", "-l", "1", "-r", &dpi.to_string()])
        .args(options)
        .arg(file)
        .limit(Duration::from_secs(20))
        .run()?;
    let drawn = outcome.success() && outcome.stdout.starts_with(b"P6");
    Ok(drawn.then_some(outcome.stdout))
}

/// `mutool info`: MuPDF opens the file and finds no broken structure that it must repair.
///
/// # Errors
/// When MuPDF fails or repairs.
pub fn mutool(file: &Path) -> Result<Outcome> {
    let outcome = Call::new("mutool").arg("info").arg(file).succeed()?;
    if outcome.err().contains("repair") || outcome.err().contains("error:") {
        bail!("{outcome}");
    }
    Ok(outcome)
}

/// `mutool sign -v`: how many signatures MuPDF finds whose bytes are unchanged. It knows no trust anchors, so what it says of
/// certificates does not count.
///
/// # Errors
/// When MuPDF cannot be started, repairs the file, or finds that a signed byte was changed.
pub fn mutool_sign(file: &Path, password: &str) -> Result<usize> {
    let outcome = Call::new("mutool")
        .args(["sign", "-p", password, "-v"])
        .arg(file)
        .limit(Duration::from_secs(20))
        .run()?;
    let text = outcome.text();
    let said = |what: &str| text.matches(what).count();
    // MuPDF knows no later signature as harmless; what it calls valid are the bytes.
    let unchanged = said("The document is unchanged since signing.")
        + said("The signature is valid but there have been edits since signing.");
    // Document time-stamps are no signatures to it.
    let others = said("Signature is not signed.");
    if outcome.err().contains("repair") || said("Verifying signature") != unchanged + others {
        bail!("{outcome}");
    }
    Ok(unchanged)
}

/// Number of pages according to poppler.
///
/// # Errors
/// When pdfinfo fails.
pub fn pages(file: &Path) -> Result<u32> {
    let outcome = Call::new("pdfinfo").arg(file).succeed()?;
    let text = outcome.out();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Pages:"))
        .context("pdfinfo says no number of pages")?;
    Ok(line.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_that_covers_less_than_the_file_is_not_read_as_total() {
        let text = "Signature #1:\n  - Signature Field Name: A\n  - Signature Type: ETSI.CAdES.detached\n  - Not total document signed\n  - Signature Validation: Signature is Valid.\nSignature #2:\n  - Signature Field Name: B\n  - Total document signed\n  - Signature Validation: Digest Mismatch.\n";
        let read = parse_pdfsig(text);
        assert_eq!(
            (
                read[0].field.as_str(),
                read[0].valid,
                read[0].total_document
            ),
            ("A", true, false)
        );
        assert_eq!(
            (
                read[1].field.as_str(),
                read[1].valid,
                read[1].total_document
            ),
            ("B", false, true)
        );
    }
}

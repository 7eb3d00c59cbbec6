//! Real, odd, damaged, encrypted, linearized and hybrid PDFs: every one must open or be refused
//! with a reason, and qpdf must like the file with an update no less than the one without.
//!
//! Exceptions are listed with a reason, and a file that does better than its exception says is a
//! failure too.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

#[path = "support/corpus.rs"]
mod corpus;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use corpus::{corpus, files, password};
use pdf_file::{Dict, FileSource, Object, OpenOptions, PdfError, PdfFile, Structure, Update};

/// qpdf's verdict: 0 clean, 3 warnings, 2 errors.
fn qpdf(path: &Path, password: &str) -> i32 {
    Command::new("qpdf")
        .arg(format!("--password={password}"))
        .arg("--check")
        .arg(path)
        .output()
        .unwrap()
        .status
        .code()
        .unwrap_or(2)
}

/// Clean is better than warnings, warnings are better than errors.
fn rank(status: i32) -> u8 {
    match status {
        0 => 0,
        3 => 1,
        _ => 2,
    }
}

#[derive(Debug)]
enum Outcome {
    Updated { structure: Structure, status: i32 },
    Refused(#[allow(dead_code)] PdfError), // shown in the list of failures
}

fn open(path: &Path, password: &str) -> Result<PdfFile, PdfError> {
    let source = FileSource::open(path).unwrap();
    PdfFile::open(
        Arc::new(source),
        OpenOptions::new().with_password(password.to_owned().into()),
    )
}

/// A new object, and a catalog that refers to it.
fn update(pdf: &PdfFile) -> Result<Vec<u8>, PdfError> {
    let mut update = Update::new(pdf)?;
    let note = update.add(Dict::new().with("Note", Object::text("n\u{f6}t (signed)")));
    let root = pdf
        .trailer(pdf.latest())
        .reference("Root")
        .ok_or(PdfError::NotAppendable { why: "no root" })?;
    let mut catalog = (*update.object(root)?).clone();
    if let Object::Dict(dict) = &mut catalog {
        dict.set("SceauNote", note);
    }
    update.set(root, catalog);
    Ok(update.finish()?.bytes().to_vec())
}

fn run(path: &Path, password: &str, scratch: &Path) -> Outcome {
    let pdf = match open(path, password) {
        Ok(pdf) => pdf,
        Err(error) => return Outcome::Refused(error),
    };
    for id in pdf.objects(pdf.latest()) {
        let _ = pdf.object(id, pdf.latest());
    }
    let appended = match update(&pdf) {
        Ok(appended) => appended,
        Err(error) => return Outcome::Refused(error),
    };
    let mut whole = std::fs::read(path).unwrap();
    let before = whole.len() as u64;
    whole.extend(&appended);
    std::fs::write(scratch, &whole).unwrap();
    let again = open(scratch, password)
        .unwrap_or_else(|error| panic!("{}: own update: {error}", path.display()));
    let catalog = again
        .resolve(
            &again.trailer(again.latest()).get("Root").unwrap().clone(),
            again.latest(),
        )
        .unwrap();
    let note = again
        .get(catalog.as_dict().unwrap(), "SceauNote", again.latest())
        .unwrap();
    let note = note
        .as_dict()
        .and_then(|n| n.string("Note"))
        .map(|n| n.to_text());
    assert_eq!(
        note.as_deref(),
        Some("n\u{f6}t (signed)"),
        "{}",
        path.display()
    );
    if pdf.structure() == Structure::Clean {
        assert_eq!(
            again.revisions().len(),
            pdf.revisions().len() + 1,
            "{}",
            path.display()
        );
        let [.., former, latest] = again.revisions() else {
            panic!("one revision only")
        };
        assert!(
            former.eof <= before && latest.end == whole.len() as u64,
            "{}: {former:?} {latest:?}",
            path.display()
        );
    }
    Outcome::Updated {
        structure: pdf.structure(),
        status: qpdf(scratch, password),
    }
}

/// File (below the corpus) and why it is refused, or comes out worse.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "pdf.js/bug1980958.pdf",
        "object number 2147483647: a new object would have none that readers accept",
    ),
    (
        "pdf.js/poppler-85140-0.pdf",
        "a fuzzer's find: the only page is not in the file",
    ),
    (
        "pdf.js/poppler-395-0-fuzzed.pdf",
        "a fuzzer's find: no page tree, so every reader counts 0 pages",
    ),
    (
        "pikepdf/378014596.pdf",
        "a fuzzer's find: no page is left in the file",
    ),
    (
        "pdfbox/AES128ExposedMeta.pdf",
        "encrypted for a certificate",
    ),
    (
        "pdfbox/AES256ExposedMeta.pdf",
        "encrypted for a certificate",
    ),
    ("pdfbox/AESkeylength128.pdf", "encrypted for a certificate"),
    ("pdfbox/AESkeylength256.pdf", "encrypted for a certificate"),
    (
        "safedocs/unicode-corrigendum5-fixed.pdf",
        "password unknown",
    ),
    (
        "safedocs/unicode-corrigendum5-unicode32-once.pdf",
        "password unknown",
    ),
    (
        "safedocs/unicode-corrigendum5-unicode32-twice.pdf",
        "password unknown",
    ),
    (
        "safedocs/unicode-test-U2F874-correct.pdf",
        "password unknown",
    ),
    ("safedocs/unicode-test-U2F874-wrong.pdf", "password unknown"),
];

#[test]
fn an_update_makes_no_real_file_worse() {
    let Some(root) = corpus() else {
        eprintln!("skipped: corpus not found");
        return;
    };
    if Command::new("qpdf").arg("--version").output().is_err() {
        eprintln!("skipped: qpdf not found");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let scratch = scratch.path().join("out.pdf");
    let exceptions: BTreeMap<&str, &str> = EXCEPTIONS.iter().copied().collect();
    let mut tally: BTreeMap<(i32, &str), usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for path in files(&root) {
        let name = path
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let password = password(&name);
        let before = qpdf(&path, password);
        let start = Instant::now();
        let Ok(outcome) = std::panic::catch_unwind(|| run(&path, password, &scratch)) else {
            wrong.push(format!("{name}: panicked"));
            continue;
        };
        let took = start.elapsed();
        if took > Duration::from_secs(20) {
            wrong.push(format!("{name}: took {took:?}"));
        }
        let (fine, kind) = match &outcome {
            Outcome::Updated {
                status,
                structure: Structure::Clean,
            } if rank(*status) <= rank(before) => (true, "updated"),
            Outcome::Updated { status, .. } if rank(*status) <= rank(before) => {
                (true, "updated, recovered")
            }
            Outcome::Updated { .. } => (false, "worse"),
            Outcome::Refused(_) => (false, "refused"),
        };
        *tally.entry((before, kind)).or_default() += 1;
        match (fine, exceptions.get(name.as_str())) {
            (false, None) => wrong.push(format!("{name} (qpdf before: {before}): {outcome:?}")),
            (true, Some(_)) => {
                wrong.push(format!("{name}: unexpectedly fine, remove the exception"))
            }
            _ => {}
        }
    }
    eprintln!("qpdf's verdict before, outcome, files: {tally:#?}");
    assert!(
        wrong.is_empty(),
        "{} files:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

//! 416 real, odd, damaged, encrypted, linearized and hybrid PDFs, each sealed once.
//!
//! What must hold for a file that is signed: its bytes are an exact prefix of the output, qpdf thinks no worse of it, pdfsig and
//! pyHanko find the signature intact over the whole file, and page 1 looks the same. Refusing can be right; then nothing may be left
//! behind. `exceptions/pdf-odd.toml` gives the reason for each file that is not signed correctly, and the run fails on a difference in
//! either direction. `SCEAU_PDF_ODD_REPORT=FILE` writes what happened to each file.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sceau_tests::environment::{Need, available, project};
use sceau_tests::exceptions::Exceptions;
use sceau_tests::judges::pdf::{QpdfStatus, first_page, pdfsig, qpdf_check};
use sceau_tests::judges::python::{Reading, Worker};
use sceau_tests::{Backend, Hierarchy, corpus};

/// How long one file may take.
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn odd_pdfs_are_sealed_without_harm_or_refused_with_a_reason() -> Result<()> {
    let Some(folder) = corpus::find("pdf-odd") else {
        return Ok(());
    };
    if !available(&[
        Need::Tool("qpdf"),
        Need::Tool("pdfsig"),
        Need::Tool("pdftoppm"),
        Need::Python,
    ]) {
        return Ok(());
    }
    let files = corpus::files(&folder, "pdf")?;
    ensure!(!files.is_empty(), "{} holds no PDF", folder.display());
    let hierarchy = Hierarchy::build(Backend::KeyFile)?;
    std::fs::create_dir_all(hierarchy.path("odd"))?;

    let results = judge_all(&hierarchy, &files)?;
    if let Some(report) = std::env::var_os("SCEAU_PDF_ODD_REPORT") {
        let lines = results.iter().map(|(name, judged)| {
            format!(
                "{name}\t{:?}\t{}\n",
                judged.before,
                judged.failure.as_deref().unwrap_or("ok")
            )
        });
        std::fs::write(report, lines.collect::<String>())?;
    }

    let never: Vec<_> = results
        .iter()
        .filter(|(_, judged)| judged.failure.as_deref().is_some_and(never_allowed))
        .collect();
    ensure!(
        never.is_empty(),
        "crashed, hung or left a broken file: {never:#?}"
    );
    let happened = results
        .iter()
        .map(|(name, judged)| (name.clone(), judged.failure.clone()))
        .collect();
    let differences =
        Exceptions::load(&project().join("tests/exceptions/pdf-odd.toml"))?.differences(&happened);
    ensure!(
        differences.is_empty(),
        "the list of exceptions is not the truth:\n{}",
        differences.join("\n")
    );
    share_is_signed(&results, QpdfStatus::Clean, 99)?;
    share_is_signed(&results, QpdfStatus::Warnings, 90)
}

/// What became of one file.
#[derive(Debug)]
struct Judged {
    /// qpdf's opinion of the input.
    before: QpdfStatus,
    /// `None` when it was signed and everything holds; else the kind of failure and what was said.
    failure: Option<String>,
}

/// Failures that no exception can excuse.
fn never_allowed(failure: &str) -> bool {
    ["crashed", "hung", "left", "prefix"]
        .iter()
        .any(|kind| failure.starts_with(kind))
}

fn share_is_signed(
    results: &BTreeMap<String, Judged>,
    status: QpdfStatus,
    percent: usize,
) -> Result<()> {
    let group: Vec<_> = results
        .values()
        .filter(|judged| judged.before == status)
        .collect();
    let right = group
        .iter()
        .filter(|judged| judged.failure.is_none())
        .count();
    ensure!(
        right * 100 >= group.len() * percent,
        "only {right} of the {} inputs that qpdf calls {status:?} were signed correctly",
        group.len()
    );
    Ok(())
}

/// Judges every file, on as many threads as there are cores, each with a Python of its own.
fn judge_all(
    hierarchy: &Hierarchy,
    files: &[(String, PathBuf)],
) -> Result<BTreeMap<String, Judged>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let work = || -> Result<()> {
            let mut worker = Worker::start()?;
            while let Some((number, (name, path))) = {
                let number = next.fetch_add(1, Ordering::Relaxed);
                files.get(number).map(|file| (number, file))
            } {
                let out = hierarchy.path(format!("odd/{number}.pdf"));
                let judged =
                    judge(hierarchy, &mut worker, path, &out).with_context(|| name.clone())?;
                let _ = std::fs::remove_file(&out);
                results.lock().unwrap().insert(name.clone(), judged);
            }
            Ok(())
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap())
    })?;
    Ok(results.into_inner().unwrap())
}

fn judge(hierarchy: &Hierarchy, worker: &mut Worker, input: &Path, out: &Path) -> Result<Judged> {
    let (before, _) = qpdf_check(input)?;
    let judged = |failure: String| {
        Ok(Judged {
            before,
            failure: Some(failure),
        })
    };

    let outcome = hierarchy
        .office
        .sign(input, out, "company-seal", "companies", "b-b")?
        .limit(LIMIT)
        .run()?;
    if outcome.hung {
        return judged("hung".to_owned());
    }
    if outcome.crashed() {
        return judged(format!("crashed: {outcome}"));
    }
    if !outcome.success() {
        if out.exists() {
            return judged(format!("left an output file behind: {outcome}"));
        }
        let said = outcome.err();
        return match said.lines().find(|line| line.starts_with("error: ")) {
            Some(_) => judged(format!(
                "refused: {}",
                said.replace('\n', " / ").trim_end_matches(" / ")
            )),
            None => judged(format!("crashed without an error message: {outcome}")),
        };
    }
    if !std::fs::read(out)?.starts_with(&std::fs::read(input)?) {
        return judged("prefix: bytes of the input were rewritten".to_owned());
    }
    let (after, said) = qpdf_check(out)?;
    if after > before {
        return judged(format!(
            "qpdf: {before:?} before, {after:?} after: {}",
            last_lines(&said)
        ));
    }
    let (signatures, said) = pdfsig(out)?;
    let Some(ours) = signatures.iter().find(|signature| signature.total_document) else {
        return judged(format!(
            "pdfsig: no signature over the total document: {}",
            last_lines(&said)
        ));
    };
    if !ours.valid {
        return judged(format!("pdfsig: not valid: {}", last_lines(&said)));
    }
    // Odd input is read leniently; its oddities are not ours.
    let seen = match worker.pdf(out, &[hierarchy.root()], Reading::Strict) {
        Ok(seen) => Ok(seen),
        Err(_) => worker.pdf(out, &[hierarchy.root()], Reading::Lenient),
    };
    match seen {
        Err(error) => return judged(format!("pyhanko: {error}")),
        Ok(seen) => match seen.iter().find(|signature| {
            signature.field == ours.field || signature.coverage.as_deref() == Some("ENTIRE_FILE")
        }) {
            Some(signature)
                if signature.intact
                    && signature.valid
                    && signature.coverage.as_deref() == Some("ENTIRE_FILE") => {}
            Some(signature) => return judged(format!("pyhanko: {signature:?}")),
            None => return judged(format!("pyhanko: does not see {}", ours.field)),
        },
    }
    if first_page(input, 36)? != first_page(out, 36)? {
        return judged("render: page 1 looks different".to_owned());
    }
    Ok(Judged {
        before,
        failure: None,
    })
}

/// The end of what a tool said, on one line.
fn last_lines(said: &str) -> String {
    let lines: Vec<_> = said.lines().rev().take(4).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join(" / ")
}

//! 416 real, odd, damaged, encrypted, linearized and hybrid PDFs, each sealed at B-B and then signed by somebody else at B-LTA.
//!
//! What must hold for a file that is sealed: its bytes are an exact prefix of the output, qpdf thinks no worse of it, pdfsig and
//! pyHanko find the signature intact over the whole file, and page 1 looks the same. Refusing can be right; then nothing may be left
//! behind. Those that are sealed correctly are signed again in one batch, with a signature that is seen in a corner of page 1, a document
//! security store and a document time-stamp; then PDFBox with BouncyCastle is asked too, every signature must still be intact, and page 1
//! looks the same but for that corner.
//!
//! `exceptions/pdf-odd.toml` and `exceptions/pdf-odd-b-lta.toml` give the reason for each file that is not signed correctly, and the run
//! fails on a difference in either direction. `SCEAU_PDF_ODD_REPORT=FILE` writes what happened to each file.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sceau_tests::environment::{Need, available, project};
use sceau_tests::exceptions::Exceptions;
use sceau_tests::judges::pdf::{
    PdfsigSignature, QpdfStatus, first_page, first_page_as_seen, pdfsig, qpdf_check,
};
use sceau_tests::judges::pdfbox::{self, PdfBox};
use sceau_tests::judges::python::{PdfSignature, Reading, Worker};
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
        Need::PdfBox,
    ]) {
        return Ok(());
    }
    let files = corpus::files(&folder, "pdf")?;
    ensure!(!files.is_empty(), "{} holds no PDF", folder.display());
    let hierarchy = Hierarchy::running(Backend::KeyFile)?;
    std::fs::create_dir_all(hierarchy.path("odd"))?;

    let judged = in_parallel(&files, |judges, number, (name, path)| {
        let out = hierarchy.path(format!("odd/{number}.pdf"));
        let judged = judge(&hierarchy, judges, path, &out).with_context(|| name.clone())?;
        if judged.failure.is_some() {
            let _ = std::fs::remove_file(&out);
        }
        Ok(judged)
    })?;
    let again = sign_all_again(&hierarchy, &files, &judged)?;
    let named = |judged: Vec<Judged>| files.iter().map(|(name, _)| name.clone()).zip(judged);
    check(named(judged).collect(), "pdf-odd", 99)?;
    let again = named(again).filter(|(_, judged)| judged.failure.as_deref() != Some(NOT_SEALED));
    // Pages without room and forms that hide signatures leave fewer.
    check(again.collect(), "pdf-odd-b-lta", 95)
}

/// Holds what happened against the list of exceptions of this name, and against the share in a hundred of undamaged files at least.
fn check(results: BTreeMap<String, Judged>, list: &str, clean: usize) -> Result<()> {
    if let Some(report) = std::env::var_os("SCEAU_PDF_ODD_REPORT") {
        let lines = results.iter().map(|(name, judged)| {
            format!(
                "{name}\t{:?}\t{}\n",
                judged.before,
                judged.failure.as_deref().unwrap_or("ok")
            )
        });
        let report = Path::new(&report).with_extension(list);
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
    let exceptions = project().join(format!("tests/exceptions/{list}.toml"));
    let differences = Exceptions::load(&exceptions)?.differences(&happened);
    ensure!(
        differences.is_empty(),
        "the list of exceptions is not the truth:\n{}",
        differences.join("\n")
    );
    share_is_signed(&results, QpdfStatus::Clean, clean)?;
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

/// Why a file is not signed again.
const NOT_SEALED: &str = "not sealed";

/// The judges that stay resident, one set for each thread.
struct Judges {
    python: Worker,
    pdfbox: PdfBox,
}

/// Does `work` to every file, on as many threads as there are cores, each with judges of its own.
fn in_parallel<T: Sync>(
    files: &[T],
    work: impl Fn(&mut Judges, usize, &T) -> Result<Judged> + Sync,
) -> Result<Vec<Judged>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let run = || -> Result<()> {
            let mut judges = Judges {
                python: Worker::start()?,
                pdfbox: PdfBox::start()?,
            };
            while let Some((number, file)) = {
                let number = next.fetch_add(1, Ordering::Relaxed);
                files.get(number).map(|file| (number, file))
            } {
                let judged = work(&mut judges, number, file)?;
                results.lock().unwrap().insert(number, judged);
            }
            Ok(())
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        running
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap())
    })?;
    Ok(results.into_inner().unwrap().into_values().collect())
}

/// Signs what was sealed with another key at B-LTA, in one batch, and judges the outputs.
fn sign_all_again(
    hierarchy: &Hierarchy,
    files: &[(String, PathBuf)],
    sealed: &[Judged],
) -> Result<Vec<Judged>> {
    let office = &hierarchy.office;
    let outcome = office
        .program("sceau")?
        .args(["sign", "odd", "--out-dir", "again", "--json"])
        .args(["--key", &office.backend.key("personal-signature")])
        .args(["--cert", "personal-signature.pem"])
        .args(["--chain", "nationals-ca.pem", "--trust", "root-ca.pem"])
        .args(["--level", "b-lta", "--tsa", &office.tsa_url()])
        .args(["--visible", SEEN, "--text", "Signé"])
        .limit(Duration::from_secs(600))
        .run()?;
    ensure!(
        !outcome.hung && !outcome.crashed(),
        "the batch did not end well: {outcome}"
    );
    let refused = refusals(&outcome.out())?;
    in_parallel(files, |judges, number, (name, input)| {
        let before = sealed[number].before;
        let failed = |failure: String| Judged {
            before,
            failure: Some(failure),
        };
        if sealed[number].failure.is_some() {
            return Ok(failed(NOT_SEALED.to_owned()));
        }
        let odd = hierarchy.path(format!("odd/{number}.pdf"));
        let out = hierarchy.path(format!("again/{number}.signed.pdf"));
        if let Some(why) = refused.get(&format!("odd/{number}.pdf")) {
            return Ok(failed(match out.exists() {
                true => format!("left an output file behind: {why}"),
                false => format!("refused: {why}"),
            }));
        }
        let judged = judge_again(hierarchy, judges, before, [input, &odd, &out]);
        let judged = judged.with_context(|| name.clone())?;
        let _ = std::fs::remove_file(&out);
        Ok(Judged {
            before,
            failure: judged,
        })
    })
}

/// The documents that a batch refused, with what it said: one object a line, those of refused documents with a `failure`.
fn refusals(batch: &str) -> Result<BTreeMap<String, String>> {
    let mut refused = BTreeMap::new();
    for line in batch.lines() {
        let document: serde_json::Value = serde_json::from_str(line)?;
        if let (Some(failure), Some(file)) = (document.get("failure"), document["file"].as_str()) {
            refused.insert(file.to_owned(), failure.to_string());
        }
    }
    Ok(refused)
}

/// What is wrong with the output of the second signature, if anything.
fn judge_again(
    hierarchy: &Hierarchy,
    judges: &mut Judges,
    before: QpdfStatus,
    [input, odd, out]: [&Path; 3],
) -> Result<Option<String>> {
    if !std::fs::read(out)?.starts_with(&std::fs::read(odd)?) {
        return Ok(Some("prefix: bytes of the input were rewritten".to_owned()));
    }
    let (after, said) = qpdf_check(out)?;
    if after > before {
        let said = last_lines(&said);
        return Ok(Some(format!(
            "qpdf: {before:?} before, {after:?} after: {said}"
        )));
    }
    let (signatures, said) = pdfsig(out)?;
    let valid = |signature: &&PdfsigSignature| signature.valid && signature.kind == PADES;
    if signatures.iter().filter(valid).count() < 2 {
        return Ok(Some(format!(
            "pdfsig: not two valid signatures: {}",
            last_lines(&said)
        )));
    }
    let trust = [hierarchy.root()];
    // To compare revisions, pyHanko reads every object of the input, damaged ones too.
    let readings = match before {
        QpdfStatus::Clean => &[Reading::Strict, Reading::Lenient][..],
        _ => &[
            Reading::Strict,
            Reading::Lenient,
            Reading::WithoutComparison,
        ],
    };
    let mut seen = Err(anyhow::anyhow!("not read"));
    for reading in readings {
        seen = judges.python.pdf(out, &trust, *reading);
        if seen.is_ok() {
            break;
        }
    }
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => return Ok(Some(format!("pyhanko: {error}"))),
    };
    let intact = |signature: &&PdfSignature| signature.intact && signature.valid;
    let whole = |signature: &&PdfSignature| {
        signature.timestamp && signature.coverage.as_deref() == Some("ENTIRE_FILE")
    };
    if seen.iter().filter(intact).count() < 3 || !seen.iter().filter(intact).any(|s| whole(&s)) {
        return Ok(Some(format!("pyhanko: {seen:?}")));
    }
    match judges.pdfbox.judge(out, "") {
        Ok(document) => {
            let right = |signature: &&pdfbox::Signature| signature.wrong.is_empty();
            if document.signatures.iter().filter(right).count() < 3 || document.certificates == 0 {
                return Ok(Some(format!("pdfbox: {document:?}")));
            }
        }
        // What it does not read before, it need not read after.
        Err(error) if judges.pdfbox.judge(input, "").is_ok() => {
            return Ok(Some(format!("pdfbox: {error}")));
        }
        Err(_) => {}
    }
    Ok(
        match (first_page_as_seen(odd, DPI)?, first_page_as_seen(out, DPI)?) {
            (Some(before), Some(after)) => elsewhere(&before, &after),
            (None, None) => None,
            _ => Some("render: poppler draws one of the two only".to_owned()),
        },
    )
}

/// Where the second signature is seen: near the lower left corner, small enough for small pages.
const SEEN: &str = "1:4,4,40,20";
/// Pixels in an inch when pages are compared.
const DPI: u32 = 36;

/// What is wrong with a page that may look different in the corner of [`SEEN`] only, and has to there.
fn elsewhere(before: &[u8], after: &[u8]) -> Option<String> {
    // Half a pixel for each point; a pixel more for edges that are drawn smoothly.
    const CORNER: [usize; 2] = [(4 + 40) / 2 + 1, (4 + 20) / 2 + 1];
    let (Some((size, before)), Some((same, after))) = (pixels(before), pixels(after)) else {
        return Some("render: not a picture".to_owned());
    };
    if size != same {
        return Some(format!("render: page 1 is {same:?} instead of {size:?}"));
    }
    let [width, height] = size;
    let mut changed = before
        .chunks(3)
        .zip(after.chunks(3))
        .enumerate()
        .filter(|(_, (before, after))| before != after)
        .map(|(number, _)| [number % width + 1, height - number / width])
        .peekable();
    if changed.peek().is_none() {
        return Some("render: the signature is not seen".to_owned());
    }
    let [left, bottom] = changed.find(|at| at[0] > CORNER[0] || at[1] > CORNER[1])?;
    Some(format!(
        "render: page 1 looks different {left} pixels from the left and {bottom} from the bottom of {size:?}"
    ))
}

/// Width and height, and the colours, of a picture in the format PPM.
fn pixels(picture: &[u8]) -> Option<([usize; 2], &[u8])> {
    let mut fields = picture.splitn(4, u8::is_ascii_whitespace).skip(1);
    let mut number = || std::str::from_utf8(fields.next()?).ok()?.parse().ok();
    let size = [number()?, number()?];
    let colours = fields.next()?.split_at_checked("255\n".len())?.1;
    (colours.len() == size[0] * size[1] * 3).then_some((size, colours))
}

/// The `/SubFilter` of our signatures.
const PADES: &str = "ETSI.CAdES.detached";

fn judge(hierarchy: &Hierarchy, judges: &mut Judges, input: &Path, out: &Path) -> Result<Judged> {
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
    let seen = match judges.python.pdf(out, &[hierarchy.root()], Reading::Strict) {
        Ok(seen) => Ok(seen),
        Err(_) => judges
            .python
            .pdf(out, &[hierarchy.root()], Reading::Lenient),
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
    if first_page(input, DPI)? != first_page(out, DPI)? {
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

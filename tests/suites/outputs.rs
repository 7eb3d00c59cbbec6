//! Every kind of signed PDF before every judge that knows it: qpdf, MuPDF, poppler, pyHanko in strict mode, PDFBox with
//! BouncyCastle, and `sceau verify`. A new kind is one line of [`KINDS`].

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sceau_tests::environment::{Need, available, project};
use sceau_tests::judges::pdf::{
    QpdfStatus, first_page_with, mutool_sign, pdfsig_with, qpdf_check_with,
};
use sceau_tests::judges::pdfbox::PdfBox;
use sceau_tests::judges::python;
use sceau_tests::report::verify_call;
use sceau_tests::{Backend, Call, Hierarchy, VerifyReport};

/// What is signed.
enum Input {
    /// The contract of the demo.
    Contract,
    /// The same, rewritten by qpdf with these options.
    Qpdf(&'static [&'static str]),
    /// `file` of the folder `tests/documents`.
    #[allow(dead_code)]
    File(&'static str),
}

/// What page 1 looks like after signing.
#[derive(PartialEq)]
enum Page {
    Same,
    Changed,
}

/// A way to a signed document: the commands one after the other, each on the output of the one before. `sign` gets a key (the
/// company's seal), `sign-again` another one (a person's); a level other than b-b gets the time-stamping authority.
struct Kind {
    name: &'static str,
    input: Input,
    steps: &'static [&'static str],
    page: Page,
    /// The password, and how many signatures and document time-stamps there are in the end.
    password: &'static str,
    signatures: usize,
    stamps: usize,
}

const fn kind(
    name: &'static str,
    input: Input,
    steps: &'static [&'static str],
    signatures: usize,
    stamps: usize,
) -> Kind {
    Kind {
        name,
        input,
        steps,
        page: Page::Same,
        password: "",
        signatures,
        stamps,
    }
}

impl Kind {
    const fn visible(mut self) -> Self {
        self.page = Page::Changed;
        self
    }

    const fn password(mut self, password: &'static str) -> Self {
        self.password = password;
        self
    }
}

use Input::{Contract, Qpdf};

/// One kind, one line.
#[rustfmt::skip]
const KINDS: &[Kind] = &[
    kind("b-b", Contract, &["sign --level b-b"], 1, 0),
    kind("b-t", Contract, &["sign --level b-t"], 1, 0),
    kind("b-lt", Contract, &["sign --level b-lt"], 1, 0),
    kind("b-lta", Contract, &["sign --level b-lta"], 1, 1),
    kind("extended", Contract, &["sign --level b-b", "extend --to b-t", "extend --to b-lt", "extend --to b-lta"], 1, 2),
    kind("renewed", Contract, &["sign --level b-lta", "extend --to b-lta"], 1, 2),
    kind("signed after b-lta", Contract, &["sign --level b-lta", "sign-again --level b-lta"], 2, 2),
    kind("twice", Contract, &["sign --level b-t", "sign-again --level b-b"], 2, 0),
    kind("certified", Contract, &["sign --level b-b --certify form-filling", "sign-again --level b-b"], 2, 0),
    kind("certified as final", Contract, &["sign --level b-b --certify no-changes --legal-attestation None"], 1, 0),
    kind("compressed objects", Qpdf(&["--object-streams=generate"]), &["sign --level b-t", "sign-again --level b-b"], 2, 0),
    kind("linearized", Qpdf(&["--linearize"]), &["sign --level b-t"], 1, 0),
    kind("PDF 2.0", Qpdf(&["--force-version=2.0"]), &["sign --level b-b"], 1, 0),
    kind("PDF 1.0", Qpdf(&["--object-streams=disable", "--force-version=1.0"]), &["sign --level b-b"], 1, 0),
    kind("visible", Contract, &["sign --level b-t --visible last:bottom-right,210,75 --language fr --qr {serial}", "sign-again --level b-b --visible 1:top,180,60"], 2, 0).visible(),
    kind("visible, then certified", Contract, &["sign --level b-b --certify form-filling --visible 1:40,40,200,70", "sign-again --level b-b"], 2, 0).visible(),
    kind("visible, AES-256", Qpdf(&["--encrypt", "reader", "owner", "256", "--"]), &["sign --level b-b --visible 1:bottom-left,200,70", "sign-again --level b-b --visible 1:top-left,200,70"], 2, 0).visible().password("reader"),
    kind("RC4-40", Qpdf(&["--allow-weak-crypto", "--encrypt", "", "owner", "40", "--"]), &["sign --level b-b"], 1, 0),
    kind("RC4-128", Qpdf(&["--allow-weak-crypto", "--encrypt", "reader", "owner", "128", "--use-aes=n", "--"]), &["sign --level b-b"], 1, 0).password("reader"),
    kind("AES-128", Qpdf(&["--allow-weak-crypto", "--encrypt", "reader", "owner", "128", "--use-aes=y", "--cleartext-metadata", "--"]), &["sign --level b-t", "sign-again --level b-b"], 2, 0).password("reader"),
    kind("b-lta, compressed objects", Qpdf(&["--object-streams=generate"]), &["sign --level b-lta"], 1, 1),
    kind("b-lta, certified", Contract, &["sign --level b-lta --certify form-filling"], 1, 1),
    kind("b-lta, AES-256", Qpdf(&["--encrypt", "reader", "owner", "256", "--"]), &["sign --level b-t", "extend --to b-lta"], 1, 1).password("reader"),
    kind("AES-256", Qpdf(&["--encrypt", "reader", "owner", "256", "--"]), &["sign --level b-t", "sign-again --level b-b"], 2, 0).password("reader"),
];

#[test]
fn a_judge_refuses_a_kind_of_signed_pdf() -> Result<()> {
    if !crate::possible(Backend::KeyFile) || !available(&[Need::PdfBox]) {
        return Ok(());
    }
    let hierarchy = Hierarchy::running(Backend::KeyFile)?;
    let mut pdfbox = PdfBox::start()?;
    let mut wrong = Vec::new();
    for (number, kind) in KINDS.iter().enumerate() {
        let made = make(&hierarchy, kind, number);
        let judged =
            made.and_then(|(input, out)| judge(&hierarchy, &mut pdfbox, kind, &input, &out));
        if let Err(error) = judged {
            wrong.push(format!("{}: {error:#}", kind.name));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    Ok(())
}

/// Input and output.
fn make(hierarchy: &Hierarchy, kind: &Kind, number: usize) -> Result<(PathBuf, PathBuf)> {
    let contract = project().join("xtask/demo/contract.pdf");
    let input = match kind.input {
        Contract => contract,
        Input::File(name) => project().join("tests/documents").join(name),
        Qpdf(options) => {
            let input = hierarchy.path(format!("kind-{number}.pdf"));
            Call::new("qpdf")
                .args(options)
                .arg(contract)
                .arg(&input)
                .succeed()?;
            input
        }
    };
    std::fs::write(hierarchy.path("password"), kind.password)?;
    let mut before = input.clone();
    for (step, command) in kind.steps.iter().enumerate() {
        let after = hierarchy.path(format!("kind-{number}-{step}.pdf"));
        let mut words = command.split(' ');
        let verb = words.next().unwrap_or_default();
        let mut call = match verb {
            "sign" => step_of(hierarchy, "company-seal", "companies")?,
            "sign-again" => step_of(hierarchy, "personal-signature", "nationals")?,
            other => hierarchy.office.program("sceau")?.arg(other),
        };
        if command.contains(" b-lt") {
            call = call.args(["--trust", "root-ca.pem"]);
        }
        call = call.args(words).arg("--out").arg(&after).arg(&before);
        if !command.contains(" b-b") {
            call = call.args(["--tsa", &hierarchy.office.tsa_url()]);
        }
        if !kind.password.is_empty() {
            call = call.args(["--password-file", "password"]);
        }
        call.succeed()?;
        ensure!(
            std::fs::read(&after)?.starts_with(&std::fs::read(&before)?),
            "{command}: bytes of the input were rewritten"
        );
        before = after;
    }
    Ok((input, before))
}

fn step_of(hierarchy: &Hierarchy, key: &str, ca: &str) -> Result<Call> {
    let office = &hierarchy.office;
    Ok(office.program("sceau")?.args([
        "sign",
        "--key",
        &office.backend.key(key),
        "--cert",
        &format!("{key}.pem"),
        "--chain",
        &format!("{ca}-ca.pem"),
    ]))
}

fn judge(
    hierarchy: &Hierarchy,
    pdfbox: &mut PdfBox,
    kind: &Kind,
    input: &Path,
    out: &Path,
) -> Result<()> {
    let all = kind.signatures + kind.stamps;
    let password = kind.password;

    let (status, said) = qpdf_check_with(out, password)?;
    ensure!(status == QpdfStatus::Clean, "qpdf: {said}");

    let before = first_page_with(input, 50, password)?;
    let after = first_page_with(out, 50, password)?;
    ensure!(
        before.is_some() && after.is_some() && (before == after) == (kind.page == Page::Same),
        "page 1 is not what it should look like"
    );

    let found = mutool_sign(out, password).context("mutool")?;
    ensure!(found == kind.signatures, "mutool finds {found} signatures");

    let (signatures, said) = pdfsig_with(out, password)?;
    // It lists document time-stamps and does not judge them.
    let valid = signatures
        .iter()
        .filter(|signature| signature.valid)
        .count();
    ensure!(
        signatures.len() == all && valid == kind.signatures,
        "pdfsig: {said}"
    );

    let trust = [
        hierarchy.root(),
        hierarchy.ca("companies"),
        hierarchy.ca("nationals"),
    ];
    let signatures = python::shared()
        .pdf_with(out, &trust, password)
        .context("pyHanko")?;
    let stamps = signatures
        .iter()
        .filter(|signature| signature.timestamp)
        .count();
    ensure!(
        signatures.len() == all && stamps == kind.stamps,
        "pyHanko sees {signatures:?}"
    );
    for signature in &signatures {
        ensure!(
            signature.intact && signature.valid && signature.bottom_line,
            "pyHanko: {signature:?}"
        );
    }

    let document = pdfbox.judge(out, password)?;
    ensure!(document.signatures.len() == all, "PDFBox sees {document:?}");
    for signature in &document.signatures {
        ensure!(signature.wrong.is_empty(), "PDFBox: {signature:?}");
    }

    let mut call = verify_call(out, &[hierarchy.root()])?;
    if !password.is_empty() {
        call = call.arg("--password-file").arg(hierarchy.path("password"));
    }
    let (report, _) = VerifyReport::of(&call)?;
    ensure!(
        report.indications() == vec!["TOTAL-PASSED"; all],
        "sceau verify: {report:#?}"
    );
    Ok(())
}

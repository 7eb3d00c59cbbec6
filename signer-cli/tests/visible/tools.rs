//! The programs that sign, draw and verify.

use std::process::Output;

use serde_json::Value;

use crate::common::Office;
use crate::pages::Shown;

/// The first page at one point to the point (1/72 inch), by poppler and by MuPDF.
pub(crate) fn shown(office: &Office, pdf: &str, password: &str) -> [Shown; 2] {
    let mut poppler = vec!["-r", "72", "-cropbox", "-singlefile"];
    if !password.is_empty() {
        poppler.extend(["-upw", password]);
    }
    poppler.extend([pdf, "poppler"]);
    office.run("pdftoppm", &poppler);
    office.run(
        "mutool",
        &[
            "draw",
            "-q",
            "-r",
            "72",
            "-p",
            password,
            "-o",
            "mupdf.ppm",
            pdf,
            "1",
        ],
    );
    ["poppler.ppm", "mupdf.ppm"].map(|file| Shown::read(&office.read(file)))
}

pub(crate) fn sign(office: &Office, input: &str, out: &str, args: &[&str]) -> Output {
    let mut all = vec![input, "--out", out, "--key", "acme.p12", "--force"];
    all.extend(args);
    office.sign(&all).output().unwrap()
}

/// What `sceau verify` says of each signature: indication, and what changed after it.
pub(crate) fn verified(office: &Office, pdf: &str) -> Vec<(bool, String)> {
    let output = office
        .tool(env!("CARGO_BIN_EXE_sceau"))
        .args(["verify", pdf, "--trust", "root.pem", "--offline", "--json"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let signatures = report["signatures"].as_array().unwrap();
    signatures
        .iter()
        .map(|s| {
            (
                s["intact"] == true,
                s["modifications"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

pub(crate) const TOOLS: [&str; 7] = [
    "openssl",
    "pdftoppm",
    "pdftotext",
    "pdffonts",
    "mutool",
    "qpdf",
    "pdfsig",
];

/// A red square on 40 by 40 points, by a PNG writer of another's making.
pub(crate) fn png(office: &Office, name: &str, args: &[&str]) {
    let mut all = vec!["create", "-o", "plain.pdf", "page.txt"];
    office.write(
        "page.txt",
        b"%%MediaBox 0 0 40 40\n1 0 0 rg 5 5 20 20 re f\n",
    );
    office.run("mutool", &all);
    all = vec!["draw", "-q", "-o", name];
    all.extend(args);
    all.push("plain.pdf");
    office.run("mutool", &all);
}

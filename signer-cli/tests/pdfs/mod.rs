//! PDFs that must not be signed, or only so, and PDFs that lie: what `tests/cmd/pdf_rules.trycmd` and
//! `tests/cmd/pdf_damaged.trycmd` sign.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Command;

/// A PDF with a classic table, from its objects.
fn pdf(objects: &[&str]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = String::new();
    for (body, number) in objects.iter().zip(1..) {
        table += &format!("{:010} 00000 n \n", out.len());
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let (size, start) = (objects.len() + 1, out.len());
    out.extend(format!("xref\n0 {size}\n0000000000 65535 f \n{table}").bytes());
    out.extend(
        format!("trailer\n<</Size {size} /Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").bytes(),
    );
    out
}

const PAGES: &str = "<</Type /Pages /Kids [3 0 R] /Count 1>>";
const PAGE: &str = "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>>>>";

/// A document whose catalog has this too, with more objects from number 4 on.
fn with(catalog: &str, more: &[&str]) -> Vec<u8> {
    let catalog = format!("<</Type /Catalog /Pages 2 0 R {catalog}>>");
    pdf(&[&[catalog.as_str(), PAGES, PAGE], more].concat())
}

/// A form with these fields from number 4 on.
fn form(fields: &[&str]) -> Vec<u8> {
    let list: String = (4..4 + fields.len()).map(|n| format!("{n} 0 R ")).collect();
    with(&format!("/AcroForm <</Fields [{list}]>>"), fields)
}

fn signature_field(name: &str, more: &str) -> String {
    format!("<</T ({name}) /FT /Sig /Type /Annot /Subtype /Widget /F 4 /Rect [0 0 0 0] {more}>>")
}

/// Writes all of them into `dir`, where `acme.pem` is.
pub fn write(dir: &Path, passphrase: &str) {
    let write = |name: &str, bytes: &[u8]| fs::write(dir.join(name), bytes).unwrap();
    let sign = |input: &str, output: &str, more: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_sceau"))
            .args(["sign", input, "--out", output, "--key", "acme.pem", "-q"])
            .args(more)
            .current_dir(dir)
            .env("SCEAU_PIN", passphrase)
            .status()
            .unwrap();
        assert!(done.success(), "{input} {more:?}");
    };
    let fields = [
        signature_field("seal", ""),
        signature_field(
            "last",
            "/Lock <</Type /SigFieldLock /Action /Include /Fields [(seal)]>>",
        ),
        signature_field("kept", "/Ff 1"),
        signature_field("reasoned", "/SV <</Ff 8 /Reasons [(Agreed) (Refused)]>>"),
        signature_field(
            "stamped",
            "/SV <</TimeStamp <</Ff 1 /URL (http://tsa.sceau.example/)>>>>",
        ),
        signature_field(
            "members",
            "/SV <</Cert <</Ff 8 /SubjectDN [<</O (Guild)>>] /URL (https://guild.example/join)>>>>",
        ),
        "<</T (name) /FT /Tx /Type /Annot /Subtype /Widget /F 4 /Rect [10 10 90 30]>>".to_owned(),
    ];
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    write("form.pdf", &form(&fields));
    sign("form.pdf", "signed-once.pdf", &["--field", "seal"]);
    sign("form.pdf", "locked-field.pdf", &["--field", "last"]);
    sign("contract.pdf", "final.pdf", &["--certify", "no-changes"]);
    sign("contract.pdf", "once.pdf", &["--certify", "form-filling"]);
    let owned = [
        "--encrypt",
        "",
        "owner",
        "256",
        "--modify=none",
        "--",
        "contract.pdf",
        "owned.pdf",
    ];
    let owned = Command::new("qpdf").args(owned).current_dir(dir).status();
    assert!(owned.unwrap().success());
    write(
        "for-certificates.pdf",
        b"%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type /Pages /Kids [] /Count 0>>\nendobj\ntrailer\n<</Root 1 0 R /Encrypt <</Filter /Adobe.PubSec /V 4 /Recipients []>>>>\n%%EOF\n",
    );
    write(
        "xfa.pdf",
        &with(
            "/NeedsRendering true /AcroForm <</Fields [] /XFA 4 0 R>>",
            &["<</Length 11>>\nstream\n<template/>\nendstream"],
        ),
    );
    damaged(dir);
}

fn damaged(dir: &Path) {
    let write = |name: &str, bytes: &[u8]| fs::write(dir.join(name), bytes).unwrap();
    let whole = with("", &["(the last object)"]);
    let cut = whole.windows(5).rposition(|w| w == b"\nxref").unwrap();
    // Enough is left to find every object by searching.
    write("truncated.pdf", &whole[..cut]);
    write(
        "cr.pdf",
        &String::from_utf8_lossy(&whole)
            .replace('\n', "\r")
            .into_bytes(),
    );
    let catalog = "<</Type /Catalog /Pages 2 0 R>>";
    write(
        "no-pages.pdf",
        &pdf(&[catalog, "<</Type /Pages /Kids [] /Count 0>>"]),
    );
    write(
        "page-loop.pdf",
        &pdf(&[catalog, "<</Type /Pages /Kids [2 0 R] /Count 1>>"]),
    );
    let endless = with(
        "/AcroForm <</Fields [4 0 R]>>",
        &["<</T (a) /Kids [5 0 R]>>", "<</T (b) /Kids [4 0 R]>>"],
    );
    write("field-loop.pdf", &endless);
    let million = "4 0 R ".repeat(1_000_000);
    write(
        "million-fields.pdf",
        &with(
            &format!("/AcroForm <</Fields [{million}]>>"),
            &["<</T (a) /FT /Tx>>"],
        ),
    );
    // A string of 80 MB in the catalog, as a hole in the file.
    let mut file = File::create(dir.join("huge-string.pdf")).unwrap();
    file.write_all(b"%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R /Note (")
        .unwrap();
    file.seek(SeekFrom::Start(80 << 20)).unwrap();
    let start = (80 << 20) + b")>>\nendobj\n".len();
    let tail = format!(
        ")>>\nendobj\nxref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<</Size 2 /Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    );
    file.write_all(tail.as_bytes()).unwrap();
    // The reader of this one would have to believe in 2 GB of signature.
    let absurd = with(
        "/AcroForm <</Fields [4 0 R]>>",
        &[
            &signature_field("seal", "/V 5 0 R"),
            "<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2147483647 9223372036854775807] /Contents [<00> 7]>>",
        ],
    );
    write("absurd-contents.pdf", &absurd);
}

//! Small PDFs, and a signer whose PDFs the foreign tools judge.

use std::path::Path;
use std::sync::Arc;

use ades::cms::build::CmsSigner;
use ades::pades::{PadesError, PadesOptions, PadesSignature, sign_pdf};
use ades::tsp::TimeStamper;
use hsm_pkcs11::KeySpec;
use pdf_file::{MemorySource, OpenOptions, PdfFile};
use pki_asn1::{Clock, SystemClock};

use super::{Hierarchy, Usage, accepts, python};

pub fn options() -> PadesOptions {
    PadesOptions::new(SystemClock.now())
}

pub fn sign(input: &[u8], signer: &CmsSigner, options: &PadesOptions) -> Vec<u8> {
    let (signed, _) = try_sign(input, signer, options, None).unwrap();
    assert!(signed.starts_with(input), "the input's bytes were changed");
    signed
}

pub fn try_sign(
    input: &[u8],
    signer: &CmsSigner,
    options: &PadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<(Vec<u8>, PadesSignature), PadesError> {
    let source = Arc::new(MemorySource::new(input.to_vec()));
    let pdf = PdfFile::open(source, OpenOptions::new())?;
    let mut out = Vec::new();
    let made = sign_pdf(&pdf, &mut out, signer, options, time_stamper)?;
    assert_eq!(made.len, out.len() as u64);
    Ok((out, made))
}

/// A PDF with a classic table, from its objects.
pub fn pdf(objects: &[&str]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (i, body) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{body}\nendobj\n", i + 1).bytes());
    }
    let xref = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        out.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    out.extend(
        format!(
            "trailer\n<</Size {} /Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n",
            objects.len() + 1
        )
        .bytes(),
    );
    out
}

pub fn plain() -> Vec<u8> {
    pdf(&[
        "<</Type /Catalog /Pages 2 0 R>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>",
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>>>>",
    ])
}

/// With a form in every awkward place: `/Fields` and `/Annots` as objects of their own, a nested
/// empty signature field, a text field.
pub fn with_form(lock: &str) -> Vec<u8> {
    pdf(&[
        "<</Type /Catalog /Pages 2 0 R /AcroForm 4 0 R>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>",
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> /Annots 6 0 R>>",
        "<</Fields 5 0 R>>",
        "[7 0 R 9 0 R]",
        "[8 0 R 9 0 R]",
        "<</T (buyer) /Kids [8 0 R]>>",
        &format!(
            "<</Parent 7 0 R /T (seal) /FT /Sig /Type /Annot /Subtype /Widget /F 4 /Rect [0 0 0 0] /P 3 0 R {lock}>>"
        ),
        "<</T (Signature1) /FT /Tx /Type /Annot /Subtype /Widget /F 4 /Rect [10 10 90 30] /P 3 0 R>>",
    ])
}

pub struct World {
    pub pki: Hierarchy,
    pub signer: CmsSigner,
    pub dir: tempfile::TempDir,
}

impl World {
    pub fn new() -> Self {
        Self::with(KeySpec::P256)
    }

    pub fn with(spec: KeySpec) -> Self {
        let pki = Hierarchy::new();
        let identity = pki.issue("Acme SAM", spec, Usage::Signing);
        let signer = CmsSigner::new(
            identity.key,
            identity.certificate,
            std::slice::from_ref(&pki.issuing),
        )
        .unwrap();
        Self {
            pki,
            signer,
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// Every foreign tool calls every signature good; pyHanko's words for each.
    pub fn judged(&self, signed: &[u8], signatures: usize) -> Vec<serde_json::Value> {
        let path = self.dir.path().join("signed.pdf");
        std::fs::write(&path, signed).unwrap();
        let path = path.to_str().unwrap();
        accepts("qpdf", &["--check", path]);
        if let Some(text) = accepts("pdfsig", &["-nocert", path]) {
            let good = text.matches("Signature is Valid.").count();
            assert_eq!(good, signatures, "{text}");
            assert!(text.contains("Total document signed"), "{text}");
            assert!(text.contains("ETSI.CAdES.detached"), "{text}");
        }
        self.pyhanko(path, &[], signatures)
    }

    pub fn pyhanko(&self, path: &str, more: &[&str], signatures: usize) -> Vec<serde_json::Value> {
        let root = self.pki.write_root(self.dir.path());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/pyhanko_validate.py");
        let args = [&[script.to_str().unwrap(), path, &root], more].concat();
        let Some(text) = python(&args) else {
            return Vec::new();
        };
        let each: Vec<serde_json::Value> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        assert_eq!(each.len(), signatures, "{text}");
        for status in &each {
            for key in ["intact", "valid", "trusted", "bottom_line"] {
                assert_eq!(status[key], true, "{key}: {text}");
            }
            assert_eq!(status["subfilter"], "/ETSI.CAdES.detached");
        }
        each
    }
}

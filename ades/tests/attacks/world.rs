//! The document that is attacked, a writer of updates that knows no scruples, and the validator's verdict.

use std::sync::Arc;

use ades::cms::build::CmsSigner;
use ades::pades::{Certification, PadesError, PadesOptions, sign_pdf};
use ades::validate::{
    Facts, Indication, Input, Material, Modifications, RevocationRule, ValidationPolicy, Verdict,
    gather, verdict,
};
use hsm_pkcs11::KeySpec;
use pdf_file::{MemorySource, OpenOptions, PdfFile};
use pki_asn1::{Clock, SystemClock};
use pki_path::TrustAnchor;

use crate::common::{Hierarchy, Usage};

pub(crate) const CONTENT: &str =
    "<</Length 34>>\nstream\nBT /F1 12 Tf (I owe you 100) Tj ET \nendstream";
pub(crate) const EVIL: &str =
    "<</Length 34>>\nstream\nBT /F1 12 Tf (I owe you 999) Tj ET \nendstream";

/// Page tree, annotations and fields are arrays of their own, so that an update can replace each.
pub(crate) const OBJECTS: [&str; 10] = [
    "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Metadata 10 0 R>>",
    "<</Type /Pages /Kids 7 0 R /Count 1>>",
    "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> /Contents 4 0 R /Annots 8 0 R>>",
    CONTENT,
    "<</Fields 6 0 R>>",
    "[9 0 R]",
    "[3 0 R]",
    "[9 0 R]",
    "<</T (amount) /FT /Tx /V (100) /Type /Annot /Subtype /Widget /F 4 /Rect [10 10 90 30] /P 3 0 R>>",
    "<</Type /Metadata /Subtype /XML /Length 12>>\nstream\n<x:xmpmeta/>\nendstream",
];

/// What it is, the objects of the update, and what is in its trailer.
pub(crate) type Attack<'a> = (&'a str, &'a [(u32, &'a str)], &'a str);

/// An update, or a whole file where `before` is empty: objects, a cross-reference table, a trailer.
pub(crate) fn update(before: &[u8], objects: &[(u32, &str)], trailer: &str) -> Vec<u8> {
    let mut out = before.to_vec();
    if out.is_empty() {
        out.extend(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    }
    let mut table = String::new();
    for (number, body) in objects {
        table += &format!("{number} 1\n{:010} 00000 n \n", out.len());
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let (size, prev) = match before.is_empty() {
        true => (200, String::new()),
        false => (400, format!("/Prev {}", last_xref(before))),
    };
    let at = out.len();
    let root = if trailer.contains("/Root") {
        ""
    } else {
        "/Root 1 0 R"
    };
    out.extend(
        format!(
            "xref\n0 1\n0000000000 65535 f \n{table}trailer\n<</Size {size} {root} {prev} {trailer}>>\nstartxref\n{at}\n%%EOF\n"
        )
        .bytes(),
    );
    out
}

pub(crate) fn last_xref(pdf: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(&pdf[pdf.len() - 40..]).into_owned();
    let number = text.split("startxref").nth(1).unwrap();
    number.split_whitespace().next().unwrap().parse().unwrap()
}

pub(crate) fn document(replace: &[(u32, &str)], trailer: &str) -> Vec<u8> {
    let mut objects: Vec<(u32, &str)> = (1..).zip(OBJECTS).collect();
    for (number, body) in replace {
        match objects.iter_mut().find(|o| o.0 == *number) {
            Some(one) => one.1 = body,
            None => objects.push((*number, body)),
        }
    }
    update(&[], &objects, trailer)
}

pub(crate) struct World {
    pub(crate) pki: Hierarchy,
    pub(crate) signer: CmsSigner,
}

impl World {
    pub(crate) fn new() -> Self {
        let pki = Hierarchy::new();
        let identity = pki.issue("Acme SAM", KeySpec::P256, Usage::Signing);
        let chain = std::slice::from_ref(&pki.issuing);
        let signer = CmsSigner::new(identity.key, identity.certificate, chain).unwrap();
        Self { pki, signer }
    }

    pub(crate) fn sign(&self, input: &[u8], certify: Option<Certification>) -> Vec<u8> {
        let mut options = PadesOptions::new(SystemClock.now());
        options.certify = certify;
        self.sign_with(input, &options)
    }

    pub(crate) fn sign_with(&self, input: &[u8], options: &PadesOptions) -> Vec<u8> {
        self.try_sign(input, options).unwrap()
    }

    pub(crate) fn try_sign(
        &self,
        input: &[u8],
        options: &PadesOptions,
    ) -> Result<Vec<u8>, PadesError> {
        let source = Arc::new(MemorySource::new(input.to_vec()));
        let pdf = PdfFile::open(source, OpenOptions::new()).unwrap();
        let mut out = Vec::new();
        sign_pdf(&pdf, &mut out, &self.signer, options, None)?;
        Ok(out)
    }

    /// `None` where the file is refused.
    pub(crate) fn judge(&self, bytes: &[u8]) -> Option<(Facts, Verdict)> {
        self.judge_over(bytes, None)
    }

    pub(crate) fn judge_over(
        &self,
        bytes: &[u8],
        content: Option<Vec<u8>>,
    ) -> Option<(Facts, Verdict)> {
        let input = Input {
            source: Arc::new(MemorySource::new(bytes.to_vec())),
            content: content.map(|c| Arc::new(MemorySource::new(c)) as Arc<_>),
            pdf_options: OpenOptions::new(),
        };
        let material = Material {
            anchors: vec![TrustAnchor::from_certificate(self.pki.root.clone()).unwrap()],
            ..Material::default()
        };
        let now = SystemClock.now();
        let facts = gather(&input, material, now, None).ok()?;
        let policy = ValidationPolicy {
            revocation: RevocationRule::IfAvailable,
            ..ValidationPolicy::default()
        };
        let verdict = verdict(&facts, &policy, now);
        Some((facts, verdict))
    }

    /// The indication of the whole file and the changes after the first signature.
    pub(crate) fn outcome(&self, bytes: &[u8]) -> (Option<Indication>, Modifications) {
        match self.judge(bytes) {
            None => (None, Modifications::Other),
            Some((facts, verdict)) => {
                let changes = facts.signatures.first().and_then(|s| s.pdf.as_ref());
                (
                    verdict.indication,
                    changes.map_or(Modifications::Other, |p| p.changes.level),
                )
            }
        }
    }

    pub(crate) fn refused(&self, what: &str, bytes: &[u8]) {
        let (indication, level) = self.outcome(bytes);
        assert_ne!(
            indication,
            Some(Indication::TotalPassed),
            "{what} passes with {level:?}"
        );
    }
}

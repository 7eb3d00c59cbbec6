//! What a forger does to a PDF after it was signed. Nothing here may be TOTAL-PASSED over an
//! unchanged document, and where the signature forbids the change it may not pass at all.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod common;

use std::sync::Arc;

use ades::cms::build::CmsSigner;
use ades::pades::{Certification, PadesOptions, sign_pdf};
use ades::validate::{
    Facts, Indication, Input, Material, Modifications, RevocationRule, ValidationPolicy, Verdict,
    gather, verdict,
};
use common::{Hierarchy, Usage};
use hsm_pkcs11::KeySpec;
use pdf_file::{MemorySource, OpenOptions, PdfFile};
use pki_asn1::{Clock, SystemClock};
use pki_path::TrustAnchor;
use proptest::prelude::*;

const CONTENT: &str = "<</Length 34>>\nstream\nBT /F1 12 Tf (I owe you 100) Tj ET \nendstream";
const EVIL: &str = "<</Length 34>>\nstream\nBT /F1 12 Tf (I owe you 999) Tj ET \nendstream";

/// Page tree, annotations and fields are arrays of their own, so that an update can replace each.
const OBJECTS: [&str; 10] = [
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
type Attack<'a> = (&'a str, &'a [(u32, &'a str)], &'a str);

/// An update, or a whole file where `before` is empty: objects, a cross-reference table, a trailer.
fn update(before: &[u8], objects: &[(u32, &str)], trailer: &str) -> Vec<u8> {
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

fn last_xref(pdf: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(&pdf[pdf.len() - 40..]).into_owned();
    let number = text.split("startxref").nth(1).unwrap();
    number.split_whitespace().next().unwrap().parse().unwrap()
}

fn document(replace: &[(u32, &str)], trailer: &str) -> Vec<u8> {
    let mut objects: Vec<(u32, &str)> = (1..).zip(OBJECTS).collect();
    for (number, body) in replace {
        match objects.iter_mut().find(|o| o.0 == *number) {
            Some(one) => one.1 = body,
            None => objects.push((*number, body)),
        }
    }
    update(&[], &objects, trailer)
}

struct World {
    pki: Hierarchy,
    signer: CmsSigner,
}

impl World {
    fn new() -> Self {
        let pki = Hierarchy::new();
        let identity = pki.issue("Acme SAM", KeySpec::P256, Usage::Signing);
        let chain = std::slice::from_ref(&pki.issuing);
        let signer = CmsSigner::new(identity.key, identity.certificate, chain).unwrap();
        Self { pki, signer }
    }

    fn sign(&self, input: &[u8], certify: Option<Certification>) -> Vec<u8> {
        let mut options = PadesOptions::new(SystemClock.now());
        options.certify = certify;
        self.sign_with(input, &options)
    }

    fn sign_with(&self, input: &[u8], options: &PadesOptions) -> Vec<u8> {
        let source = Arc::new(MemorySource::new(input.to_vec()));
        let pdf = PdfFile::open(source, OpenOptions::new()).unwrap();
        let mut out = Vec::new();
        sign_pdf(&pdf, &mut out, &self.signer, options, None).unwrap();
        out
    }

    /// `None` where the file is refused.
    fn judge(&self, bytes: &[u8]) -> Option<(Facts, Verdict)> {
        self.judge_over(bytes, None)
    }

    fn judge_over(&self, bytes: &[u8], content: Option<Vec<u8>>) -> Option<(Facts, Verdict)> {
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
    fn outcome(&self, bytes: &[u8]) -> (Option<Indication>, Modifications) {
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

    fn refused(&self, what: &str, bytes: &[u8]) {
        let (indication, level) = self.outcome(bytes);
        assert_ne!(
            indication,
            Some(Indication::TotalPassed),
            "{what} passes with {level:?}"
        );
    }
}

#[test]
fn the_documents_of_these_tests_pass_before_they_are_attacked() {
    let world = World::new();
    for certify in [None, Some(Certification::NoChanges)] {
        let signed = world.sign(&document(&[], ""), certify);
        assert_eq!(
            world.outcome(&signed),
            (Some(Indication::TotalPassed), Modifications::None)
        );
        let added = update(&signed, &[(50, "<</Unused true>>")], "");
        assert_eq!(world.outcome(&added).0, Some(Indication::TotalPassed));
    }
}

#[test]
fn an_update_that_changes_what_is_shown_never_passes() {
    let world = World::new();
    let signed = world.sign(&document(&[], ""), None);
    let page = |contents: &str| {
        format!(
            "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> /Contents {contents} /Annots 8 0 R>>"
        )
    };
    let free_text = "<</Type /Annot /Subtype /FreeText /Rect [0 0 300 200] /DA (/F1 12 Tf) /Contents (I owe you 999)>>";
    let cases: &[Attack<'_>] = &[
        ("the content stream replaced", &[(4, EVIL)], ""),
        (
            "the page shows another stream",
            &[(3, &page("50 0 R")), (50, EVIL)],
            "",
        ),
        (
            "a stream added to the page",
            &[(3, &page("[4 0 R 50 0 R]")), (50, EVIL)],
            "",
        ),
        (
            "a comment over the text",
            &[(8, "[9 0 R 50 0 R]"), (50, free_text)],
            "",
        ),
        (
            "a comment that calls itself a signature field",
            &[
                (8, "[9 0 R 50 0 R]"),
                (
                    50,
                    "<</Type /Annot /Subtype /FreeText /FT /Sig /T (x) /Rect [0 0 300 200] /Contents (999)>>",
                ),
            ],
            "",
        ),
        (
            "a picture as the widget of a signature that nobody made",
            &[
                (6, "[9 0 R 50 0 R]"),
                (8, "[9 0 R 50 0 R]"),
                (
                    50,
                    "<</Type /Annot /Subtype /Widget /FT /Sig /T (x) /Rect [0 0 300 200] /P 3 0 R /AP <</N 51 0 R>>>>",
                ),
                (51, EVIL),
            ],
            "",
        ),
        (
            "a signature field with a script",
            &[
                (6, "[9 0 R 50 0 R]"),
                (
                    50,
                    "<</FT /Sig /T (x) /AA <</O <</S /JavaScript /JS (0)>>>>>>",
                ),
            ],
            "",
        ),
        (
            "a page put first that calls itself a signature field",
            &[
                (7, "[50 0 R 3 0 R]"),
                (
                    50,
                    "<</Type /Page /FT /Sig /T (x) /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 51 0 R>>",
                ),
                (51, EVIL),
            ],
            "",
        ),
        (
            "the page tree replaced",
            &[
                (2, "<</Type /Pages /Kids [50 0 R] /Count 1>>"),
                (50, &page("51 0 R")),
                (51, EVIL),
            ],
            "",
        ),
        (
            "a script on opening",
            &[(
                1,
                "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Metadata 10 0 R /OpenAction <</S /JavaScript /JS (0)>>>>",
            )],
            "",
        ),
        (
            "another catalog",
            &[
                (50, "<</Type /Catalog /Pages 51 0 R>>"),
                (51, "<</Type /Pages /Kids [] /Count 0>>"),
            ],
            "/Root 50 0 R",
        ),
        (
            "a page changed beside a document security store",
            &[
                (
                    1,
                    "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Metadata 10 0 R /DSS 60 0 R>>",
                ),
                (60, "<</Certs []>>"),
                (4, EVIL),
            ],
            "",
        ),
        (
            "a document security store that takes in the page",
            &[
                (
                    1,
                    "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Metadata 10 0 R /DSS 60 0 R>>",
                ),
                (60, "<</Certs [3 0 R]>>"),
            ],
            "",
        ),
        (
            "the document encrypted afterwards",
            &[(60, "<</Filter /Standard /V 1>>")],
            "/Encrypt 60 0 R",
        ),
        (
            "the title changed",
            &[(60, "<</Title (Receipt)>>")],
            "/Info 60 0 R",
        ),
        ("a field removed", &[(6, "[]")], ""),
    ];
    for (what, objects, trailer) in cases {
        world.refused(what, &update(&signed, objects, trailer));
    }
}

#[test]
fn what_a_prepared_document_calls_metadata_cannot_be_changed_as_metadata() {
    let world = World::new();
    let evil_page = "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> /Contents 50 0 R /Annots 8 0 R /Producer (x)>>";
    let prepared =
        |replace: &[(u32, &str)], trailer: &str| world.sign(&document(replace, trailer), None);
    let cases = [
        (
            "the page is the document information",
            update(
                &prepared(&[], "/Info 3 0 R"),
                &[(3, evil_page), (50, EVIL)],
                "/Info 3 0 R",
            ),
        ),
        (
            "the page is part of the document security store",
            update(
                &prepared(
                    &[(
                        1,
                        "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /DSS <</VRI <</X 3 0 R>>>>>>",
                    )],
                    "",
                ),
                &[(3, evil_page), (50, EVIL)],
                "",
            ),
        ),
        (
            "the content stream is the metadata",
            update(
                &prepared(
                    &[
                        (
                            1,
                            "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Metadata 4 0 R>>",
                        ),
                        (
                            4,
                            "<</Type /Metadata /Subtype /XML /Length 34>>\nstream\nBT /F1 12 Tf (I owe you 100) Tj ET \nendstream",
                        ),
                    ],
                    "",
                ),
                &[(
                    4,
                    "<</Type /Metadata /Subtype /XML /Length 34>>\nstream\nBT /F1 12 Tf (I owe you 999) Tj ET \nendstream",
                )],
                "",
            ),
        ),
        (
            "the document referred to an object that was not there",
            update(
                &prepared(
                    &[(
                        3,
                        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> /Contents [4 0 R 99 0 R] /Annots 8 0 R>>",
                    )],
                    "",
                ),
                &[(99, EVIL)],
                "",
            ),
        ),
    ];
    for (what, bytes) in cases {
        world.refused(what, &bytes);
    }
}

#[test]
fn cross_reference_tricks_never_pass() {
    let world = World::new();
    let original = document(&[], "");
    let signed = world.sign(&original, None);
    let mut appended = signed.clone();
    appended.extend(b"\n4 0 obj\n(evil)\nendobj\n");
    world.refused("bytes after the last revision", &appended);

    // A table that frees the content stream.
    let mut freed = signed.clone();
    let at = freed.len();
    freed.extend(
        format!(
            "xref\n4 1\n0000000000 00001 f \ntrailer\n<</Size 200 /Root 1 0 R /Prev {}>>\nstartxref\n{at}\n%%EOF\n",
            last_xref(&signed)
        )
        .bytes(),
    );
    world.refused("the content stream freed", &freed);

    // The page, rewritten in an object stream behind a cross-reference stream.
    let mut packed = signed.clone();
    let page = "3 0 <</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> >>";
    let container = packed.len();
    packed.extend(
        format!(
            "60 0 obj\n<</Type /ObjStm /N 1 /First 4 /Length {}>>\nstream\n{page}\nendstream\nendobj\n",
            page.len()
        )
        .bytes(),
    );
    let at = packed.len();
    packed.extend(
        format!(
            "61 0 obj\n<</Type /XRef /Size 200 /Root 1 0 R /W [1 4 2] /Index [3 1 60 2] /Length 21 /Prev {}>>\nstream\n",
            last_xref(&signed)
        )
        .bytes(),
    );
    for (kind, offset, index) in [
        (2u8, 60u32, 0u16),
        (1, container as u32, 0),
        (1, at as u32, 0),
    ] {
        packed.push(kind);
        packed.extend(offset.to_be_bytes());
        packed.extend(index.to_be_bytes());
    }
    packed.extend(format!("\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n").bytes());
    world.refused("the page moved into an object stream", &packed);

    // A chain of revisions that leaves the signed one out.
    let mut around = signed.clone();
    let at = around.len();
    around.extend(
        format!(
            "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 200 /Root 1 0 R /Prev {}>>\nstartxref\n{at}\n%%EOF\n",
            last_xref(&original)
        )
        .bytes(),
    );
    world.refused("a chain that leaves out the signed revision", &around);
}

#[test]
fn a_copied_signature_does_not_vouch_for_what_came_after_it() {
    let world = World::new();
    let signed = world.sign(&document(&[], ""), None);
    let text = String::from_utf8_lossy(&signed).into_owned();
    let between = |from: &str, to: &str| {
        let rest = &text[text.rfind(from).unwrap()..];
        rest[..rest.find(to).unwrap() + to.len()].to_owned()
    };
    let range = between("/ByteRange", "]");
    let contents = between("/Contents <", ">");
    for (kind, filter) in [
        ("/Sig", "/ETSI.CAdES.detached"),
        // A signature that wants to be believed for a proof of time.
        ("/DocTimeStamp", "/ETSI.CAdES.detached"),
        ("/DocTimeStamp", "/ETSI.RFC3161"),
    ] {
        let value = format!(
            "<</Type {kind} /Filter /Adobe.PPKLite /SubFilter {filter} {range} {contents}>>"
        );
        let copied = update(
            &signed,
            &[
                (5, "<</Fields 52 0 R /SigFlags 3>>"),
                (52, "[9 0 R 50 0 R]"),
                (50, "<</FT /Sig /T (copy) /V 51 0 R>>"),
                (51, &value),
            ],
            "",
        );
        let (facts, verdict) = world.judge(&copied).unwrap();
        assert!(
            verdict
                .signatures
                .iter()
                .any(|s| s.indication == Indication::TotalFailed),
            "{kind} {filter}: {:?}",
            facts.signatures
        );
        assert!(
            verdict
                .signatures
                .iter()
                .all(|s| s.best_signature_time.is_none())
        );
        world.refused(filter, &copied);
    }
}

#[test]
fn form_filling_is_named_and_passes_only_where_it_is_permitted() {
    let world = World::new();
    let filled = "<</T (amount) /FT /Tx /V (999) /Type /Annot /Subtype /Widget /F 4 /Rect [10 10 90 30] /P 3 0 R>>";
    let need = "<</Fields 6 0 R /NeedAppearances true>>";
    for (what, number, body) in [("value", 9, filled), ("appearances", 5, need)] {
        for (certify, passes) in [
            (None, true),
            (Some(Certification::FormFilling), true),
            (Some(Certification::NoChanges), false),
        ] {
            let signed = world.sign(&document(&[], ""), certify);
            let body = match (number, find_form(&signed)) {
                (5, form) => form.replacen("<<", "<</NeedAppearances true ", 1),
                _ => body.to_owned(),
            };
            let (indication, level) = world.outcome(&update(&signed, &[(number, &body)], ""));
            assert_eq!(level, Modifications::FormFilling, "{what} {certify:?}");
            assert_eq!(
                indication == Some(Indication::TotalPassed),
                passes,
                "{what} {certify:?}"
            );
        }
    }
}

/// The newest version of the form, object 5, as text.
fn find_form(pdf: &[u8]) -> String {
    let text = String::from_utf8_lossy(pdf).into_owned();
    let at = text.rfind("\n5 0 obj").unwrap();
    let body = &text[at + 8..];
    body[..body.find("endobj").unwrap()].trim().to_owned()
}

#[test]
fn a_locked_field_cannot_be_filled_in_later() {
    let world = World::new();
    let filled = "<</T (amount) /FT /Tx /V (999) /Type /Annot /Subtype /Widget /F 4 /Rect [10 10 90 30] /P 3 0 R>>";
    for (lock, passes) in [
        ("/Action /All", false),
        ("/Action /Include /Fields [(amount)]", false),
        ("/Action /Exclude /Fields [(amount)]", true),
        ("/Action /Include /Fields [(other)]", true),
    ] {
        let field =
            format!("<</T (seal) /FT /Sig /Rect [0 0 0 0] /Lock <</Type /SigFieldLock {lock}>>>>");
        let input = document(&[(6, "[9 0 R 11 0 R]"), (11, &field)], "");
        let mut options = PadesOptions::new(SystemClock.now());
        options.field = Some("seal".into());
        let signed = world.sign_with(&input, &options);
        assert_eq!(
            world.outcome(&signed).0,
            Some(Indication::TotalPassed),
            "{lock}"
        );
        let (indication, _) = world.outcome(&update(&signed, &[(9, filled)], ""));
        assert_eq!(
            indication == Some(Indication::TotalPassed),
            passes,
            "{lock}"
        );
    }
}

#[test]
fn a_signed_fields_appearance_cannot_be_replaced() {
    let world = World::new();
    let mut options = PadesOptions::new(SystemClock.now());
    options.field = Some("seal".into());
    let field =
        "/T (seal) /FT /Sig /Type /Annot /Subtype /Widget /F 4 /Rect [10 40 90 60] /P 3 0 R";
    let input = document(
        &[
            (6, "[9 0 R 11 0 R]"),
            (8, "[9 0 R 11 0 R]"),
            (11, &format!("<<{field} /AP <</N 12 0 R>>>>")),
            (12, CONTENT),
        ],
        "",
    );
    let signed = world.sign_with(&input, &options);
    let text = String::from_utf8_lossy(&signed).into_owned();
    let at = text.rfind("/V ").unwrap();
    let value: String = text[at..].chars().take_while(|c| *c != 'R').collect();
    world.refused("the stream replaced", &update(&signed, &[(12, EVIL)], ""));
    let body = format!("<<{field} {value}R /AP <</N 50 0 R>>>>");
    world.refused(
        "another stream",
        &update(&signed, &[(11, &body), (50, EVIL)], ""),
    );
}

#[test]
fn byte_ranges_that_lie_are_never_intact() {
    let world = World::new();
    let signed = world.sign(&document(&[], ""), None);
    let text = String::from_utf8_lossy(&signed).into_owned();
    let at = text.find("/ByteRange").unwrap();
    let open = at + text[at..].find('[').unwrap() + 1;
    let close = at + text[at..].find(']').unwrap();
    let old: Vec<u64> = text[open..close]
        .split_whitespace()
        .map(|n| n.parse().unwrap())
        .collect();
    let [a, b, c, d] = <[u64; 4]>::try_from(old).unwrap();
    let ranges = [
        format!("{a} {b} {c} {}", d - 10),
        format!("{a} {} {c} {d}", b - 1),
        format!("{a} {b} {} {d}", c - 5),
        format!("1 {b} {c} {d}"),
        format!("0 {c} {b} {d}"),
        format!("0 -1 {c} {d}"),
        "0 9e18 0 9e18".into(),
        "0 99999999999999 0 1".into(),
        "0 0 0 0".into(),
        format!("0 {b}"),
        String::new(),
    ];
    for range in ranges {
        let mut bytes = signed.clone();
        let padded = format!("{range:<width$}", width = close - open);
        if padded.len() != close - open {
            continue;
        }
        bytes[open..close].copy_from_slice(padded.as_bytes());
        if let Some((_, verdict)) = world.judge(&bytes) {
            assert!(verdict.signatures.iter().all(|s| !s.intact), "{range}");
            assert_ne!(verdict.indication, Some(Indication::TotalPassed), "{range}");
        }
    }
}

/// The content of a CAdES signature may be a PDF, and the relying party may hold another file.
#[test]
fn a_cms_file_is_no_pdf_ends_where_it_ends_and_is_over_the_file_at_hand() {
    use ades::cades::{CadesOptions, sign_attached};
    let world = World::new();
    let content = document(&[], "");
    let mut attached = Vec::new();
    let options = CadesOptions::new(SystemClock.now());
    let mut reader = std::io::Cursor::new(content.clone());
    sign_attached(&mut reader, &mut attached, &world.signer, &options, None).unwrap();
    assert_eq!(world.outcome(&attached).0, Some(Indication::TotalPassed));
    for (held, passes) in [(content.clone(), true), (document(&[(4, EVIL)], ""), false)] {
        let (_, verdict) = world.judge_over(&attached, Some(held)).unwrap();
        assert_eq!(verdict.indication == Some(Indication::TotalPassed), passes);
    }
    attached.extend(document(&[(4, EVIL)], ""));
    world.refused("another PDF after the signature", &attached);
}

/// The same question to pyHanko: is the cryptography of the first signature in order?
#[test]
fn pyhanko_agrees_on_what_is_intact() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let root = world.pki.write_root(dir.path());
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/judges/pyhanko_validate.py"
    );
    let signed = world.sign(&document(&[], ""), None);
    let flipped = |needle: &[u8]| {
        let mut bytes = signed.clone();
        let at = bytes
            .windows(needle.len())
            .position(|w| w == needle)
            .unwrap();
        bytes[at] ^= 1;
        bytes
    };
    let files = [
        signed.clone(),
        world.sign(&document(&[], ""), Some(Certification::NoChanges)),
        world.sign(&signed, None),
        update(&signed, &[(4, EVIL)], ""),
        update(&signed, &[(60, "<</Unused true>>")], ""),
        flipped(b"100) Tj"),
        flipped(b"0 0 300 200"),
    ];
    for (number, bytes) in files.iter().enumerate() {
        let path = dir.path().join("file.pdf");
        std::fs::write(&path, bytes).unwrap();
        let Some(text) = common::python(&[script, path.to_str().unwrap(), &root]) else {
            return;
        };
        let line = text.lines().find(|l| l.starts_with('{')).unwrap();
        let theirs: serde_json::Value = serde_json::from_str(line).unwrap();
        let (_, verdict) = world.judge(bytes).unwrap();
        assert_eq!(
            theirs["intact"], verdict.signatures[0].intact,
            "file {number}: {line}"
        );
    }
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag, 0x84];
    out.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
    out.extend(content);
    out
}

/// Nested, repeated and oversized structures: an answer within seconds, and never a yes.
#[test]
fn hostile_structures_end_soon() {
    let world = World::new();
    let signed_data = |algorithms: &[u8], signers: &[u8]| {
        let data = tlv(0x30, &[6, 9, 42, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 1]);
        let body = [
            &[2, 1, 1][..],
            &tlv(0x31, algorithms),
            &data,
            &tlv(0x31, signers),
        ]
        .concat();
        let oid = [6, 9, 42, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 2];
        tlv(0x30, &[&oid[..], &tlv(0xa0, &tlv(0x30, &body))].concat())
    };
    let sha256 = [0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let signer = {
        let name = [0x30, 0];
        let sid = [&[0x30, 5][..], &name, &[2, 1, 1]].concat();
        let body = [&[2, 1, 1][..], &sid, &sha256, &sha256, &[4, 1, 0]].concat();
        tlv(0x30, &body)
    };
    let mut huge_oid = vec![0x86; 5_000_000];
    huge_oid.push(1);
    let cases = [
        ("nested indefinite lengths", [0x30, 0x80].repeat(500_000)),
        (
            "nested octet strings",
            signed_data(&[0x24, 0x80].repeat(500_000), &[]),
        ),
        (
            "a million digest algorithms",
            signed_data(&sha256.repeat(1_000_000), &[]),
        ),
        (
            "a hundred thousand signers",
            signed_data(&sha256, &signer.repeat(100_000)),
        ),
        (
            "an endless object identifier",
            signed_data(&tlv(0x30, &tlv(6, &huge_oid)), &[]),
        ),
    ];
    for (what, bytes) in cases {
        let start = std::time::Instant::now();
        let outcome = world.outcome(&bytes).0;
        assert_ne!(outcome, Some(Indication::TotalPassed), "{what}");
        assert!(
            start.elapsed().as_secs() < 20,
            "{what}: {:?}",
            start.elapsed()
        );
        eprintln!("{what}: {outcome:?} in {:?}", start.elapsed());
    }
}

/// What a signature in /Contents consists of.
fn essence(pdf: &[u8], gap: &std::ops::Range<usize>) -> Option<String> {
    let digits = pdf[gap.clone()].split(|b| *b == b'<').nth(1)?;
    let data = ades::cms::parse::SignedData::parse(&hex::decode(digits).ok()?).ok()?;
    let [one] = data.signers.as_slice() else {
        return None;
    };
    Some(format!(
        "{:?} {:?} {:?}",
        one.signed_attributes_der, one.signature, data.certificates
    ))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Inside the signed ranges always. Inside /Contents, what nobody signs and nothing depends on
    /// (a version number, the list of digest algorithms, the case of a digit) may change as long as
    /// the signed attributes, the value and the certificates read the same.
    #[test]
    fn no_flipped_bit_of_a_signed_pdf_passes(position in 0usize..1_000_000, bit in 0u8..8) {
        use std::sync::OnceLock;
        static MADE: OnceLock<(World, Vec<u8>, usize)> = OnceLock::new();
        let (world, signed, end) = MADE.get_or_init(|| {
            let world = World::new();
            let signed = world.sign(&document(&[], ""), None);
            let length = signed.len();
            (world, signed, length)
        });
        let mut bytes = signed.clone();
        let at = position % end;
        bytes[at] ^= 1 << bit;
        let gap = {
            let from = signed.windows(11).position(|w| w == b"/Contents <").unwrap();
            from..from + signed[from..].iter().position(|b| *b == b'>').unwrap()
        };
        let same_value = gap.contains(&at) && essence(&bytes, &gap) == essence(signed, &gap);
        if !same_value && let Some((facts, verdict)) = world.judge(&bytes) {
            prop_assert_ne!(
                verdict.indication,
                Some(Indication::TotalPassed),
                "octet {} bit {} ({} in /Contents): {:?}", at, bit, at as i64 - gap.start as i64, facts.signatures.first().map(|s| &s.signer)
            );
        }
    }
}

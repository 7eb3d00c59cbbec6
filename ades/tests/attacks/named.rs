//! Every published way of forging a signed PDF, made of documents signed here: none passes, and each
//! is called by its name. pyHanko is asked about the same files; where it thinks otherwise, the case
//! says so, and docs/DIVERGENCES.md why.

use ades::pades::{Certification, PadesOptions};
use ades::validate::{Code, Indication, PdfAttack};
use pki_asn1::{Clock, SystemClock};

use crate::common;
use crate::world::{CONTENT, EVIL, World, document, last_xref, update};

/// What pyHanko makes of a forgery.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum PyHanko {
    Refuses,
    /// See docs/DIVERGENCES.md.
    Accepts,
}
use PyHanko::{Accepts, Refuses};

struct Case {
    what: &'static str,
    attack: PdfAttack,
    pyhanko: PyHanko,
    bytes: Vec<u8>,
}

fn page(contents: &str, more: &str) -> String {
    format!(
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<{more}>> /Contents {contents} /Annots 8 0 R>>"
    )
}

fn stream(dict: &str, content: &str) -> String {
    format!(
        "<<{dict} /Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// A text field with an appearance of its own.
fn field(value: &str, appearance: &str) -> String {
    format!(
        "<</T (amount) /FT /Tx /V ({value}) /Type /Annot /Subtype /Widget /F 4 /Rect [10 10 90 30] /P 3 0 R /AP <</N {appearance}>>>>"
    )
}

fn shows(text: &str) -> String {
    stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 80 20]",
        &format!("/Tx BMC BT /F1 9 Tf ({text}) Tj ET EMC"),
    )
}

fn annotation(kind: &str, more: &str) -> String {
    format!("<</Type /Annot /Subtype /{kind} /Rect [10 100 290 190] /P 3 0 R {more}>>")
}

fn flip(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|w| w == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// An appended table that only places objects anew.
fn redirect(signed: &[u8], entries: &[(u32, usize)], root: u32) -> Vec<u8> {
    let mut out = signed.to_vec();
    let at = out.len();
    out.extend(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, offset) in entries {
        out.extend(format!("{number} 1\n{offset:010} 00000 n \n").bytes());
    }
    let prev = last_xref(signed);
    out.extend(
        format!("trailer\n<</Size 400 /Root {root} 0 R /Prev {prev}>>\nstartxref\n{at}\n%%EOF\n")
            .bytes(),
    );
    out
}

fn find(bytes: &[u8], needle: &[u8]) -> usize {
    bytes
        .windows(needle.len())
        .position(|w| w == needle)
        .unwrap()
}

fn cases(world: &World) -> Vec<Case> {
    let mut out = Vec::new();
    let mut add = |what, attack, pyhanko, bytes| {
        out.push(Case {
            what,
            attack,
            pyhanko,
            bytes,
        });
    };
    let plain = world.sign(&document(&[], ""), None);
    let certified = |certify| world.sign(&document(&[], ""), Some(certify));

    add(
        "another catalog, appended",
        PdfAttack::IncrementalSaving,
        Refuses,
        update(
            &plain,
            &[
                (50, "<</Type /Catalog /Pages 51 0 R>>"),
                (51, "<</Type /Pages /Kids [52 0 R] /Count 1>>"),
                (
                    52,
                    "<</Type /Page /Parent 51 0 R /MediaBox [0 0 300 200] /Contents 53 0 R>>",
                ),
                (53, EVIL),
            ],
            "/Root 50 0 R",
        ),
    );
    add(
        "objects appended without cross-reference data",
        PdfAttack::ObjectsAfterEnd,
        Accepts,
        [&plain[..], b"4 0 obj\n(evil)\nendobj\n"].concat(),
    );
    add(
        "the content stream replaced",
        PdfAttack::PagesChanged,
        Refuses,
        update(&plain, &[(4, EVIL)], ""),
    );
    add(
        "a page added",
        PdfAttack::PagesAdded,
        Refuses,
        update(
            &plain,
            &[(7, "[3 0 R 50 0 R]"), (50, &page("51 0 R", "")), (51, EVIL)],
            "",
        ),
    );

    // What the signature leaves out is more than its value.
    let gap = find(&plain, b"/Contents <") + 10;
    let digits = plain[gap + 1..].iter().position(|b| *b == b'>').unwrap();
    let hole = b"> /Evil (4 0 obj (evil) endobj) /Rest <0";
    let mut moved = plain.clone();
    let at = gap + 1 + digits - hole.len();
    moved[at..at + hole.len()].copy_from_slice(hole);
    add(
        "objects in the gap that /ByteRange leaves",
        PdfAttack::SignatureWrapping,
        Refuses,
        moved,
    );
    let mut literal = plain.clone();
    literal[gap] = b'(';
    literal[gap + 1 + digits] = b')';
    add(
        "/Contents written as another string",
        PdfAttack::UniversalForgery,
        Refuses,
        literal,
    );
    // The length of an ECDSA signature varies, and so does the padding after it.
    let padded = || {
        let signed = world.sign(&document(&[], ""), None);
        let from = find(&signed, b"/Contents <") + 11;
        let end = from + signed[from..].iter().position(|b| *b == b'>').unwrap();
        let der = hex::decode(&signed[from..end]).unwrap();
        let data = ades::cms::parse::SignedData::parse(&der).unwrap();
        (!data.trailing.is_empty()).then_some((signed, end))
    };
    let (mut hidden, end) = (0..200).find_map(|_| padded()).unwrap();
    hidden[end - 2..end].copy_from_slice(b"41");
    add(
        "something after the signature in /Contents",
        PdfAttack::SpoofedContents,
        Accepts,
        hidden,
    );
    let mut empty = plain.clone();
    empty[gap + 1..gap + 1 + digits].fill(b' ');
    add(
        "empty /Contents",
        PdfAttack::UniversalForgery,
        Refuses,
        empty,
    );
    add(
        "/Contents of another name",
        PdfAttack::UniversalForgery,
        Refuses,
        flip(&plain, b"/Contents <", b"/Contentz <"),
    );
    add(
        "/ByteRange of another name",
        PdfAttack::UniversalForgery,
        Refuses,
        flip(&plain, b"/ByteRange", b"/ByteRanga"),
    );

    // Shadow attacks: the document was prepared before it was signed.
    let overlaid = world.sign(
        &document(
            &[
                (3, &page("[4 0 R 20 0 R]", "/XObject <</Im0 21 0 R>>")),
                (20, &stream("", "q 300 0 0 200 0 0 cm /Im0 Do Q")),
                (
                    21,
                    &stream(
                        "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray",
                        "A",
                    ),
                ),
            ],
            "",
        ),
        None,
    );
    add(
        "the overlay taken from the page",
        PdfAttack::ShadowHide,
        Refuses,
        update(
            &overlaid,
            &[(3, &page("[4 0 R]", "/XObject <</Im0 21 0 R>>"))],
            "",
        ),
    );
    let mut freed = overlaid.clone();
    let at = freed.len();
    freed.extend(
        format!(
            "xref\n21 1\n0000000000 00001 f \ntrailer\n<</Size 200 /Root 1 0 R /Prev {}>>\nstartxref\n{at}\n%%EOF\n",
            last_xref(&overlaid)
        )
        .bytes(),
    );
    add(
        "the picture of the overlay freed",
        PdfAttack::ShadowHide,
        Refuses,
        freed,
    );
    let font = |name: &str| format!("<</Type /Font /Subtype /Type1 /BaseFont /{name}>>");
    let written = world.sign(
        &document(
            &[
                (3, &page("4 0 R", "/Font <</F1 22 0 R>>")),
                (22, &font("Helvetica")),
            ],
            "",
        ),
        None,
    );
    add(
        "the font replaced",
        PdfAttack::ShadowReplace,
        Refuses,
        update(&written, &[(22, &font("Symbol"))], ""),
    );
    let form = world.sign(
        &document(&[(9, &field("100", "23 0 R")), (23, &shows("100"))], ""),
        None,
    );
    add(
        "a field shows another amount than its value",
        PdfAttack::ShadowReplace,
        Refuses,
        update(
            &form,
            &[(9, &field("100", "50 0 R")), (50, &shows("999"))],
            "",
        ),
    );
    add(
        "the appearance of a field replaced under it",
        PdfAttack::ShadowReplace,
        Refuses,
        update(&form, &[(23, &shows("999"))], ""),
    );
    add(
        "a value and an appearance that disagree",
        PdfAttack::ShadowReplace,
        Refuses,
        update(
            &form,
            &[(9, &field("101", "50 0 R")), (50, &shows("999"))],
            "",
        ),
    );
    // The evil page lies in the signed bytes, and no cross-reference entry leads to it.
    let mut prepared = document(&[], "");
    let tail = prepared.split_off(find(&prepared, b"xref\n0 1"));
    let evil_at = prepared.len();
    prepared.extend(format!("4 0 obj\n{EVIL}\nendobj\n").bytes());
    let table_at = prepared.len();
    let tail = String::from_utf8(tail).unwrap();
    let tail = tail.split("startxref").next().unwrap().to_owned();
    prepared.extend(format!("{tail}startxref\n{table_at}\n%%EOF\n").bytes());
    let shadow = world.sign(&prepared, None);
    add(
        "a hidden content stream brought to light",
        PdfAttack::ShadowHideAndReplace,
        Refuses,
        redirect(&shadow, &[(4, evil_at)], 1),
    );
    let two = world.sign(
        &document(
            &[
                (30, "<</Type /Catalog /Pages 31 0 R>>"),
                (31, "<</Type /Pages /Kids [32 0 R] /Count 1>>"),
                (
                    32,
                    "<</Type /Page /Parent 31 0 R /MediaBox [0 0 300 200] /Contents 33 0 R>>",
                ),
                (33, EVIL),
            ],
            "",
        ),
        None,
    );
    add(
        "a hidden catalog brought to light",
        PdfAttack::ShadowHideAndReplace,
        Refuses,
        redirect(&two, &[], 30),
    );

    // Certified documents.
    let free_text = annotation("FreeText", "/DA (/F1 12 Tf) /Contents (I owe you 999)");
    let stamp = annotation("Stamp", "/AP <</N 51 0 R>>");
    let highlight = annotation(
        "Highlight",
        "/QuadPoints [10 190 290 190 10 100 290 100] /AP <</N 51 0 R>>",
    );
    for (what, body, pyhanko) in [
        ("a text laid over a certified page", &free_text, Refuses),
        ("a stamp laid over a certified page", &stamp, Refuses),
        (
            "a mark that draws text on a certified page",
            &highlight,
            Refuses,
        ),
    ] {
        let signed = certified(Certification::Annotations);
        let bytes = update(
            &signed,
            &[
                (8, &grown(&signed, 8, "50 0 R")),
                (50, body),
                (51, &shows("I owe you 999")),
            ],
            "",
        );
        add(what, PdfAttack::OverlaidAnnotation, pyhanko, bytes);
    }
    let widget = "<</Type /Annot /Subtype /Widget /FT /Sig /T (x) /F 4 /Rect [0 0 300 200] /P 3 0 R /AP <</N 51 0 R>>>>";
    for (what, certify) in [
        (
            "a signature field laid over a page, P = 2",
            Certification::FormFilling,
        ),
        (
            "a signature field laid over a page, P = 3",
            Certification::Annotations,
        ),
    ] {
        let signed = certified(certify);
        let bytes = update(
            &signed,
            &[
                (6, &grown(&signed, 6, "50 0 R")),
                (8, &grown(&signed, 8, "50 0 R")),
                (50, widget),
                (51, &shows("I owe you 999")),
            ],
            "",
        );
        add(what, PdfAttack::OverlaidSignature, Refuses, bytes);
    }
    add(
        "a field filled in after P = 1",
        PdfAttack::NotPermitted,
        Refuses,
        update(
            &certified(Certification::NoChanges),
            &[(
                9,
                "<</T (amount) /FT /Tx /V (999) /Type /Annot /Subtype /Widget /F 4 /Rect [10 10 90 30] /P 3 0 R>>",
            )],
            "",
        ),
    );
    let locked = {
        let field = "<</T (seal) /FT /Sig /Rect [0 0 0 0] /Lock <</Type /SigFieldLock /Action /Include /Fields [(amount)]>>>>";
        let mut options = PadesOptions::new(SystemClock.now());
        options.field = Some("seal".into());
        let input = document(&[(6, "[9 0 R 11 0 R]"), (11, field)], "");
        world.sign_with(&input, &options)
    };
    add(
        "a locked field filled in",
        PdfAttack::LockedFieldChanged,
        Refuses,
        update(
            &locked,
            &[(
                9,
                "<</T (amount) /FT /Tx /V (999) /Type /Annot /Subtype /Widget /F 4 /Rect [10 10 90 30] /P 3 0 R>>",
            )],
            "",
        ),
    );
    add(
        "a signature taken out of its field",
        PdfAttack::SignatureRemoved,
        Refuses,
        update(
            &locked,
            &[(
                11,
                "<</T (seal) /FT /Sig /Rect [0 0 0 0] /Lock <</Type /SigFieldLock /Action /Include /Fields [(amount)]>>>>",
            )],
            "",
        ),
    );

    // Documents that can be read in two ways, signed as they are.
    let twice = "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> /Contents 24 0 R /Contents 4 0 R /Annots 8 0 R>>";
    add(
        "a page with two contents",
        PdfAttack::DuplicateKeys,
        Accepts,
        world.sign(&document(&[(3, twice), (24, EVIL)], ""), None),
    );
    let mut two_entries = document(&[], "");
    let evil_at = find(&two_entries, b"xref\n0 1");
    let tail = two_entries.split_off(evil_at);
    two_entries.extend(format!("4 0 obj\n{EVIL}\nendobj\n").bytes());
    let table_at = two_entries.len();
    let tail = String::from_utf8(tail).unwrap();
    let tail = tail.split("startxref").next().unwrap().replacen(
        "trailer",
        &format!("4 1\n{evil_at:010} 00000 n \ntrailer"),
        1,
    );
    two_entries.extend(format!("{tail}startxref\n{table_at}\n%%EOF\n").bytes());
    add(
        "two entries for one object in a table",
        PdfAttack::AmbiguousXref,
        Accepts,
        world.sign(&two_entries, None),
    );
    let before = b"4 0 obj\n(evil)\nendobj\n";
    add(
        "objects before the header",
        PdfAttack::ObjectsBeforeHeader,
        Refuses,
        world.sign(&[&before[..], &document(&[], "")].concat(), None),
    );
    out
}

/// The array of an object, as it is last in the file, with more elements.
fn grown(signed: &[u8], number: u32, more: &str) -> String {
    let text = String::from_utf8_lossy(signed);
    let at = text.rfind(&format!("\n{number} 0 obj")).unwrap();
    let body = &text[at..];
    let array = &body[body.find('[').unwrap()..body.find(']').unwrap()];
    format!("{array} {more}]")
}

#[test]
fn an_attack_passes_or_goes_without_its_name() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let root = world.pki.write_root(dir.path());
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/judges/pyhanko_attacks.py"
    );
    let cases = cases(&world);
    let mut wrong = Vec::new();
    let mut files = vec![script.to_owned(), root];
    for (number, case) in cases.iter().enumerate() {
        let path = dir.path().join(format!("{number}.pdf"));
        std::fs::write(&path, &case.bytes).unwrap();
        files.push(path.display().to_string());
        let Some((_, verdict)) = world.judge(&case.bytes) else {
            wrong.push(format!("{}: refused without a name", case.what));
            continue;
        };
        let codes: Vec<Code> = (verdict.signatures.iter())
            .flat_map(|s| s.errors.iter().map(|e| e.code))
            .collect();
        if verdict.indication == Some(Indication::TotalPassed)
            || !codes.contains(&case.attack.into())
        {
            wrong.push(format!(
                "{}: {:?}, {codes:?} instead of {}",
                case.what,
                verdict.indication,
                case.attack.code()
            ));
        }
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    if let Some(text) = common::python(&files) {
        let said: Vec<serde_json::Value> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        assert_eq!(said.len(), cases.len(), "{text}");
        for (case, said) in cases.iter().zip(&said) {
            if said["accepted"] != (case.pyhanko == Accepts) {
                wrong.push(format!("{}: pyHanko says {}", case.what, said["why"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let covered = |attack: &PdfAttack| cases.iter().any(|c| c.attack == *attack);
    // Damage is in the corpus of published attacks (isa_E).
    let missing: Vec<_> = PdfAttack::ALL
        .iter()
        .filter(|a| !covered(a) && **a != PdfAttack::StructureDamaged)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The rules that permit: comments on a certified document, forms that say what they show, further
/// signatures in fields that were there.
#[test]
fn honest_changes_are_refused() {
    let world = World::new();
    let certified = world.sign(&document(&[], ""), Some(Certification::Annotations));
    let note =
        "<</Type /Annot /Subtype /Text /Rect [10 100 30 120] /P 3 0 R /Contents (Why 100?)>>";
    let mark =
        "<</Type /Annot /Subtype /Highlight /Rect [10 100 90 120] /P 3 0 R /AP <</N 51 0 R>>>>";
    let translucent = stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 80 20] /Resources <</ExtGState <</R0 <</BM /Multiply>>>>>>",
        "/R0 gs 1 1 0 rg 0 0 80 20 re f",
    );
    let commented = update(
        &certified,
        &[
            (8, &grown(&certified, 8, "50 0 R 52 0 R")),
            (50, note),
            (52, mark),
            (51, &translucent),
        ],
        "",
    );
    let form = world.sign(
        &document(&[(9, &field("100", "23 0 R")), (23, &shows("100"))], ""),
        None,
    );
    let filled = update(
        &form,
        &[(9, &field("250", "50 0 R")), (50, &shows("250"))],
        "",
    );
    let in_place = update(
        &form,
        &[(9, &field("250", "23 0 R")), (23, &shows("250"))],
        "",
    );
    let seal =
        "<</T (seal) /FT /Sig /Type /Annot /Subtype /Widget /F 4 /Rect [10 40 90 60] /P 3 0 R>>";
    let prepared = document(
        &[(6, "[9 0 R 11 0 R]"), (8, "[9 0 R 11 0 R]"), (11, seal)],
        "",
    );
    let once = world.sign(&prepared, Some(Certification::FormFilling));
    let mut options = PadesOptions::new(SystemClock.now());
    options.field = Some("seal".into());
    let twice = world.sign_with(&once, &options);
    for (what, bytes) in [
        ("a note and a mark", commented),
        ("a field filled in", filled),
        ("a field filled in with its appearance in place", in_place),
        ("a signature in a field that was there", twice),
        (
            "a document with an appearance",
            world.sign(&document(&[(23, CONTENT)], ""), None),
        ),
    ] {
        let (_, verdict) = world.judge(&bytes).unwrap();
        assert_eq!(
            verdict.indication,
            Some(Indication::TotalPassed),
            "{what}: {:?}",
            verdict.signatures[0].errors
        );
    }
}

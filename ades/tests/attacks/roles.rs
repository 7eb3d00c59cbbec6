//! Documents prepared so that one object has two roles: a later revision may change it in the one, and
//! so changes it in the other.

use ades::pades::Certification;
use ades::validate::Indication;

use crate::world::{CONTENT, EVIL, World, document, update};

/// The page tree, the content and a form field as they are in every document here.
const CATALOG: &str = "/Type /Catalog /Pages 2 0 R /AcroForm 5 0 R";
const PAGE: &str = "/Type /Page /MediaBox [0 0 300 200] /Resources <<>> /Contents 4 0 R";
const FORM: &str = "/Type /XObject /Subtype /Form /BBox [0 0 300 200] /Length 29";

fn shows(text: &str) -> String {
    format!("<<{FORM}>>\nstream\nBT /F1 12 Tf ({text:8}) Tj ET\nendstream")
}

/// Objects as they are when the document is signed, and as they come later.
struct Case<'a> {
    what: &'a str,
    prepared: &'a [(u32, &'a str)],
    later: &'a [(u32, &'a str)],
}

#[test]
fn an_object_with_two_roles_is_changed_by_the_rule_of_one() {
    let world = World::new();
    let with = |more: &str| format!("<<{CATALOG} {more}>>");
    let (plain, store, form) = (with(""), with("/DSS 20 0 R"), shows("999"));
    let overlay = "<</Type /Annot /Subtype /FreeText /F 4 /Rect [0 0 300 200] /AP <</N 51 0 R>>>>";
    let page = |more: &str| format!("<<{PAGE} {more}>>");
    let layers = |on: u8, off: u8| {
        format!("<</OCGs [21 0 R 22 0 R] /D <</ON [{on} 0 R] /OFF [{off} 0 R]>>>>")
    };
    let metadata = |content: &str| {
        format!("<</Type /Metadata /Subtype /XML /Length 3>>\nstream\n{content}\nendstream")
    };
    let state = |alpha: u8| format!("<</Rect [0 0 9 9] /Subtype /Text /CA {alpha}>>");
    let cases = [
        Case {
            what: "the certificates of the security store are the page's annotations",
            prepared: &[
                (1, &store),
                (3, &page("/Parent 2 0 R /Annots 30 0 R")),
                (20, "<</Certs 30 0 R>>"),
                (30, "[9 0 R]"),
            ],
            later: &[(30, "[9 0 R 50 0 R]"), (50, overlay), (51, &form)],
        },
        Case {
            what: "an annotation is listed in the security store",
            prepared: &[
                (1, &store),
                (3, &page("/Parent 2 0 R /Annots 30 0 R")),
                (20, "<</Certs 30 0 R>>"),
                (30, "[9 0 R 31 0 R]"),
                (31, "<</Type /Annot /Subtype /Square /Rect [0 0 1 1]>>"),
            ],
            later: &[(31, overlay), (51, &form)],
        },
        Case {
            what: "the security store holds the layers",
            prepared: &[
                (1, &with("/DSS 20 0 R /OCProperties 20 0 R")),
                (20, &layers(21, 22)),
                (21, "<</Type /OCG /Name (a)>>"),
                (22, "<</Type /OCG /Name (b)>>"),
            ],
            later: &[(20, &layers(22, 21))],
        },
        Case {
            what: "the security store is the page tree",
            prepared: &[(1, &with("/DSS 2 0 R")), (3, &page(""))],
            later: &[
                (2, "<</Type /Pages /Kids [50 0 R] /Count 1>>"),
                (50, &page("").replace("4 0 R", "51 0 R")),
                (51, EVIL),
            ],
        },
        Case {
            what: "the resources of a page call themselves a note",
            prepared: &[
                (
                    3,
                    &page("/Parent 2 0 R").replace("/Resources <<>>", "/Resources 30 0 R"),
                ),
                (
                    30,
                    "<</Rect [0 0 9 9] /Subtype /Text /XObject <</X 31 0 R>>>>",
                ),
                (31, &shows("100")),
            ],
            later: &[
                (
                    30,
                    "<</Rect [0 0 9 9] /Subtype /Text /XObject <</X 51 0 R>>>>",
                ),
                (51, &form),
            ],
        },
        Case {
            what: "a graphics state calls itself a note, in a dictionary that calls itself a page",
            prepared: &[
                (
                    3,
                    &page("/Parent 2 0 R")
                        .replace("/Resources <<>>", "/Resources <</ExtGState 30 0 R>>"),
                ),
                (30, "<</Type /Page /Annots 31 0 R /Popup 31 0 R>>"),
                (31, &state(0)),
            ],
            later: &[(31, &state(1))],
        },
        Case {
            what: "the metadata are the form's XFA",
            prepared: &[
                (
                    1,
                    &plain.replace("5 0 R", "<</Fields [] /XFA 30 0 R>> /Metadata 30 0 R"),
                ),
                (30, &metadata("100")),
            ],
            later: &[(30, &metadata("999"))],
        },
        Case {
            what: "the metadata are a script",
            prepared: &[
                (
                    1,
                    &with("/OpenAction <</S /JavaScript /JS 30 0 R>> /Metadata 30 0 R"),
                ),
                (30, &metadata("100")),
            ],
            later: &[(30, &metadata("999"))],
        },
        Case {
            what: "a node of the page tree calls itself a form field",
            prepared: &[(2, "<</T (x) /Kids [3 0 R] /Count 1>>"), (3, &page(""))],
            later: &[
                (2, "<</T (x) /Kids [3 0 R 50 0 R] /Count 1>>"),
                (
                    50,
                    &page("/Rect [0 0 0 0] /Subtype /Text")
                        .replace("/Type /Page ", "")
                        .replace("4 0 R", "51 0 R"),
                ),
                (51, EVIL),
            ],
        },
        Case {
            what: "the forms that a page draws call themselves a text field",
            prepared: &[
                (
                    3,
                    &page("/Parent 2 0 R")
                        .replace("/Resources <<>>", "/Resources <</XObject 30 0 R>>"),
                ),
                (30, "<</FT /Tx /V (100) /AP 31 0 R>>"),
                (31, &shows("100")),
            ],
            later: &[(30, "<</FT /Tx /V (999) /AP 31 0 R>>"), (31, &form)],
        },
    ];
    for case in cases {
        let input = document(case.prepared, "");
        for certify in [None, Some(Certification::Annotations)] {
            let signed = world.sign(&input, certify);
            let what = format!("{} ({certify:?})", case.what);
            let harmless = update(&signed, &[(70, "<</Unused true>>")], "");
            let (before, _) = world.outcome(&harmless);
            assert_eq!(before, Some(Indication::TotalPassed), "{what}");
            world.refused(&what, &update(&signed, case.later, ""));
        }
    }
}

#[test]
fn objects_that_were_missing_when_the_document_was_signed_come_later() {
    let world = World::new();
    // Object 0 heads the list of free objects; some readers show it where an entry places it.
    let signed = world.sign(
        &document(
            &[(
                3,
                &format!("<<{PAGE} /Parent 2 0 R>>").replace("4 0 R", "[4 0 R 0 0 R]"),
            )],
            "",
        ),
        None,
    );
    let first = "xref\n0 1\n0000000000 65535 f \n0 1\n";
    let forged = update(&signed, &[(0, EVIL)], "");
    let at = forged.len() - last(&forged, first);
    let mut bytes = forged[..at].to_vec();
    bytes.extend(b"xref\n0 1\n");
    bytes.extend(&forged[at + first.len()..]);
    world.refused("object 0", &bytes);
    // What the trailer named before it was there.
    let signed = world.sign(&document(&[(4, CONTENT)], "/Info 60 0 R"), None);
    world.refused(
        "the document information",
        &update(&signed, &[(60, "<</Title (Receipt)>>")], "/Info 60 0 R"),
    );
}

/// How far from the end the last occurrence is.
fn last(bytes: &[u8], needle: &str) -> usize {
    let mut windows = bytes.windows(needle.len()).rev();
    windows.position(|w| w == needle.as_bytes()).unwrap() + needle.len()
}

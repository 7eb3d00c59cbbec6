//! Fields of the document itself, and the form that they are in.

use crate::common::{Office, refused, succeeded, there};
use crate::pages::{PLAIN, Sheet};
use crate::tools::{TOOLS, shown, sign, verified};

const FORM: &str = "/AcroForm << /Fields [6 0 R 7 0 R 9 0 R] >>";
const FIELDS: [&str; 4] = [
    "<< /Type /Annot /Subtype /Widget /FT /Sig /T (buyer) /P 3 0 R /F 4 /Rect [170 120 20 60] >>",
    "<< /FT /Sig /T (seller) /Kids [8 0 R] >>",
    "<< /Type /Annot /Subtype /Widget /Parent 7 0 R /F 4 /Rect [180 60 280 160] /MK << /R 90 >> >>",
    "<< /Type /Annot /Subtype /Widget /FT /Sig /T (nowhere) /P 3 0 R /F 4 /Rect [0 0 0 0] >>",
];

#[test]
fn fields_of_the_document_show_nothing_or_break_earlier_signatures() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    let sheet = Sheet {
        page: "/Annots [6 0 R 8 0 R 9 0 R]",
        catalog: FORM,
        objects: &FIELDS,
        ..PLAIN
    };
    office.write("form.pdf", &sheet.pdf());
    let seal = ["--visible", "field", "--background", "#ffe0e0", "--field"];
    let into = |field| [&seal[..], &[field]].concat();
    let certify = [&into("seller")[..], &["--certify", "form-filling"]].concat();
    succeeded(&sign(&office, "form.pdf", "one.pdf", &certify));
    succeeded(&sign(&office, "one.pdf", "two.pdf", &into("buyer")));
    office.run("qpdf", &["--check", "two.pdf"]);
    assert_eq!(
        verified(&office, "two.pdf"),
        [(true, "form-filling".to_owned()), (true, "none".to_owned())]
    );
    // pdfsig does not see fields whose widget is an object apart.
    let judged = office.run("pdfsig", &["-nocert", "two.pdf"]);
    let judged = String::from_utf8(judged.stdout).unwrap();
    assert_eq!(judged.matches("Signature is Valid.").count(), 1, "{judged}");
    for page in shown(&office, "two.pdf", "") {
        // Upright in one; turned by its author in the other, so the strong line is at the bottom.
        assert_eq!(page.at(21, 200 - 90), [0x1f, 0x3a, 0x5f]);
        assert_eq!(page.at(166, 200 - 90), [0xff, 0xe0, 0xe0]);
        assert_eq!(page.at(230, 200 - 62), [0x1f, 0x3a, 0x5f]);
    }
    succeeded(&sign(
        &office,
        "form.pdf",
        "signed.pdf",
        &["--field", "nowhere"],
    ));
    for (input, args, why) in [
        (
            "form.pdf",
            &["--visible", "field", "--field", "nowhere"][..],
            "it has no extent",
        ),
        (
            "form.pdf",
            &["--visible", "field", "--field", "other"],
            "the document has no such field",
        ),
        (
            "form.pdf",
            &["--visible", "field"],
            "the document has no such field",
        ),
        (
            "signed.pdf",
            &["--visible", "field", "--field", "seller"],
            "its widget stands apart",
        ),
        (
            "form.pdf",
            &["--visible", "1:10,10,99,40", "--field", "buyer"],
            "it has its own place in the document",
        ),
        (
            "one.pdf",
            &["--visible", "1:10,10,99,40"],
            "certifies the document: a new visible signature field would break it",
        ),
    ] {
        let said = refused(&sign(&office, input, "no.pdf", args), 65);
        assert!(said.contains(why), "{args:?}: {said}");
        assert!(!office.path("no.pdf").exists());
    }
}

#[test]
fn nobody_is_told_that_a_reader_may_hide_the_seal() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    for (form, warned) in [
        ("/AcroForm << /Fields [] /NeedAppearances true >>", true),
        ("/AcroForm << /Fields [] /NeedAppearances false >>", false),
    ] {
        let sheet = Sheet {
            catalog: form,
            ..PLAIN
        };
        office.write("form.pdf", &sheet.pdf());
        let seen = ["--visible", "1:10,10,99,40"];
        for (args, expected) in [(&seen[..], warned), (&[][..], false)] {
            let output = sign(&office, "form.pdf", "out.pdf", args);
            succeeded(&output);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(said.contains("NeedAppearances"), expected, "{form}: {said}");
        }
    }
}

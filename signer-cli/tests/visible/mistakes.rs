//! Places, texts and fonts that cannot be drawn, and a whole batch that can.

use std::fs;

use crate::common::{Office, refused, succeeded, there};
use crate::tools::{TOOLS, sign, verified};

#[test]
fn wrong_places_and_texts_are_signed_all_the_same() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    office.write("font.ttf", b"no font");
    let long = "word ".repeat(400);
    for (args, exit, why) in [
        (&["--visible", "9:10,10,99,40"][..], 65, "page 9"),
        (
            &["--visible", "1:500,10,200,40"],
            65,
            "the box 500,10,200,40 is not on page 1",
        ),
        (
            &["--visible", "1:-1,10,20,40"],
            65,
            "the box -1,10,20,40 is not on page 1",
        ),
        (&["--visible", "1:10,10,4,4"], 65, "nobody could read it"),
        (
            &["--visible", "1:10,10,99,40", "--text", &long],
            65,
            "even at 5 points",
        ),
        (
            &[
                "--visible",
                "1:10,10,30,40",
                "--text",
                "Donaudampfschifffahrtsgesellschaft",
            ],
            65,
            "even at 5 points",
        ),
        (
            &["--visible", "1:10,10,99,40", "--text", ""],
            65,
            "there is nothing to draw",
        ),
        (
            &["--visible", "1:10,10,99,40", "--text", "by {nom}"],
            64,
            "there is no field {nom}",
        ),
        (
            &["--visible", "1:10,10,99,40", "--text", "\u{10ffff}"],
            65,
            "no font has the character",
        ),
        (
            &["--visible", "1:10,10,40,40", "--qr", &long[..900]],
            65,
            "cannot be read",
        ),
        (
            &["--visible", "1:10,10,99,40", "--font", "font.ttf"],
            65,
            "it is not a font",
        ),
    ] {
        let said = refused(&sign(&office, "contract.pdf", "no.pdf", args), exit);
        assert!(said.contains(why), "{args:?}: {said}");
        assert!(!office.path("no.pdf").exists(), "{args:?}");
    }
    let args = [
        "notes.txt",
        "--key",
        "acme.p12",
        "--visible",
        "1:10,10,99,40",
    ];
    let said = refused(&office.sign(&args).output().unwrap(), 64);
    assert!(
        said.contains("--visible does not apply to notes.txt"),
        "{said}"
    );
    // A whole batch shares image and fonts; each document has its own place.
    fs::create_dir(office.path("in")).unwrap();
    for name in ["a", "b", "c"] {
        fs::copy(
            office.path("contract.pdf"),
            office.path(format!("in/{name}.pdf")),
        )
        .unwrap();
    }
    let args = [
        "in",
        "--out-dir",
        "out",
        "--key",
        "acme.p12",
        "--visible",
        "last:top-right,150,50",
    ];
    succeeded(&office.sign(&args).output().unwrap());
    for name in ["a", "b", "c"] {
        assert_eq!(
            verified(&office, &format!("out/{name}.signed.pdf")),
            [(true, "none".to_owned())]
        );
    }
}

//! A picture of the seal before anything is signed.

use crate::common::{Office, refused, succeeded, there};
use crate::tools::TOOLS;

#[test]
fn preview_signs_or_shows_something_else() {
    if !there(&TOOLS) {
        return;
    }
    let office = Office::new();
    let args = [
        "contract.pdf",
        "--cert",
        "acme.pem",
        "--visible",
        "last:bottom-right,200,70",
        "--language",
        "fr",
        "--reason",
        "Test",
        "--preview",
        "seal.png",
    ];
    let before = office.names("");
    succeeded(&office.sign(&args).env_remove("SCEAU_PIN").output().unwrap());
    let mut after = office.names("");
    assert!(after.remove("seal.png"));
    assert_eq!(before, after);
    let png = office.read("seal.png");
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (600, 210));
    // Once more would replace it.
    let said = refused(&office.sign(&args).output().unwrap(), 73);
    assert!(said.contains("seal.png"), "{said}");
}

//! Form fields after a signature: filled in, locked, and dressed up.

use ades::pades::{Certification, PadesOptions};
use ades::validate::{Indication, Modifications};
use pki_asn1::{Clock, SystemClock};

use crate::world::{CONTENT, EVIL, World, document, update};

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

//! Form fields after a signature: filled in, locked, and dressed up.

use std::sync::Arc;

use ades::pades::{Appearance, Canvas, Certification, Draw, DrawError, PadesOptions};
use ades::validate::{Indication, Modifications};
use pdf_file::{Fragment, MemorySource, ObjId, OpenOptions, PdfFile};
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
fn a_locked_field_is_filled_in_by_way_of_its_parent() {
    let world = World::new();
    let parent = |value: &str| format!("<</T (order) /FT /Tx {value} /Kids [9 0 R]>>");
    let kid = "<</T (amount) /Parent 12 0 R /Type /Annot /Subtype /Widget /F 4 /Rect [10 10 90 30] /P 3 0 R>>";
    for (lock, passes) in [
        ("/Action /Include /Fields [(order.amount)]", false),
        ("/Action /Include /Fields [(order)]", false),
        ("/Action /Exclude /Fields [(order.amount)]", false),
        ("/Action /Exclude /Fields [(order)]", true),
        ("/Action /Include /Fields [(order.date)(orders)]", false),
        ("/Action /Include /Fields [(orders)(ord)]", true),
    ] {
        let field =
            format!("<</T (seal) /FT /Sig /Rect [0 0 0 0] /Lock <</Type /SigFieldLock {lock}>>>>");
        let input = document(
            &[
                (6, "[12 0 R 11 0 R]"),
                (9, kid),
                (11, &field),
                (12, &parent("/V (100)")),
            ],
            "",
        );
        let mut options = PadesOptions::new(SystemClock.now());
        options.field = Some("seal".into());
        let signed = world.sign_with(&input, &options);
        let (indication, _) = world.outcome(&update(&signed, &[(12, &parent("/V (999)"))], ""));
        let passed = indication == Some(Indication::TotalPassed);
        assert_eq!(passed, passes, "{lock}");
    }
}

/// What the first signature's field says of later changes, and how it certifies.
type First = (&'static str, Option<Certification>);

/// The verdict on the first signature after an update that signing refuses to make.
fn forced(world: &World, signed: &[u8], objects: &[(u32, &str)]) -> (Option<Indication>, bool) {
    let (_, verdict) = world.judge(&update(signed, objects, "")).unwrap();
    let first = &verdict.signatures[0];
    (Some(first.indication), first.doc_mdp_ok == Some(false))
}

#[test]
fn a_signature_that_earlier_ones_forbid_passes_when_it_is_forced() {
    let world = World::new();
    const FORGED: &str = "<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <00>>>";
    const INVISIBLE: &str = "/Rect [0 0 0 0]";
    const VISIBLE: &str = "/Rect [100 100 180 150]";
    let nothing = Some(Certification::NoChanges);
    let filling = Some(Certification::FormFilling);
    let annotations = Some(Certification::Annotations);
    let cases: [(First, &str, &str, bool); 30] = [
        (("/Action /Unknown", None), "New", INVISIBLE, false),
        (("/Fields [(amount)]", None), "New", INVISIBLE, false),
        (("/Action /Include", None), "New", INVISIBLE, false),
        (
            ("/Action /Include /Fields [/amount]", None),
            "New",
            INVISIBLE,
            false,
        ),
        (("", None), "New", INVISIBLE, true),
        (("", None), "New", VISIBLE, true),
        (("", nothing), "New", INVISIBLE, false),
        (("", filling), "New", INVISIBLE, true),
        (("", filling), "New", VISIBLE, false),
        (("", annotations), "New", INVISIBLE, true),
        (("", annotations), "New", VISIBLE, false),
        (("/Action /All", None), "New", INVISIBLE, false),
        (("/Action /All", None), "New", VISIBLE, false),
        (("/Action /All", filling), "New", INVISIBLE, false),
        (
            ("/Action /Include /Fields [(New)]", None),
            "New",
            INVISIBLE,
            false,
        ),
        (
            ("/Action /Include /Fields 30 0 R", None),
            "New",
            INVISIBLE,
            false,
        ),
        (
            ("/Action /Include /Fields 30 0 R", None),
            "Other",
            INVISIBLE,
            true,
        ),
        (
            ("/Action /Include /Fields [(amount)]", None),
            "New",
            INVISIBLE,
            true,
        ),
        (
            ("/Action /Include /Fields [(amount)]", None),
            "amount2",
            INVISIBLE,
            true,
        ),
        (
            ("/Action /Exclude /Fields [(New)]", None),
            "New",
            INVISIBLE,
            true,
        ),
        (
            ("/Action /Exclude /Fields [(amount)]", None),
            "New",
            INVISIBLE,
            false,
        ),
        (
            ("/Action /Include /Fields [] /P 1", None),
            "New",
            INVISIBLE,
            false,
        ),
        (
            ("/Action /Include /Fields [] /P 31 0 R", None),
            "New",
            INVISIBLE,
            false,
        ),
        (
            ("/Action /Include /Fields [] /P 1.0", None),
            "New",
            INVISIBLE,
            false,
        ),
        (
            ("/Action /Include /Fields [] /P 2", None),
            "New",
            INVISIBLE,
            true,
        ),
        (
            ("/Action /Include /Fields [] /P 2", None),
            "New",
            VISIBLE,
            false,
        ),
        (
            ("/Action /Include /Fields [] /P 3", None),
            "New",
            VISIBLE,
            false,
        ),
        (
            ("/Action /Include /Fields [] /P 1", annotations),
            "New",
            INVISIBLE,
            false,
        ),
        (
            ("/Action /Include /Fields [] /P 3", nothing),
            "New",
            INVISIBLE,
            false,
        ),
        (
            ("/Action /Include /Fields [] /P 3", filling),
            "New",
            INVISIBLE,
            true,
        ),
    ];
    for ((lock, certify), name, rect, passes) in cases {
        let what = format!("{lock} {certify:?} {name} {rect}");
        let lock = match lock {
            "" => String::new(),
            lock => format!("/Lock <</Type /SigFieldLock {lock}>>"),
        };
        let field = format!("<</T (seal) /FT /Sig /Rect [0 0 0 0] {lock}>>");
        let input = document(
            &[
                (6, "[9 0 R 11 0 R]"),
                (11, &field),
                (30, "[32 0 R]"),
                (31, "1"),
                (32, "(New)"),
            ],
            "",
        );
        let mut options = PadesOptions::new(SystemClock.now());
        options.field = Some("seal".into());
        options.certify = certify;
        let signed = world.sign_with(&input, &options);

        let mut second = PadesOptions::new(SystemClock.now());
        second.field = Some(name.into());
        if rect == VISIBLE {
            second.appearance = Some(picture());
        }
        let made = world.try_sign(&signed, &second);
        assert_eq!(made.is_ok(), passes, "signing: {what}: {:?}", made.err());

        let body = format!(
            "<</FT /Sig /T ({name}) /Type /Annot /Subtype /Widget /F 4 /P 3 0 R {rect} /V 51 0 R>>"
        );
        let objects = [
            (6, "[9 0 R 11 0 R 50 0 R]"),
            (8, "[9 0 R 50 0 R]"),
            (50, body.as_str()),
            (51, FORGED),
        ];
        let (indication, against_mdp) = forced(&world, &signed, &objects);
        let passed = indication == Some(Indication::TotalPassed);
        assert_eq!(passed, passes, "{what}");
        if passes {
            assert!(!against_mdp, "{what}");
        }
    }
}

/// Something to be seen.
fn picture() -> Appearance {
    #[derive(Debug)]
    struct Nothing;
    impl Draw for Nothing {
        fn draw(&self, _: &Canvas) -> Result<Fragment, DrawError> {
            let source = MemorySource::new(document(&[], ""));
            let pdf = PdfFile::open(Arc::new(source), OpenOptions::new()).unwrap();
            let content = ObjId {
                number: 4,
                generation: 0,
            };
            Ok(Fragment::extract(&pdf, content.into()).unwrap())
        }
    }
    Appearance {
        place: "1:100,100,80,50".parse().unwrap(),
        draw: Arc::new(Nothing),
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
fn the_widget_of_a_signature_is_drawn_anew_because_it_is_a_child_of_the_field() {
    let world = World::new();
    let mut options = PadesOptions::new(SystemClock.now());
    options.field = Some("seal".into());
    let widget = |shown: u8| {
        format!(
            "<</Type /Annot /Subtype /Widget /Parent 11 0 R /F 4 /Rect [0 0 300 200] /P 3 0 R /AP <</N {shown} 0 R>>>>"
        )
    };
    let input = document(
        &[
            (6, "[9 0 R 11 0 R]"),
            (8, "[9 0 R 12 0 R]"),
            (11, "<</T (seal) /FT /Sig /Kids [12 0 R]>>"),
            (12, &widget(13)),
            (13, CONTENT),
        ],
        "",
    );
    let signed = world.sign_with(&input, &options);
    world.refused(
        "another stream",
        &update(&signed, &[(12, &widget(50)), (50, EVIL)], ""),
    );
    let hidden = widget(13).replace("/F 4", "/F 2");
    world.refused("hidden", &update(&signed, &[(12, &hidden)], ""));
}

#[test]
fn a_picture_is_put_where_nobody_signs_and_nothing_has_a_value() {
    let world = World::new();
    for kind in ["/FT /Sig", "/FT /Btn /Ff 65536"] {
        let body = |more: &str| {
            format!(
                "<</T (x) {kind} /Type /Annot /Subtype /Widget /F 4 /Rect [0 0 300 200] /P 3 0 R {more}>>"
            )
        };
        let empty = body("");
        let input = document(
            &[(6, "[9 0 R 11 0 R]"), (8, "[9 0 R 11 0 R]"), (11, &empty)],
            "",
        );
        for certify in [None, Some(Certification::Annotations)] {
            let signed = world.sign(&input, certify);
            let dressed = body("/AP <</N 50 0 R>>");
            world.refused(kind, &update(&signed, &[(11, &dressed), (50, EVIL)], ""));
        }
    }
}

#[test]
fn fields_that_are_drawn_anew_get_another_font() {
    let world = World::new();
    let signed = world.sign(&document(&[], ""), None);
    let form = find_form(&signed);
    let font = "<</NeedAppearances true /DR <</Font <</Helv 50 0 R>>>> ";
    let body = form.replacen("<<", font, 1);
    let update = update(&signed, &[(5, &body), (50, "<</Type /Font>>")], "");
    world.refused("a font", &update);
}

#[test]
fn programs_that_sign_say_whether_fields_are_drawn_anew() {
    let world = World::new();
    let shows = |text: &str| {
        format!(
            "<</Type /XObject /Subtype /Form /BBox [0 0 80 20] /Length 29>>\nstream\nBT /F1 12 Tf ({text:8}) Tj ET\nendstream"
        )
    };
    let field = "<</T (amount) /FT /Tx /V (100) /Type /Annot /Subtype /Widget /F 4 /Rect [10 10 90 30] /P 3 0 R /AP <</N 13 0 R>>>>";
    for (was, is) in [
        ("/NeedAppearances true", "/NeedAppearances false"),
        ("/NeedAppearances true", ""),
        ("/SigFlags 0", "/NeedAppearances true"),
    ] {
        for (shown, passes) in [("100", true), ("999", false), ("", false)] {
            let form = format!("<</Fields 6 0 R {was}>>");
            let appearance = shows(shown);
            let input = document(&[(5, &form), (9, field), (13, &appearance)], "");
            let signed = world.sign(&input, None);
            let body = find_form(&signed);
            let body = match was {
                "/SigFlags 0" => body.replacen("<<", &format!("<<{is} "), 1),
                was => body.replacen(was, is, 1),
            };
            let (indication, level) = world.outcome(&update(&signed, &[(5, &body)], ""));
            let passed = indication == Some(Indication::TotalPassed);
            assert_eq!(passed, passes, "{was} -> {is} over {shown}: {level:?}");
        }
    }
}

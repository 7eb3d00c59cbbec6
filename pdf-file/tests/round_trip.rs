//! What the writer writes reads back as the same value: with our parser, with lopdf's, and, byte
//! soup given, without a panic.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod support;

use pdf_file::{Dict, Name, ObjId, Object, PdfString, StringForm, Update};
use proptest::prelude::*;
use support::{latest, open, skeleton};

fn name() -> impl Strategy<Value = Name> {
    // No NUL: it has no place in a name (7.3.5).
    prop_oneof![
        "[A-Za-z0-9]{1,8}".prop_map(Name::from),
        prop::collection::vec(1u8.., 0..12).prop_map(Name::from)
    ]
}

fn string() -> impl Strategy<Value = Object> {
    let form = prop_oneof![Just(StringForm::Literal), Just(StringForm::Hex)];
    (prop::collection::vec(any::<u8>(), 0..40), form)
        .prop_map(|(bytes, form)| PdfString { bytes, form }.into())
}

fn value() -> impl Strategy<Value = Object> {
    let leaf = prop_oneof![
        Just(Object::Null),
        any::<bool>().prop_map(Object::from),
        any::<i64>().prop_map(Object::from),
        (-100_000..100_000i64, 1..99_999u32)
            .prop_map(|(whole, part)| Object::number(whole as f64 + f64::from(part) / 1e5)),
        string(),
        name().prop_map(Object::from),
        (1..1000u32, 0..9u16)
            .prop_map(|(number, generation)| Object::from(ObjId::new(number, generation))),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Object::from),
            prop::collection::vec((name(), inner), 0..6)
                .prop_map(|entries| Object::from(entries.into_iter().collect::<Dict>())),
        ]
    })
}

fn updated(object: &Object) -> Vec<u8> {
    let bytes = skeleton().table("/Root 1 0 R /Size 4");
    let pdf = open(&bytes).unwrap();
    let mut update = Update::new(&pdf).unwrap();
    update.add(object.clone());
    [&bytes, update.finish().unwrap().bytes()].concat()
}

/// lopdf's value, compared with ours.
fn same(ours: &Object, theirs: &lopdf::Object) -> bool {
    match (ours, theirs) {
        (Object::Null, lopdf::Object::Null) => true,
        (Object::Bool(a), lopdf::Object::Boolean(b)) => a == b,
        (Object::Integer(a), lopdf::Object::Integer(b)) => a == b,
        (Object::Real(a), lopdf::Object::Real(b)) => {
            (a.value() as f32 - b).abs() <= b.abs() * 1e-6 + 1e-6
        }
        (Object::Name(a), lopdf::Object::Name(b)) => a.as_bytes() == b,
        (Object::String(a), lopdf::Object::String(b, _)) => a.bytes == *b,
        (Object::Array(a), lopdf::Object::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Object::Dict(a), lopdf::Object::Dictionary(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, value)| b.get(key.as_bytes()).is_ok_and(|b| same(value, b)))
        }
        (Object::Reference(a), lopdf::Object::Reference(b)) => (a.number, a.generation) == *b,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_is_written_as_itself(value in value()) {
        // In an array, since lopdf follows a reference that is an object of its own.
        let object = Object::from(vec![value]);
        let whole = updated(&object);
        prop_assert_eq!(&*latest(&open(&whole).unwrap(), 4).unwrap(), &object);
        let judge = lopdf::Document::load_mem(&whole).unwrap();
        let theirs = judge.get_object((4, 0)).unwrap();
        prop_assert!(same(&object, theirs), "{:?} / {:?}", object, theirs);
    }

    #[test]
    fn byte_soup_in_place_of_an_object_is_no_panic(soup in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = skeleton().object(4, soup).table("/Root 1 0 R /Size 5");
        if let Ok(pdf) = open(&bytes) {
            let _ = latest(&pdf, 4);
            let _ = pdf.spanned(ObjId::new(4, 0), pdf.latest());
        }
    }

    #[test]
    fn token_soup_in_place_of_an_object_is_no_panic(
        soup in prop::collection::vec(prop::sample::select(vec![
            "<<", ">>", "[", "]", "(", ")", "<", ">", "/A", "/", "1", "0", "R", "-.5", "stream\n", "endstream", "endobj",
            "obj", "true", "null", "%", "\n", " ", "#", "\\", "trailer", "xref", "startxref", "%%EOF", "/Length", "/Kids",
        ]), 0..60),
        glue in prop::sample::select(vec!["", " ", "\n"]),
    ) {
        let bytes = skeleton().object(4, soup.join(glue)).table("/Root 1 0 R /Size 5");
        if let Ok(pdf) = open(&bytes) {
            let object = latest(&pdf, 4);
            if let Some(stream) = object.as_ref().ok().and_then(|o| o.as_stream()) {
                let _ = pdf.stream_data(stream, pdf.latest());
            }
        }
    }

    #[test]
    fn a_damaged_file_is_no_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = skeleton()
            .stream(6, "/Type /ObjStm /N 2 /First 8", b"4 0 5 4 (a) (b)")
            .xref_stream(7, &[(4, 6, 0), (5, 6, 1)], "/Root 1 0 R /Size 8");
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(bytes.len() - cut.index(bytes.len()) / 8);
        if let Ok(pdf) = open(&bytes) {
            for id in pdf.objects(pdf.latest()).collect::<Vec<_>>() {
                let _ = pdf.object(id, pdf.latest());
            }
            let _ = pdf.pages(pdf.latest()).count();
            if let Ok(mut update) = Update::new(&pdf) {
                let added = update.add(Object::string("added"));
                let whole = [&bytes, update.finish().unwrap().bytes()].concat();
                let again = open(&whole).unwrap();
                prop_assert_eq!(&*again.object(added, again.latest()).unwrap(), &Object::string("added"));
            }
        }
    }
}

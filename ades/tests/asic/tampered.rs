//! Files that were changed, added, removed or hidden after somebody signed.

use ades::asic::{AsicError, Container, Kind};
use ades::cades::CadesError;
use ades::extend::{ExtendError, Target};
use ades::validate::{Indication, SubIndication};

use crate::long_term::{World, source};
use crate::made::{FILES, add, extend, repack, sign, with};

#[test]
fn files_that_were_changed_added_or_removed_do_not_pass() {
    let Some(world) = World::new() else { return };
    let signed = sign(&world, Kind::Extended, &FILES);
    let signed = extend(&world, &signed, Target::BLta).unwrap();
    let same = repack(&signed, |name, content| vec![(name.into(), content)]);
    let (_, judged) = world.judge(&same, None);
    assert_eq!(judged.indication, Some(Indication::TotalPassed));
    let cases: [(&str, Vec<u8>, Indication); 4] = [
        (
            "changed",
            repack(&signed, |name, mut content| {
                if name == FILES[0].0 {
                    content[0] ^= 1;
                }
                vec![(name.into(), content)]
            }),
            Indication::TotalFailed,
        ),
        (
            "removed",
            repack(&signed, |name, content| {
                if name == "empty" {
                    vec![]
                } else {
                    vec![(name.into(), content)]
                }
            }),
            Indication::TotalFailed,
        ),
        (
            "added",
            repack(&signed, |name, content| {
                let mut out = vec![(name.into(), content)];
                if name == "empty" {
                    out.push(("invoice.pdf".into(), b"pay".to_vec()));
                }
                out
            }),
            Indication::Indeterminate,
        ),
        (
            "without its manifest",
            repack(&signed, |name, content| {
                if name.ends_with("/ASiCManifest.xml") {
                    vec![]
                } else {
                    vec![(name.into(), content)]
                }
            }),
            Indication::TotalFailed,
        ),
    ];
    for (what, container, expected) in cases {
        let (_, judged) = world.judge(&container, None);
        assert_eq!(judged.indication, Some(expected), "{what}");
        let error = extend(&world, &container, Target::BLta).unwrap_err();
        assert!(matches!(error, ExtendError::Refused(_)), "{what}: {error}");
    }
}

#[test]
fn nobody_signs_beside_files_that_changed_or_that_nobody_signed() {
    let Some(world) = World::new() else { return };
    for kind in [Kind::Extended, Kind::Simple] {
        let signed = sign(&world, kind, &FILES[..1]);
        let changed = repack(&signed, |name, mut content| {
            if name == FILES[0].0 {
                content[0] ^= 1;
            }
            vec![(name.into(), content)]
        });
        let unsigned = repack(&signed, |name, content| {
            if name.ends_with(".p7s") {
                vec![]
            } else {
                vec![(name.into(), content)]
            }
        });
        for bad in [&changed, &unsigned, &with(&signed, "invoice.pdf", b"pay")] {
            let error = add(&world, bad).unwrap_err();
            assert!(matches!(error, CadesError::Refused(_)), "{error}");
        }
    }
}

#[test]
fn files_hidden_among_the_signatures_do_not_pass() {
    let Some(world) = World::new() else { return };
    let signed = sign(&world, Kind::Extended, &FILES);
    let signed = extend(&world, &signed, Target::BLt).unwrap();
    for name in [
        "META-INF/invoice.pdf",
        "meta-inf/invoice.pdf",
        "META-INF/a/manifest.xml",
    ] {
        let (facts, judged) = world.judge(&with(&signed, name, b"pay"), None);
        assert_eq!(facts.container.unwrap().unsigned, [name]);
        let one = &judged.signatures[0];
        assert_eq!(one.indication, Indication::Indeterminate, "{name}");
        assert_eq!(
            one.sub_indication,
            Some(SubIndication::SigConstraintsFailure)
        );
    }
    // Nor does what has the name of a signature or of what belongs to one, and was not looked at.
    for name in [
        "META-INF/other.tst",
        "META-INF/other.ers",
        "META-INF/signatures.xml",
        "META-INF/ASiCManifest9.xml",
        "META-INF/ASiCArchiveManifest.xml",
    ] {
        let (facts, judged) = world.judge(&with(&signed, name, b"pay"), None);
        assert_eq!(facts.container.unwrap().unsigned, [name]);
        assert_eq!(judged.indication, Some(Indication::Indeterminate), "{name}");
    }
    // An unpacked folder would take the place of the file, or bring content that nobody hashed.
    for name in ["empty/", "folder", "empty/x"] {
        let opened = Container::open(source(with(&signed, name, b"pay")));
        assert!(matches!(opened, Err(AsicError::Ambiguous(_))), "{name}");
    }
}

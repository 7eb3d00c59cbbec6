//! Services that are listed by a name or the identifier of a key.

use sceau_tests::trusted_list::Service;
use trust_lists::qualify::{self, Level};

use crate::support::{Claims, at};
use crate::world::{USED, World};

#[test]
fn a_service_that_is_known_by_name_alone_is_never_trusted() {
    let Some(world) = World::new() else { return };
    let ski = {
        let bits = world.ca.certificate.public_key_bits();
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(pki_crypto::key_hash_sha1(bits))
    };
    let with = |identity: String| Service {
        identity: Some(identity),
        ..world.service().with_information("ForeSignatures")
    };
    let name =
        |text: &str| format!("<DigitalId><X509SubjectName>{text}</X509SubjectName></DigitalId>");
    let key = format!("<DigitalId><X509SKI>{ski}</X509SKI></DigitalId>");
    for (identity, expected) in [
        (name("CN=CA,O=Test Trust Ltd"), Level::Indeterminate),
        (name("O = Test Trust Ltd, CN = CA"), Level::Indeterminate),
        (name("o=test trust ltd,cn=ca"), Level::Indeterminate),
        (name("CN=Another,O=Test Trust Ltd"), Level::NotQualified),
        // The key decides, with a name or without.
        (key.clone(), Level::QESig),
        (key + &name("CN=Another"), Level::QESig),
    ] {
        let lists = world.lists(vec![with(identity.clone())]);
        let found = qualify::certificate(&lists, &world.chain(&Claims::default()), at(USED));
        assert_eq!(found.level, expected, "{identity}: {:?}", found.reasons);
        assert!(qualify::anchors(&lists).is_empty(), "{identity}");
        if expected == Level::Indeterminate {
            assert!(
                found.reasons[0].contains("by its name alone"),
                "{:?}",
                found.reasons
            );
        }
    }
}

//! Tests of the RFC 7512 parser and formatter.

use proptest::prelude::*;

use super::*;

fn parse(s: &str) -> Pkcs11Uri {
    s.parse().unwrap()
}

fn reason(s: &str) -> UriError {
    s.parse::<Pkcs11Uri>().unwrap_err()
}

#[test]
fn the_examples_of_rfc_7512_section_3_are_read() {
    assert_eq!(parse("pkcs11:"), Pkcs11Uri::default());
    let uri = parse("pkcs11:object=my-pubkey;type=public");
    assert_eq!(uri.object.as_deref(), Some("my-pubkey"));
    assert_eq!(uri.object_type, Some(ObjectType::Public));
    let uri = parse("pkcs11:object=my-key;type=private?pin-source=file:/etc/token");
    assert_eq!(uri.pin_source, Some("/etc/token".into()));
    let uri = parse(
        "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;\
         model=1.0;object=my-certificate;type=cert;\
         id=%69%95%3E%5C%F4%BD%EC%91;serial=?pin-source=file:/etc/token_pin",
    );
    assert_eq!(uri.token.as_deref(), Some("The Software PKCS#11 Softtoken"));
    assert_eq!(uri.manufacturer.as_deref(), Some("Snake Oil, Inc."));
    assert_eq!(uri.serial.as_deref(), Some(""));
    assert_eq!(
        uri.id.as_deref(),
        Some(&[0x69, 0x95, 0x3e, 0x5c, 0xf4, 0xbd, 0xec, 0x91][..])
    );
    let uri = parse("pkcs11:object=my-sign-key;type=private?module-name=mypkcs11");
    assert_eq!(uri.module_name.as_deref(), Some("mypkcs11"));
    let uri = parse("pkcs11:object=my-sign-key;type=private?module-path=/mnt/libmypkcs11.so.1");
    assert_eq!(uri.module_path, Some("/mnt/libmypkcs11.so.1".into()));
    let uri = parse("pkcs11:slot-description=Sun%20Metaslot");
    assert_eq!(uri.slot_description.as_deref(), Some("Sun Metaslot"));
    let uri = parse(
        "pkcs11:library-manufacturer=Snake%20Oil,%20Inc.;library-description=Soft%20Token%20Library;library-version=1.23",
    );
    assert_eq!(uri.library_version, Some((1, 23)));
    let uri = parse("pkcs11:library-version=3");
    assert_eq!(uri.library_version, Some((3, 0)));
    let uri = parse(
        "pkcs11:token=A%20name%20with%20a%20substring%20%25%3B;object=my-certificate;type=cert",
    );
    assert_eq!(uri.token.as_deref(), Some("A name with a substring %;"));
    let uri = parse(
        "pkcs11:token=Name%20with%20a%20small%20A%20with%20acute:%20%C3%A1;object=my-certificate;type=cert",
    );
    assert_eq!(
        uri.token.as_deref(),
        Some("Name with a small A with acute: á")
    );
}

#[test]
fn a_pin_in_the_uri_is_refused_and_not_repeated() {
    for s in ["pkcs11:token=t?pin-value=1234", "pkcs11:pin-value=1234"] {
        let error = reason(s);
        assert_eq!(error, UriError::PinValue);
        assert!(!format!("{error} {error:?} {:?}", error.hint()).contains("1234"));
    }
}

#[test]
fn a_command_as_pin_source_is_refused() {
    for s in [
        "pkcs11:?pin-source=|/usr/bin/pin",
        "pkcs11:?pin-source=%7C/usr/bin/pin",
    ] {
        assert!(matches!(reason(s), UriError::Value { .. }), "{s}");
    }
}

#[test]
fn what_could_select_another_key_is_refused() {
    assert_eq!(
        reason("pkcs11:labl=x"),
        UriError::Unknown("labl".to_owned())
    );
    assert_eq!(
        reason("pkcs11:object=a;object=b"),
        UriError::Duplicate("object".to_owned())
    );
    assert!(matches!(
        reason("pkcs11:module-path=/x"),
        UriError::Misplaced { .. }
    ));
    assert!(matches!(
        reason("pkcs11:?object=x"),
        UriError::Misplaced { .. }
    ));
    assert_eq!(reason("pkcs11:object"), UriError::NoValue("object".into()));
    assert_eq!(reason("key.pem"), UriError::Scheme);
    assert_eq!(reason("pkcs1é:"), UriError::Scheme);
    for s in [
        "pkcs11:id=%4",
        "pkcs11:id=%zz",
        "pkcs11:token=%ff",
        "pkcs11:type=key",
        "pkcs11:slot-id=-1",
        "pkcs11:slot-id=+1",
        "pkcs11:slot-id=99999999999999999999",
        "pkcs11:library-version=1.300",
        "pkcs11:token=a#b",
        "pkcs11:token=a\nb",
        "pkcs11:?module-path=",
        "pkcs11:?module-path=file://elsewhere/x",
        "pkcs11:?module-path=a%00b",
        "pkcs11:?module-name=../x",
    ] {
        assert!(matches!(reason(s), UriError::Value { .. }), "{s}");
    }
}

#[test]
fn vendor_hints_in_the_query_are_passed_over() {
    assert_eq!(parse("pkcs11:?x-muscle=1"), Pkcs11Uri::default());
}

fn uris() -> impl Strategy<Value = Pkcs11Uri> {
    let text = || proptest::option::of("\\PC{0,12}");
    let path = || proptest::option::of("/[^\\x00]{0,12}".prop_map(PathBuf::from));
    let types = proptest::option::of(proptest::sample::select(ObjectType::ALL.to_vec()));
    (
        (text(), text(), text(), text(), text(), text()),
        (
            proptest::option::of(any::<(u8, u8)>()),
            text(),
            proptest::option::of(proptest::collection::vec(any::<u8>(), 0..24)),
            types,
            proptest::option::of(any::<u64>()),
            text(),
            text(),
        ),
        (path(), proptest::option::of("[a-z0-9 ;&%]{1,8}"), path()),
    )
        .prop_map(|(a, b, c)| Pkcs11Uri {
            token: a.0,
            manufacturer: a.1,
            serial: a.2,
            model: a.3,
            library_manufacturer: a.4,
            library_description: a.5,
            library_version: b.0,
            object: b.1,
            id: b.2,
            object_type: b.3,
            slot_id: b.4,
            slot_manufacturer: b.5,
            slot_description: b.6,
            module_path: c.0,
            module_name: c.1,
            pin_source: c.2,
        })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(uri in uris()) {
        let shown = uri.to_string();
        prop_assert!(shown.is_ascii());
        prop_assert_eq!(shown.parse::<Pkcs11Uri>().unwrap(), uri, "{}", shown);
    }

    #[test]
    fn no_text_makes_it_panic(s in "(pkcs11:)?\\PC{0,60}") {
        let _ = s.parse::<Pkcs11Uri>();
    }

    #[test]
    fn no_mixture_of_attributes_makes_it_panic(
        parts in proptest::collection::vec("(token|id|type|slot-id|module-path|pin-source|x-y)=?[%0-9a-f:/|]{0,6}", 0..6),
        separators in proptest::collection::vec("[;&?]", 6),
    ) {
        let mut s = SCHEME.to_owned();
        for (part, separator) in parts.iter().zip(&separators) {
            s.push_str(part);
            s.push_str(separator);
        }
        if let Ok(uri) = s.parse::<Pkcs11Uri>() {
            prop_assert_eq!(uri.to_string().parse::<Pkcs11Uri>().unwrap(), uri);
        }
    }
}

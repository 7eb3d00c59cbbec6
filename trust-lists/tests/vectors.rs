//! Published vectors: canonical XML as libxml2 has it, and the interoperability suites of XML Signature. An
//! exception has a reason, and is struck off when it is none any more.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use der::Encode as _;
use pki_asn1::oid;
use pki_crypto::PublicKey;
use roxmltree::Node;
use sceau_tests::corpus;
use sceau_tests::exceptions::Exceptions;
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use trust_lists::xml::c14n::{Canonicalization, Comments, Method};
use trust_lists::xml::{Limits, Text};
use trust_lists::xmldsig::{DS, Signature};

fn exceptions(name: &str) -> Exceptions {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exceptions");
    Exceptions::load(&folder.join(name)).unwrap()
}

fn compare(name: &str, happened: &BTreeMap<String, Option<String>>) {
    assert!(happened.values().any(Option::is_none), "nothing was right");
    let lines = exceptions(name).differences(happened);
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn canonical_xml_is_that_of_libxml2() {
    let Some(corpus) = corpus::find("c14n-libxml2") else {
        return;
    };
    let mut happened = BTreeMap::new();
    for (name, path) in corpus::files(&corpus.join("test/c14n"), "xml").unwrap() {
        let stem = name.strip_suffix(".xml").unwrap();
        let Ok(expected) = std::fs::read(corpus.join("result/c14n").join(stem)) else {
            continue;
        };
        happened.insert(stem.to_owned(), canonical(&path, stem, &expected).err());
    }
    compare("c14n-libxml2.toml", &happened);
}

fn canonical(path: &Path, name: &str, expected: &[u8]) -> Result<(), String> {
    if path.with_extension("xpath").exists() {
        return Err("xpath".into());
    }
    let prefixes = std::fs::read_to_string(path.with_extension("ns")).unwrap_or_default();
    let prefixes = prefixes.split_whitespace().map(str::to_owned).collect();
    let (method, comments) = match name.split('/').next().unwrap() {
        "with-comments" => (Method::Inclusive10, Comments::Keep),
        "without-comments" => (Method::Inclusive10, Comments::Drop),
        "1-1-without-comments" => (Method::Inclusive11, Comments::Drop),
        "exc-without-comments" => (Method::Exclusive(prefixes), Comments::Drop),
        other => panic!("{other}"),
    };
    let octets = std::fs::read(path).unwrap();
    let limits = Limits::default();
    let text = Text::new(&octets, &limits).map_err(|e| e.to_string())?;
    let document = text.parse(&limits).map_err(|e| e.to_string())?;
    let how = Canonicalization { method, comments };
    let ours = how
        .to_vec(document.root(), None)
        .map_err(|e| e.to_string())?;
    if ours.trim_ascii_end() == expected.trim_ascii_end() {
        Ok(())
    } else {
        Err(format!("differs: {}", String::from_utf8_lossy(&ours)))
    }
}

#[test]
fn signatures_of_the_interoperability_suites_are_judged_as_they_say() {
    let Some(corpus) = corpus::find("xmldsig-interop") else {
        return;
    };
    let mut happened = BTreeMap::new();
    for (name, path) in corpus::files(&corpus, "xml").unwrap() {
        let bad = name.contains("-bad-") || name.contains("invalid");
        let result = match (signatures(&path), bad) {
            (Ok(0), _) => continue,
            (Ok(_), false) | (Err(_), true) => None,
            (Ok(_), true) => Some("accepted".to_owned()),
            (Err(why), false) => Some(why),
        };
        happened.insert(name, result);
    }
    compare("xmldsig-interop.toml", &happened);
}

/// Checks every signature of a file with the key that it brings along, and counts them.
fn signatures(path: &PathBuf) -> Result<usize, String> {
    let octets = std::fs::read(path).unwrap();
    let limits = Limits::default();
    let text = Text::new(&octets, &limits).map_err(|e| e.to_string())?;
    let document = text.parse(&limits).map_err(|e| e.to_string())?;
    let mut count = 0;
    for element in document
        .descendants()
        .filter(|n| n.has_tag_name((DS, "Signature")))
    {
        count += 1;
        let signature = Signature::read(element).map_err(|e| e.to_string())?;
        let key = key(&signature).ok_or("no key")?;
        signature.verify_value(&key).map_err(|e| e.to_string())?;
        for reference in signature.references() {
            signature
                .verify_reference(reference)
                .map_err(|e| e.to_string())?;
        }
    }
    Ok(count)
}

fn key(signature: &Signature<'_, '_>) -> Option<PublicKey> {
    let of = |spki: &[u8]| PublicKey::from_spki_der(spki).ok();
    let value = |name| {
        signature
            .node()
            .descendants()
            .find(|n| n.has_tag_name((DS, name)))
    };
    // The leaf comes in any order.
    let own = signature
        .certificates()
        .iter()
        .filter_map(|c| of(c.spki_der()));
    let fits = |key: &PublicKey| signature.verify_value(key).is_ok();
    if let Some(found) = own.clone().find(fits).or_else(|| own.clone().next()) {
        return Some(found);
    }
    if let Some(rsa) = value("RSAKeyValue") {
        let number = |name| {
            let octets = decoded(rsa.children().find(|n| n.has_tag_name((DS, name)))?)?;
            der::asn1::Uint::new(&octets).ok()
        };
        let key = RsaPublicKey {
            modulus: number("Modulus")?,
            exponent: number("Exponent")?,
        };
        return of(&spki(
            oid::RSA_ENCRYPTION,
            Some(der::asn1::Null.into()),
            &key.to_der().ok()?,
        )?);
    }
    let ec = signature
        .node()
        .descendants()
        .find(|n| n.tag_name().name() == "ECKeyValue")?;
    let child = |name: &str| ec.children().find(|n| n.tag_name().name() == name);
    let curve = child("NamedCurve")?
        .attribute("URI")?
        .strip_prefix("urn:oid:")?;
    let curve: const_oid::ObjectIdentifier = curve.parse().ok()?;
    let point = decoded(child("PublicKey")?)?;
    of(&spki(
        oid::EC_PUBLIC_KEY,
        Some(der::asn1::Any::from(curve)),
        &point,
    )?)
}

#[derive(der::Sequence)]
struct RsaPublicKey {
    modulus: der::asn1::Uint,
    exponent: der::asn1::Uint,
}

fn spki(
    oid: const_oid::ObjectIdentifier,
    parameters: Option<der::asn1::Any>,
    key: &[u8],
) -> Option<Vec<u8>> {
    SubjectPublicKeyInfoOwned {
        algorithm: AlgorithmIdentifierOwned { oid, parameters },
        subject_public_key: der::asn1::BitString::from_bytes(key).ok()?,
    }
    .to_der()
    .ok()
}

fn decoded(node: Node<'_, '_>) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let text: String = node.text()?.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

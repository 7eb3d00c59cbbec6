//! RSA signatures whose padding is nearly right.

use sceau_tests::program::Call;
use sceau_tests::trusted_list::{self, EU_GENERIC, List};
use trust_lists::list::TrustedList;

use crate::base::between;
use crate::judges::python;

/// A key of RSA and its certificate, in files.
fn rsa(folder: &std::path::Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let (key, pem) = (folder.join("rsa.key"), folder.join("rsa.pem"));
    Call::new("openssl")
        .args([
            "req",
            "-x509",
            "-nodes",
            "-days",
            "3000",
            "-subj",
            "/CN=Maker",
        ])
        .args(["-newkey", "rsa:2048", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&pem)
        .succeed()
        .unwrap();
    (key, pem)
}

#[test]
fn padding_of_rsa_is_compared_whole() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (key, pem) = rsa(folder.path());
    let text = std::fs::read(&pem).unwrap();
    let der = pki_asn1::pem::der_or_pem(&text, &["CERTIFICATE"])
        .unwrap()
        .remove(0);
    let signer = pki_asn1::Certificate::from_der(der).unwrap();
    let mut list = List::new(EU_GENERIC, "XX");
    list.issued = signer.not_before().to_string();
    let how = trusted_list::Signing {
        property: trusted_list::SIGNING_CERTIFICATE,
        key: &key,
        certificate: &pem,
        method: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        digest: trusted_list::SHA256,
        uri: "",
        certificate_digest: None,
    };
    let good = String::from_utf8(trusted_list::sign(&list.to_xml(), &how).unwrap()).unwrap();
    let value = between(&good, "<ds:SignatureValue>", "</ds:SignatureValue>");
    let variants = Call::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/lax.py"))
        .arg(&key)
        .input(value.to_owned())
        .succeed()
        .unwrap()
        .out();
    let mut seen = 0;
    for line in variants.lines() {
        let (name, other) = line.split_once(' ').unwrap();
        let document = good.replace(value, other);
        let ours = TrustedList::verify(document.as_bytes(), core::slice::from_ref(&signer));
        assert_eq!(ours.is_ok(), name == "right", "{name}");
        let xmlsec1 = trusted_list::verifies(document.as_bytes(), &pem).unwrap();
        // OpenSSL takes a number of more octets than the modulus has, where the first are zeros, for the same; or it does not.
        assert!(
            xmlsec1 == (name == "right") || name == "zero-in-front",
            "{name}: xmlsec1"
        );
        seen += 1;
    }
    assert_eq!(seen, 12);
}

//! What the signer himself may choose: canonicalizations, with inherited attributes and prefixes that are named.

use sceau_tests::program::Call;
use sceau_tests::trusted_list::{self, EU_GENERIC, List};
use trust_lists::list::TrustedList;

use crate::base::{END, ENVELOPED};
use crate::support::{Party, has};

#[test]
fn every_canonicalization_that_a_signer_may_choose_is_that_of_xmlsec1() {
    if !has("xmlsec1") {
        return;
    }
    let operator = Party::new("Operator");
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let methods = [
        exclusive,
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2006/12/xml-c14n11#WithComments",
    ];
    let prefixes = "<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"sie #default\"/>";
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from.xml"), folder.path().join("to.xml"));
    let pair = format!(
        "{},{}",
        operator.key_pem().display(),
        operator.pem().display()
    );
    let mut verified = 0;
    for of_info in methods {
        for of_list in methods {
            for (uri, inside) in [("", ""), ("#list", ""), ("#list", prefixes)] {
                if !inside.is_empty() && !of_list.starts_with(exclusive) {
                    continue;
                }
                let list = List::new(EU_GENERIC, "XX").to_xml().replace(
                    " Id=\"list\"",
                    " xml:lang=\"en\" xml:space=\"preserve\" xmlns:y=\"urn:y\" Id=\"list\"",
                );
                let signature = format!(
                    "<!-- c --><ds:Signature Id=\"signature\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{of_info}\"/><ds:SignatureMethod Algorithm=\"{}\"/><ds:Reference URI=\"{uri}\"><ds:Transforms>{ENVELOPED}<ds:Transform Algorithm=\"{of_list}\">{inside}</ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"{}\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>{END}",
                    trusted_list::ECDSA_SHA256,
                    trusted_list::SHA256
                );
                std::fs::write(&from, list.replace(END, &signature)).unwrap();
                Call::new("xmlsec1")
                    .args(["--sign", "--privkey-pem", &pair, "--id-attr:Id"])
                    .args([
                        "http://uri.etsi.org/02231/v2#:TrustServiceStatusList",
                        "--output",
                    ])
                    .arg(&to)
                    .arg(&from)
                    .succeed()
                    .unwrap();
                let signed = std::fs::read(&to).unwrap();
                let ours =
                    TrustedList::verify(&signed, core::slice::from_ref(&operator.certificate));
                assert!(
                    ours.is_ok(),
                    "{of_info}, {of_list}, {uri}: {:?}",
                    ours.err()
                );
                let changed = String::from_utf8(signed).unwrap().replacen(
                    "xml:lang=\"en\" xml:space",
                    "xml:lang=\"fr\" xml:space",
                    1,
                );
                let ours = TrustedList::verify(
                    changed.as_bytes(),
                    core::slice::from_ref(&operator.certificate),
                );
                assert!(ours.is_err(), "{of_info}, {of_list}, {uri}");
                verified += 1;
            }
        }
    }
    assert_eq!(verified, 84);
}

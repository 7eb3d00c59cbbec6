//! A signed list, taken apart to be put together in other ways.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sceau_tests::trusted_list::{EU_GENERIC, List, Service};
use trust_lists::list::{ListError, TrustedList};

use crate::support::Party;

pub(crate) const END: &str = "</TrustServiceStatusList>";
pub(crate) const ENVELOPED: &str =
    "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";

/// A signed list, taken apart.
pub(crate) struct Base {
    pub(crate) operator: Party,
    pub(crate) ca: Party,
    pub(crate) whole: String,
    pub(crate) signature: String,
    pub(crate) without: String,
    pub(crate) evil: String,
    pub(crate) good: TrustedList,
}

impl Base {
    pub(crate) fn new(uri: &str, properties: bool) -> Self {
        let (operator, ca, mallory) = (
            Party::new("Operator"),
            Party::new("CA"),
            Party::new("Mallory"),
        );
        let list = |certificate: &str| {
            let mut list = List::new(EU_GENERIC, "XX");
            list.services = vec![
                Service::granted("CA/QC", "2020-01-01T00:00:00Z", certificate)
                    .with_information("ForeSignatures"),
            ];
            list.to_xml()
        };
        let digest = properties.then(|| operator.digest());
        let whole = operator.sign_xml(&list(&ca.base64()), uri, digest.as_deref());
        let whole = String::from_utf8(whole).unwrap();
        let from = whole.find("<ds:Signature ").unwrap();
        let to = whole.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
        let signature = whole[from..to].to_owned();
        let root = whole.find("<TrustServiceStatusList").unwrap();
        Self {
            without: whole[root..].replace(&signature, ""),
            evil: root_of(&list(&mallory.base64())),
            good: TrustedList::parse(whole.as_bytes()).unwrap(),
            operator,
            ca,
            whole,
            signature,
        }
    }

    /// The evil list with another identifier, and something before its end.
    pub(crate) fn evil_with(&self, id: &str, inside: &str) -> String {
        self.evil
            .replace(" Id=\"list\"", &format!(" {id}"))
            .replace(END, &format!("{inside}{END}"))
    }

    pub(crate) fn in_object(&self, what: &str) -> String {
        self.signature.replace(
            "</ds:Signature>",
            &format!("<ds:Object>{what}</ds:Object></ds:Signature>"),
        )
    }

    pub(crate) fn with_object(&self, what: &str) -> String {
        self.whole.replace(&self.signature, &self.in_object(what))
    }

    pub(crate) fn value(&self) -> Vec<u8> {
        STANDARD
            .decode(
                between(&self.whole, "<ds:SignatureValue>", "</ds:SignatureValue>")
                    .replace(char::is_whitespace, ""),
            )
            .unwrap()
    }

    pub(crate) fn with_value(&self, value: &str) -> String {
        let old = between(&self.whole, "<ds:SignatureValue>", "</ds:SignatureValue>");
        self.whole.replace(old, value)
    }

    pub(crate) fn ask(&self, document: &[u8]) -> Result<TrustedList, ListError> {
        let signers = [self.operator.certificate.clone()];
        TrustedList::verify(document, &signers).map(|v| v.list().clone())
    }
}

pub(crate) fn root_of(xml: &str) -> String {
    xml[xml.find("<TrustServiceStatusList").unwrap()..].to_owned()
}

pub(crate) fn between<'a>(text: &'a str, open: &str, close: &str) -> &'a str {
    let from = text.find(open).unwrap() + open.len();
    &text[from..from + text[from..].find(close).unwrap()]
}

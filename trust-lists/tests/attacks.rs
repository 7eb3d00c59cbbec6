//! What an attacker would send, and what another writer of XML would: thousands of variations of signed lists, each judged
//! by signxml (lxml) and, where it has a name, by xmlsec1. Whatever is accepted here they accept too, and what is read is
//! what they say was signed. What is refused here and accepted by one of them stands in docs/DIVERGENCES.md.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sceau_tests::environment::{self, project, skipped};
use sceau_tests::program::Call;
use sceau_tests::trusted_list::{self, EU_GENERIC, List, Service};
use support::{Party, has};
use trust_lists::list::{ListError, TrustedList};

const END: &str = "</TrustServiceStatusList>";
const ENVELOPED: &str =
    "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";

/// A signed list, taken apart.
struct Base {
    operator: Party,
    ca: Party,
    whole: String,
    signature: String,
    without: String,
    evil: String,
    good: TrustedList,
}

impl Base {
    fn new(uri: &str, properties: bool) -> Self {
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
    fn evil_with(&self, id: &str, inside: &str) -> String {
        self.evil
            .replace(" Id=\"list\"", &format!(" {id}"))
            .replace(END, &format!("{inside}{END}"))
    }

    fn in_object(&self, what: &str) -> String {
        self.signature.replace(
            "</ds:Signature>",
            &format!("<ds:Object>{what}</ds:Object></ds:Signature>"),
        )
    }

    fn with_object(&self, what: &str) -> String {
        self.whole.replace(&self.signature, &self.in_object(what))
    }

    fn value(&self) -> Vec<u8> {
        STANDARD
            .decode(
                between(&self.whole, "<ds:SignatureValue>", "</ds:SignatureValue>")
                    .replace(char::is_whitespace, ""),
            )
            .unwrap()
    }

    fn with_value(&self, value: &str) -> String {
        let old = between(&self.whole, "<ds:SignatureValue>", "</ds:SignatureValue>");
        self.whole.replace(old, value)
    }

    fn ask(&self, document: &[u8]) -> Result<TrustedList, ListError> {
        let signers = [self.operator.certificate.clone()];
        TrustedList::verify(document, &signers).map(|v| v.list().clone())
    }
}

fn root_of(xml: &str) -> String {
    xml[xml.find("<TrustServiceStatusList").unwrap()..].to_owned()
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> &'a str {
    let from = text.find(open).unwrap() + open.len();
    &text[from..from + text[from..].find(close).unwrap()]
}

/// Whether we have to take it, whether we must not, or whether the judges may see it in another way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Must {
    Take,
    Refuse,
}

/// The order of P-256.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// a - b and a + b, in 32 octets; nothing where they do not fit.
fn minus(a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
    let (mut out, mut borrow) = (vec![0; a.len()], 0_i16);
    for at in (0..a.len()).rev() {
        let one = i16::from(a[at]) - i16::from(b[at]) - borrow;
        borrow = i16::from(one < 0);
        out[at] = one.rem_euclid(256) as u8;
    }
    (borrow == 0).then_some(out)
}

fn der(value: &[u8]) -> Vec<u8> {
    let number = |n: &[u8]| {
        let mut out = vec![2, 33, 0];
        out.extend(n);
        out
    };
    let (r, s) = (number(&value[..32]), number(&value[32..]));
    [vec![0x30, 70], r, s].concat()
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let text = text.replacen("encoding=\"UTF-8\"", "encoding=\"UTF-16\"", 1);
    core::iter::once(0xFEFF)
        .chain(text.encode_utf16())
        .flat_map(order)
        .collect()
}

/// Every trick that has a name. `base` is signed over the whole document where `whole`.
fn named(base: &Base, whole: bool) -> Vec<(&'static str, Vec<u8>, Must)> {
    use Must::{Refuse, Take};
    let Base {
        whole: good,
        signature,
        without,
        evil,
        ..
    } = base;
    let mut out: Vec<(&'static str, Vec<u8>, Must)> = Vec::new();
    let mut put = |name, xml: String, must| out.push((name, xml.into_bytes(), must));
    put("as it was signed", good.clone(), Take);
    // Wrapping.
    put(
        "wrapped in an object",
        base.evil_with("Id=\"evil\"", &base.in_object(without)),
        Refuse,
    );
    put(
        "wrapped beside",
        base.evil_with("Id=\"evil\"", &format!("{without}{signature}")),
        Refuse,
    );
    put(
        "wrapped whole",
        base.evil_with("Id=\"evil\"", &root_of(good)),
        Refuse,
    );
    put(
        "wrapped in an extension",
        good.replacen(
            "<SchemeInformation>",
            &format!("<x>{without}</x><SchemeInformation>"),
            1,
        ),
        Refuse,
    );
    put(
        "signature of another list",
        evil.replace(END, &format!("{signature}{END}")),
        Refuse,
    );
    for (name, id) in [
        ("evil with the same Id", "Id=\"list\""),
        ("evil with the same ID", "ID=\"list\""),
        ("evil with the same id", "id=\"list\""),
        ("evil with the same xml:id", "xml:id=\"list\""),
        (
            "evil with the same wsu:Id",
            "xmlns:wsu=\"urn:wsu\" wsu:Id=\"list\"",
        ),
    ] {
        put(name, base.evil_with(id, &base.in_object(without)), Refuse);
    }
    put(
        "an identifier twice, not signed",
        base.with_object("<x Id=\"a\"/><x Id=\"a\"/>"),
        Refuse,
    );
    put(
        "the identifier of the signature on something else",
        base.with_object("<x Id=\"signature\"/>"),
        Refuse,
    );
    put(
        "two signatures",
        good.replace(
            END,
            &format!("{}{END}", signature.replace("Id=\"signature\"", "")),
        ),
        Refuse,
    );
    put(
        "the signature twice",
        good.replace(signature, &format!("{signature}{signature}")),
        Refuse,
    );
    put(
        "a signature in the signature",
        base.with_object("<ds:Signature/>"),
        Refuse,
    );
    put(
        "the signature deeper",
        good.replace(signature, &format!("<x>{signature}</x>")),
        Refuse,
    );
    put("no signature", good.replace(signature, ""), Refuse);
    // Text.
    put(
        "a comment in a value",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory>X<!-- Y -->X", 1),
        Take,
    );
    put(
        "a comment in a certificate",
        good.replacen("<X509Certificate>", "<X509Certificate><!-- -->", 1),
        Take,
    );
    put(
        "a comment in the signature value",
        good.replacen("<ds:SignatureValue>", "<ds:SignatureValue><!-- -->", 1),
        Take,
    );
    put(
        "a comment in SignedInfo",
        good.replacen("<ds:SignedInfo>", "<ds:SignedInfo><!-- x -->", 1),
        Take,
    );
    put(
        "a value as CDATA",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory><![CDATA[XX]]>", 1),
        Take,
    );
    put(
        "a value as references",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory>&#88;&#x58;", 1),
        Take,
    );
    put(
        "an instruction in a value",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory>X<?x y?>X", 1),
        Refuse,
    );
    put(
        "an element in a value",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory>X<x/>X", 1),
        Refuse,
    );
    put(
        "another value",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory>XY", 1),
        Refuse,
    );
    put(
        "white space in a value",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory> XX", 1),
        Refuse,
    );
    put(
        "a carriage return that is written out",
        good.replacen("<SchemeTerritory>XX", "<SchemeTerritory>XX&#13;", 1),
        Refuse,
    );
    put(
        "lines that end as on Windows",
        good.replace('\n', "\r\n"),
        Take,
    );
    put(
        "an instruction after the document",
        format!("{good}<?x y?>"),
        if whole { Refuse } else { Take },
    );
    put(
        "a comment after the document",
        format!("{good}<!-- x -->"),
        Take,
    );
    put("words after the document", format!("{good}x"), Refuse);
    put(
        "an element after the document",
        format!("{good}<x/>"),
        Refuse,
    );
    put(
        "attributes in other quotes",
        good.replacen("Id=\"list\"", "Id = 'list'", 1),
        Take,
    );
    put(
        "an empty element",
        good.replacen("<TSPServices>", "<TSPServices ></TSPServices>", 1)
            .replacen("</TSPServices></TSPServices>", "</TSPServices>", 1),
        Refuse,
    );
    // Definitions, inclusions, encodings.
    for (name, doctype) in [
        ("a document type", "<!DOCTYPE TrustServiceStatusList>"),
        ("an entity", "<!DOCTYPE x [<!ENTITY e \"XX\">]>"),
        (
            "an entity from a file",
            "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>",
        ),
        (
            "a definition from elsewhere",
            "<!DOCTYPE x SYSTEM \"http://x.sceau.example/x.dtd\">",
        ),
        (
            "a defined attribute",
            "<!DOCTYPE x [<!ATTLIST TSPService Id ID \"list\">]>",
        ),
    ] {
        let at = good.find("<TrustServiceStatusList").unwrap();
        let mut xml = good.clone();
        xml.insert_str(at, doctype);
        put(
            name,
            xml.replacen(
                ">XX<",
                if doctype.contains("ENTITY") {
                    ">&e;<"
                } else {
                    ">XX<"
                },
                1,
            ),
            Refuse,
        );
    }
    put("XInclude", base.with_object("<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\" parse=\"text\"/>"), Take);
    put(
        "xml:base above what is signed",
        good.replacen(
            " Id=\"list\"",
            " xml:base=\"http://x.sceau.example/\" Id=\"list\"",
            1,
        ),
        Refuse,
    );
    put(
        "xml:lang above what is signed",
        good.replacen(" Id=\"list\"", " xml:lang=\"fr\" Id=\"list\"", 1),
        Refuse,
    );
    put(
        "version 1.1",
        good.replacen("version=\"1.0\"", "version=\"1.1\"", 1),
        Refuse,
    );
    put(
        "another encoding than it says",
        good.replacen("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"", 1),
        Refuse,
    );
    put("no declaration", root_of(good), Take);
    put("a byte order mark", format!("\u{feff}{good}"), Take);
    put(
        "a byte order mark twice",
        format!("\u{feff}\u{feff}{good}"),
        Refuse,
    );
    put(
        "a character that XML has not",
        good.replacen(">XX<", ">XX\u{1}<", 1),
        Refuse,
    );
    put(
        "a character that XML has not, written out",
        good.replacen(">XX<", ">XX&#1;<", 1),
        Refuse,
    );
    // Namespaces.
    put(
        "a namespace that nobody uses",
        good.replacen(" Id=\"list\"", " xmlns:y=\"urn:y\" Id=\"list\"", 1),
        Take,
    );
    put(
        "a relative namespace",
        good.replacen(" Id=\"list\"", " xmlns:y=\"y/z\" Id=\"list\"", 1),
        Refuse,
    );
    put(
        "a prefix taken back",
        good.replacen("<TSPName>", "<TSPName xmlns:sie=\"\">", 1),
        Refuse,
    );
    put(
        "a prefix that nobody declared",
        good.replacen("<SchemeTerritory>", "<SchemeTerritory y:z=\"\">", 1),
        Refuse,
    );
    put(
        "the prefix xml for something else",
        good.replacen(" Id=\"list\"", " xmlns:xml=\"urn:y\" Id=\"list\"", 1),
        Refuse,
    );
    put(
        "another prefix for the signature",
        good.replace("ds:", "dt:").replace("xmlns:ds=", "xmlns:dt="),
        Refuse,
    );
    put(
        "one attribute by two prefixes",
        good.replacen(
            "<TSPName>",
            "<TSPName xmlns:a=\"urn:y\" xmlns:b=\"urn:y\" a:z=\"\" b:z=\"\">",
            1,
        ),
        Refuse,
    );
    put(
        "another namespace for a child",
        good.replacen("<TSPServices>", "<TSPServices xmlns=\"urn:y\">", 1),
        Refuse,
    );
    // Too much, where it is not signed.
    put(
        "101 elements in each other",
        base.with_object(&format!("{}{}", "<x>".repeat(101), "</x>".repeat(101))),
        Refuse,
    );
    let many: String = (0..150).fold(String::new(), |mut all, n| {
        let _ = write!(all, " a{n}=\"\"");
        all
    });
    put(
        "150 attributes",
        base.with_object(&format!("<x{many}/>")),
        Refuse,
    );
    let many: String = (0..80).fold(String::new(), |mut all, n| {
        let _ = write!(all, " xmlns:a{n}=\"urn:{n}\"");
        all
    });
    put(
        "80 namespaces",
        base.with_object(&format!("<x{many}/>")),
        Refuse,
    );
    // The signature.
    put(
        "something unsigned in the signature",
        base.with_object("<x>unsigned</x>"),
        Take,
    );
    put(
        "another Id of the signature",
        good.replacen("Id=\"signature\"", "Id=\"sign\"", 1),
        if signature.contains("Target=") {
            Refuse
        } else {
            Take
        },
    );
    put(
        "a reference to elsewhere",
        good.replacen(
            "<ds:Reference URI=\"",
            "<ds:Reference URI=\"http://x.sceau.example/",
            1,
        ),
        Refuse,
    );
    put(
        "a reference to nothing",
        good.replacen("<ds:Reference URI=", "<ds:Reference X=", 1),
        Refuse,
    );
    put(
        "a reference as an XPointer",
        good.replacen("URI=\"\"", "URI=\"#xpointer(/)\"", 1)
            .replacen("URI=\"#list\"", "URI=\"#xpointer(id('list'))\"", 1),
        Refuse,
    );
    for (name, transform) in [
        (
            "XPath",
            "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>true()</ds:XPath></ds:Transform>",
        ),
        (
            "XSLT",
            "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/>",
        ),
        (
            "base64 as a transform",
            "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#base64\"/>",
        ),
    ] {
        put(name, good.replacen(ENVELOPED, transform, 1), Refuse);
    }
    put("no transform", good.replacen(ENVELOPED, "", 1), Refuse);
    put(
        "the transform twice",
        good.replacen(ENVELOPED, &ENVELOPED.repeat(2), 1),
        Refuse,
    );
    put(
        "HMAC with the certificate for a key",
        good.replacen(
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            1,
        ),
        Refuse,
    );
    put("HMAC of no length", good.replacen("Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"/>", "Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256\"><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>", 1), Refuse);
    put(
        "SHA-1 for the digest",
        good.replacen(
            "http://www.w3.org/2001/04/xmlenc#sha256",
            "http://www.w3.org/2000/09/xmldsig#sha1",
            1,
        ),
        Refuse,
    );
    // The key.
    let own = between(good, "<ds:X509Certificate>", "</ds:X509Certificate>");
    let another = base.ca.base64();
    let keys = "</ds:X509Certificate>";
    put(
        "another certificate behind",
        good.replacen(
            keys,
            &format!("{keys}<ds:X509Certificate>{another}{keys}"),
            1,
        ),
        Take,
    );
    put(
        "another certificate in front",
        good.replacen(
            "<ds:X509Certificate>",
            &format!("<ds:X509Certificate>{another}{keys}<ds:X509Certificate>"),
            1,
        ),
        Refuse,
    );
    put(
        "another certificate instead",
        good.replacen(own, &another, 1),
        Refuse,
    );
    put("no certificate", good.replacen(own, "", 1), Refuse);
    put(
        "a certificate that is none",
        good.replacen(own, "AAAA", 1),
        Refuse,
    );
    put("a key beside the certificate", good.replacen("<ds:X509Data>", "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQ==</ds:Modulus><ds:Exponent>Aw==</ds:Exponent></ds:RSAKeyValue></ds:KeyValue><ds:X509Data>", 1), Take);
    put(
        "a key from elsewhere",
        good.replacen(
            "<ds:X509Data>",
            "<ds:RetrievalMethod URI=\"http://x.sceau.example/\"/><ds:X509Data>",
            1,
        ),
        Take,
    );
    put(
        "KeyInfo twice",
        good.replacen("</ds:KeyInfo>", "</ds:KeyInfo><ds:KeyInfo/>", 1),
        Refuse,
    );
    // The value: r and s side by side, 32 octets each.
    let value = base.value();
    let text = |octets: &[u8]| STANDARD.encode(octets);
    let mirrored = [&value[..32], &minus(&ORDER, &value[32..]).unwrap()].concat();
    put("n - s for s", base.with_value(&text(&mirrored)), Take);
    for (name, octets) in [
        ("the value in DER", der(&value)),
        (
            "zeros before r and s",
            [&[0][..], &value[..32], &[0], &value[32..]].concat(),
        ),
        ("an octet more", [&value[..], &[0]].concat()),
        ("an octet less", value[..63].to_vec()),
        ("no value", Vec::new()),
        ("zeros", vec![0; 64]),
        ("r is the order", [&ORDER[..], &value[32..]].concat()),
        ("s is the order", [&value[..32], &ORDER].concat()),
        ("s is nothing", [&value[..32], &[0; 32]].concat()),
        ("r and s exchanged", [&value[32..], &value[..32]].concat()),
        ("all ones", vec![0xff; 64]),
    ] {
        put(name, base.with_value(&text(&octets)), Refuse);
    }
    let encoded = text(&value);
    let spaced: String = encoded.chars().flat_map(|c| [c, ' ', '\n']).collect();
    put("base64 with white space", base.with_value(&spaced), Take);
    put(
        "base64 with a space that is none",
        base.with_value(&format!("\u{a0}{encoded}")),
        Refuse,
    );
    put(
        "base64 without its end",
        base.with_value(encoded.trim_end_matches('=')),
        Refuse,
    );
    put(
        "base64 with more after its end",
        base.with_value(&format!("{encoded}AAAA")),
        Refuse,
    );
    put(
        "base64 for URLs",
        base.with_value(&format!("{}--__", &encoded[4..])),
        Refuse,
    );
    put(
        "base64 with words between",
        base.with_value(&format!("{}!{}", &encoded[..8], &encoded[8..])),
        Refuse,
    );
    let last = encoded.trim_end_matches('=').len() - 1;
    let mut bits = encoded.clone().into_bytes();
    // Two octets in three characters: the last two bits are nobody's.
    bits[last] = if bits[last] == b'A' {
        b'B'
    } else {
        bits[last] + 1
    };
    put(
        "base64 with bits too many",
        base.with_value(&String::from_utf8(bits).unwrap()),
        Refuse,
    );
    let out2 = [
        ("UTF-16, big end first", utf16(good, u16::to_be_bytes)),
        ("UTF-16, little end first", utf16(good, u16::to_le_bytes)),
        (
            "octets that are no UTF-8",
            good.replacen(">XX<", ">X?<", 1)
                .into_bytes()
                .into_iter()
                .map(|b| if b == b'?' { 0xff } else { b })
                .collect(),
        ),
    ];
    out.extend(out2.map(|(name, octets)| (name, octets, Refuse)));
    out
}

/// What signxml says of all of them: what was signed, or nothing.
fn signxml(
    python: &std::path::Path,
    base: &Base,
    documents: &[Vec<u8>],
) -> Vec<Result<Vec<u8>, String>> {
    let judge = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/verify.py");
    let input: String = documents
        .iter()
        .map(|d| STANDARD.encode(d) + "\n")
        .collect();
    let answers = Call::new(python)
        .arg(judge)
        .arg(base.operator.pem())
        .input(input)
        .succeed()
        .unwrap()
        .out();
    let answers: Vec<_> = answers
        .lines()
        .map(|line| match line.strip_prefix("no ") {
            Some(why) => Err(why.to_owned()),
            None => Ok(STANDARD.decode(line).unwrap()),
        })
        .collect();
    assert_eq!(answers.len(), documents.len());
    answers
}

/// The rows of the table in docs/DIVERGENCES.md: who accepts what, and that the rows are those that there are.
fn compare(title: &str, happened: &BTreeMap<String, &'static str>) {
    let page = std::fs::read_to_string(project().join("docs/DIVERGENCES.md")).unwrap();
    let section = page.split("\n## ").find(|s| s.starts_with(title)).unwrap();
    let rows: BTreeMap<String, String> = section
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, name, who, _, _] = cells.as_slice() else {
                return None;
            };
            (!name.starts_with("---") && *name != "case")
                .then(|| ((*name).to_owned(), (*who).to_owned()))
        })
        .collect();
    let happened: BTreeMap<String, String> = happened
        .iter()
        .map(|(k, v)| (k.clone(), (*v).to_owned()))
        .collect();
    assert_eq!(happened, rows, "docs/DIVERGENCES.md, {title}");
}

fn python() -> Option<std::path::PathBuf> {
    let python = environment::python();
    if python.is_none() {
        skipped("no Python with signxml");
    }
    python.filter(|_| has("xmlsec1"))
}

#[test]
fn no_trick_that_has_a_name_is_taken_for_the_list_that_was_signed() {
    let Some(python) = python() else { return };
    let mut accepts: BTreeMap<String, &'static str> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (uri, properties) in [("", true), ("#list", false)] {
        let base = Base::new(uri, properties);
        let tricks = named(&base, uri.is_empty());
        let documents: Vec<Vec<u8>> = tricks.iter().map(|t| t.1.clone()).collect();
        let theirs = signxml(&python, &base, &documents);
        for ((name, document, must), signxml) in tricks.iter().zip(theirs) {
            let ours = base.ask(document);
            let xmlsec1 = trusted_list::verifies(document, &base.operator.pem()).unwrap();
            // What signxml says is signed is the good list, wherever it found it.
            let signxml = signxml
                .is_ok_and(|signed| TrustedList::parse(&signed).ok().as_ref() == Some(&base.good));
            match (&ours, must) {
                (Ok(list), Must::Take) if *list == base.good => {}
                (Err(_), Must::Refuse) => {}
                (ours, must) => {
                    let ours = ours
                        .as_ref()
                        .map(|_| "another list")
                        .map_err(ToString::to_string);
                    wrong.push(format!("{name} ({uri:?}): {must:?}, and here {ours:?}"));
                }
            }
            if ours.is_ok() && !xmlsec1 {
                wrong.push(format!("{name} ({uri:?}): xmlsec1 refuses it"));
            }
            let who = match (ours.is_ok(), xmlsec1, signxml) {
                (false, true, true) => "xmlsec1, signxml",
                (false, true, false) => "xmlsec1",
                (false, false, true) => "signxml",
                (true, _, false) => "Sceau, xmlsec1",
                _ => continue,
            };
            // Those that differ with what the signature is over say so.
            let known = accepts.entry((*name).to_owned()).or_insert(who);
            if known.len() < who.len() {
                *known = who;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    compare("xmlsec1 and signxml, signed lists", &accepts);
}

/// xorshift: the same variations in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// Changes a document somewhere: in a way that means the same, or not.
fn change(dice: &mut Dice, document: &mut Vec<u8>) {
    const INSERTED: [&str; 14] = [
        " ",
        "\n",
        "<!-- -->",
        "<!-- x -->",
        "<?x?>",
        "<![CDATA[]]>",
        "<x/>",
        "&amp;",
        "&#88;",
        "\u{feff}",
        "=",
        "'",
        "xmlns:q=\"urn:q\" ",
        "Id=\"list\" ",
    ];
    if document.is_empty() {
        return;
    }
    // Most of the marks of XML, which is where parsers differ.
    let marks: Vec<usize> = (0..document.len())
        .filter(|at| matches!(document[*at], b'<' | b'>' | b'=' | b'"' | b'/'))
        .collect();
    let place = if dice.roll(2) == 0 && !marks.is_empty() {
        (marks[dice.roll(marks.len())] + dice.roll(2)).min(document.len() - 1)
    } else {
        dice.roll(document.len())
    };
    let end = (place + 1 + dice.roll(40)).min(document.len());
    match dice.roll(8) {
        0 => document[place] ^= 1 << dice.roll(8),
        1 => drop(document.remove(place)),
        2..=4 => {
            let some = if dice.roll(2) == 0 { 4 } else { INSERTED.len() };
            let text = INSERTED[dice.roll(some)];
            drop(document.splice(place..place, text.bytes()));
        }
        5 => drop(document.drain(place..end)),
        6 => {
            let copied = document[place..end].to_vec();
            let to = dice.roll(document.len());
            drop(document.splice(to..to, copied));
        }
        _ => {
            let other = dice.roll(document.len());
            document.swap(place, other);
        }
    }
}

#[test]
fn whatever_is_accepted_after_thousands_of_changes_is_what_signxml_says_was_signed() {
    let Some(python) = python() else { return };
    let mut dice = Dice(0x5ceb_a11a_d5ea_1ed5);
    let rounds = 900 * std::env::var("SCEAU_DIFFERENTIAL").map_or(1, |n| n.parse().unwrap_or(1));
    let (mut accepted, mut refused) = (0, 0);
    for (uri, properties) in [("", true), ("#list", false)] {
        let base = Base::new(uri, properties);
        let documents: Vec<Vec<u8>> = (0..rounds)
            .map(|_| {
                let mut document = base.whole.clone().into_bytes();
                for _ in 0..1 + dice.roll(3) {
                    change(&mut dice, &mut document);
                }
                document
            })
            .collect();
        let theirs = signxml(&python, &base, &documents);
        for (document, theirs) in documents.iter().zip(theirs) {
            let shown = || String::from_utf8_lossy(document).into_owned();
            let Ok(list) = base.ask(document) else {
                refused += 1;
                continue;
            };
            accepted += 1;
            assert_eq!(list, base.good, "{}", shown());
            match theirs {
                Ok(signed) => {
                    assert_eq!(
                        TrustedList::parse(&signed).unwrap(),
                        base.good,
                        "{}",
                        shown()
                    );
                }
                // A namespace that nobody uses, whose name is a URI by its characters alone.
                Err(why) if why.contains("is not a valid URI") => {}
                Err(why) => assert!(
                    trusted_list::verifies(document, &base.operator.pem()).unwrap(),
                    "xmlsec1 refuses it, and signxml: {why}\n{}",
                    shown()
                ),
            }
        }
    }
    assert!(
        accepted > 20 && refused > 500,
        "{accepted} accepted, {refused} refused"
    );
}

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

/// What the signer himself may choose: canonicalizations, with inherited attributes and prefixes that are named.
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

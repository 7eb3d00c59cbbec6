//! Containers and lists: ZIP that unpacks for ever, XML that grows while it is read.

use super::make::{Member, name, signed_data, signer, zip};

pub(crate) fn containers() -> Vec<(&'static str, Vec<u8>)> {
    let signature = || {
        Member::new(
            "META-INF/signature1.p7s",
            &signed_data(&[], &[], &signer(&name(b"Nobody"), 1, &[], &[])),
        )
    };
    let kind = || Member::new("mimetype", b"application/vnd.etsi.asic-e+zip");
    let manifest = |xml: String| {
        zip(
            &[
                kind(),
                Member::new("a.txt", b"a"),
                Member::new("META-INF/ASiCManifest1.xml", xml.as_bytes()),
                signature(),
            ],
            1,
        )
    };
    let head = "<ASiCManifest xmlns=\"http://uri.etsi.org/02918/v1.2.1#\"><SigReference URI=\"META-INF/signature1.p7s\"/>";
    let reference = "<DataObjectReference URI=\"a.txt\"><DigestMethod xmlns=\"http://www.w3.org/2000/09/xmldsig#\" Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><DigestValue xmlns=\"http://www.w3.org/2000/09/xmldsig#\">AAAA</DigestValue></DataObjectReference>";
    vec![
        (
            "a file of two gigabytes in a container of two megabytes",
            zip(
                &[
                    kind(),
                    Member::repeated("a.txt", &[0; 1 << 20], 2_000),
                    signature(),
                ],
                1,
            ),
        ),
        (
            "a signature of a gigabyte in a container",
            zip(
                &[
                    kind(),
                    Member::new("a.txt", b"a"),
                    Member::repeated("META-INF/signature1.p7s", &[0x30; 1 << 20], 1_000),
                ],
                1,
            ),
        ),
        (
            "a manifest of a gigabyte in a container",
            zip(
                &[
                    kind(),
                    Member::repeated("META-INF/ASiCManifest1.xml", &[b' '; 1 << 20], 1_000),
                    signature(),
                ],
                1,
            ),
        ),
        (
            "five hundred signatures of half a megabyte in a container",
            zip(
                &[
                    vec![kind()],
                    (0..500)
                        .map(|i| {
                            Member::repeated(
                                &format!("META-INF/signature{i}.p7s"),
                                &[0x30; 1 << 19],
                                1,
                            )
                        })
                        .collect(),
                ]
                .concat_members(),
                1,
            ),
        ),
        (
            "one member named sixty thousand times",
            zip(&[kind(), signature()], 30_000),
        ),
        (
            "a manifest with entities in entities",
            manifest(laughs(head, "</ASiCManifest>")),
        ),
        (
            "a manifest with a hundred thousand references",
            manifest(format!(
                "{head}{}</ASiCManifest>",
                reference.repeat(100_000)
            )),
        ),
        (
            "a manifest a million elements deep",
            manifest(format!("{head}{}", "<a>".repeat(1_000_000))),
        ),
        (
            "a manifest with a million attributes",
            manifest(format!(
                "{head}<a {}/></ASiCManifest>",
                attributes(1_000_000)
            )),
        ),
    ]
}

pub(crate) fn lists() -> Vec<(&'static str, Vec<u8>)> {
    let head = "<TrustServiceStatusList xmlns=\"http://uri.etsi.org/02231/v2#\">";
    let tail = "</TrustServiceStatusList>";
    let name_spaces: String = (0..50_000)
        .map(|i| format!(" xmlns:n{i}=\"urn:{i}\""))
        .collect();
    let service = "<TSPService><ServiceInformation><ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/CA/QC</ServiceTypeIdentifier></ServiceInformation></TSPService>";
    [
        ("a list with entities in entities", laughs(head, tail)),
        ("a list a million elements deep", format!("{head}{}", "<a>".repeat(1_000_000))),
        ("a list with a million attributes", format!("{head}<a {}/>{tail}", attributes(1_000_000))),
        ("a list with fifty thousand namespaces and elements", format!("{head}<a{name_spaces}>{}</a>{tail}", "<b/>".repeat(50_000))),
        ("a list of a million elements", format!("{head}{}{tail}", "<a/>".repeat(1_000_000))),
        ("a list of a hundred thousand services", format!("{head}<TrustServiceProviderList><TrustServiceProvider><TSPServices>{}</TSPServices></TrustServiceProvider></TrustServiceProviderList>{tail}", service.repeat(100_000))),
        ("a list with a text of thirty megabytes", format!("{head}<a>{}</a>{tail}", "x".repeat(30_000_000))),
        ("a list of thirty megabytes of ampersands", format!("{head}<a>{}</a>{tail}", "&amp;".repeat(6_000_000))),
        ("a list with a thousand signatures", format!("{head}{}{tail}", "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignedInfo/></Signature>".repeat(1_000))),
    ]
    .map(|(what, xml)| (what, xml.into_bytes()))
    .to_vec()
}

/// Each entity is ten of the one before.
fn laughs(head: &str, tail: &str) -> String {
    let mut declared = "<!ENTITY a0 \"ha\">".to_owned();
    for i in 1..30 {
        declared.push_str(&format!(
            "<!ENTITY a{i} \"{}\">",
            format!("&a{};", i - 1).repeat(10)
        ));
    }
    format!("<?xml version=\"1.0\"?><!DOCTYPE x [{declared}]>{head}&a29;{tail}")
}

fn attributes(count: usize) -> String {
    (0..count).map(|i| format!("a{i}=\"\" ")).collect()
}

trait Members {
    fn concat_members(self) -> Vec<Member>;
}

impl Members for [Vec<Member>; 2] {
    fn concat_members(self) -> Vec<Member> {
        self.into_iter().flatten().collect()
    }
}

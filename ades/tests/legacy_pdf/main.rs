//! PDF signatures of before PAdES, assembled with openssl: adbe.pkcs7.detached, adbe.pkcs7.sha1 and
//! adbe.x509.rsa_sha1 (ISO 32000-1, 12.8.3), before Sceau, pdfsig, PDFBox with BouncyCastle, and pyHanko.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

#[path = "../common/mod.rs"]
mod common;
mod judges;

use ades::validate::{Coverage, Facts, Indication, Level, SignatureFormat, SubIndication, Verdict};
use common::openssl::Openssl;
use pki_asn1::write;

/// Hexadecimal digits kept free for /Contents.
const ROOM: usize = 8_000;
/// The place of the four numbers of /ByteRange.
const RANGE: &str = "0000000000 0000000000 0000000000 0000000000";

/// A PDF with one signature of this form, and the octets that it signs.
fn unsigned(sub_filter: &str, entries: &str) -> (Vec<u8>, std::ops::Range<usize>) {
    let contents = "0".repeat(ROOM);
    let signature = format!(
        "<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /{sub_filter} {entries} /M (D:20260101120000Z) /ByteRange [{RANGE}] /Contents <{contents}>>>"
    );
    let mut bytes = common::pdf::pdf(&[
        "<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R] /SigFlags 3>>>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>",
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> /Annots [4 0 R]>>",
        "<</T (Old) /FT /Sig /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /P 3 0 R /V 5 0 R>>",
        &signature,
    ]);
    let start = find(&bytes, format!("<{contents}>").as_bytes());
    let end = start + ROOM + 2;
    let range = format!(
        "{:010} {:010} {:010} {:010}",
        0,
        start,
        end,
        bytes.len() - end
    );
    let at = find(&bytes, RANGE.as_bytes());
    bytes[at..at + RANGE.len()].copy_from_slice(range.as_bytes());
    (bytes, start..end)
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|w| w == what).unwrap()
}

/// What is signed: all but /Contents.
fn signed_part(pdf: &[u8], gap: &std::ops::Range<usize>) -> Vec<u8> {
    [&pdf[..gap.start], &pdf[gap.end..]].concat()
}

fn fill(pdf: &mut [u8], gap: &std::ops::Range<usize>, value: &[u8]) {
    let digits = hex::encode(value);
    pdf[gap.start + 1..][..digits.len()].copy_from_slice(digits.as_bytes());
}

fn sha1_of(openssl: &Openssl, part: &[u8]) -> Vec<u8> {
    openssl.write("part", part);
    openssl.run("dgst -sha1 -binary -out digest part");
    openssl.read("digest")
}

fn detached(openssl: &Openssl) -> Vec<u8> {
    let (mut pdf, gap) = unsigned("adbe.pkcs7.detached", "");
    openssl.write("part", &signed_part(&pdf, &gap));
    openssl.run("cms -sign -binary -in part -signer rsa.pem -inkey rsa.key -outform DER -out cms");
    fill(&mut pdf, &gap, &openssl.read("cms"));
    pdf
}

/// The document's SHA-1 as the content of a CMS signature with another digest.
fn sha1_inside(openssl: &Openssl, md: &str) -> Vec<u8> {
    let (mut pdf, gap) = unsigned("adbe.pkcs7.sha1", "");
    sha1_of(openssl, &signed_part(&pdf, &gap));
    openssl.run(&format!(
        "cms -sign -binary -nodetach -md {md} -in digest -signer rsa.pem -inkey rsa.key -outform DER -out cms"
    ));
    fill(&mut pdf, &gap, &openssl.read("cms"));
    pdf
}

fn bare(openssl: &Openssl, digest: &str, cert: &str) -> Vec<u8> {
    let (mut pdf, gap) = unsigned("adbe.x509.rsa_sha1", cert);
    openssl.write("part", &signed_part(&pdf, &gap));
    openssl.run(&format!("dgst -{digest} -sign rsa.key -out value part"));
    let value = openssl.read("value");
    // openssl calls the same value good.
    openssl.run("x509 -in rsa.pem -pubkey -noout -out public");
    openssl.run(&format!(
        "dgst -{digest} -verify public -signature value part"
    ));
    fill(&mut pdf, &gap, &write::tlv(0x04, &[&value]));
    pdf
}

fn cert(openssl: &Openssl) -> String {
    format!("/Cert <{}>", hex::encode(openssl.der("rsa.pem")))
}

fn world() -> Openssl {
    let openssl = Openssl::new();
    openssl.signer("rsa", "RSA -pkeyopt rsa_keygen_bits:3072");
    openssl
}

fn judge(openssl: &Openssl, pdf: &[u8]) -> (Facts, Verdict) {
    openssl.judge(pdf, None).unwrap()
}

#[test]
fn what_signers_wrote_before_pades_is_computed_and_judged() {
    let openssl = world();
    let array = format!(
        "/Cert [<{}> <{}>]",
        hex::encode(openssl.der("rsa.pem")),
        hex::encode(openssl.der("ca.pem"))
    );
    let cases = [
        (detached(&openssl), SignatureFormat::Cms, None),
        (
            sha1_inside(&openssl, "sha1"),
            SignatureFormat::Cms,
            Some("SHA-1"),
        ),
        // The digest of the CMS does not make that of the document stronger.
        (
            sha1_inside(&openssl, "sha256"),
            SignatureFormat::Cms,
            Some("SHA-1"),
        ),
        (
            bare(&openssl, "sha1", &cert(&openssl)),
            SignatureFormat::Pkcs1,
            Some("SHA-1"),
        ),
        (
            bare(&openssl, "sha256", &cert(&openssl)),
            SignatureFormat::Pkcs1,
            None,
        ),
        (
            bare(&openssl, "sha512", &array),
            SignatureFormat::Pkcs1,
            None,
        ),
    ];
    for (at, (pdf, format, weak)) in cases.into_iter().enumerate() {
        let (facts, verdict) = judge(&openssl, &pdf);
        let (one, judged) = (&facts.signatures[0], &verdict.signatures[0]);
        assert_eq!(one.format, format, "{at}");
        assert!(judged.intact, "{at}: {:?}", judged.errors);
        assert_eq!(judged.level, Level::None, "{at}");
        assert_eq!(one.pdf.as_ref().unwrap().coverage, Coverage::WholeFile);
        match weak {
            None => assert_eq!(
                judged.indication,
                Indication::TotalPassed,
                "{at}: {:?}",
                judged.errors
            ),
            Some(weak) => {
                let expected = (
                    Indication::Indeterminate,
                    Some(SubIndication::CryptoConstraintsFailureNoPoe),
                );
                assert_eq!((judged.indication, judged.sub_indication), expected, "{at}");
                assert!(
                    judged.errors[0].message.to_string().contains(weak),
                    "{:?}",
                    judged.errors
                );
            }
        }
    }
}

/// What each judge says of a signature that is as it was made: pdfsig, PDFBox with BouncyCastle, pyHanko. The
/// differences stand in `docs/DIVERGENCES.md`.
#[test]
fn other_programs_find_another_signature_intact_than_sceau() {
    use judges::Said::{Intact, NotComputed, NotIntact};
    let openssl = world();
    let cases = [
        (detached(&openssl), [Intact, Intact, Intact]),
        (sha1_inside(&openssl, "sha1"), [Intact, Intact, NotComputed]),
        // ISO 32000-1, 12.8.3.3.1: the content is a SHA-1, whatever digest the CMS names.
        (
            sha1_inside(&openssl, "sha256"),
            [NotIntact, Intact, NotComputed],
        ),
        (
            bare(&openssl, "sha1", &cert(&openssl)),
            [NotComputed, Intact, NotComputed],
        ),
        (
            bare(&openssl, "sha256", &cert(&openssl)),
            [NotComputed, Intact, NotComputed],
        ),
    ];
    let mut files = Vec::new();
    let mut expected = Vec::new();
    for (pdf, said) in cases {
        let mut changed = pdf.clone();
        let at = find(&pdf, b"/MediaBox [0 0 300") + b"/MediaBox [0 0 30".len();
        changed[at] = b'1';
        let (_, verdict) = judge(&openssl, &pdf);
        assert!(verdict.signatures[0].intact);
        let (_, verdict) = judge(&openssl, &changed);
        assert!(!verdict.signatures[0].intact);
        expected.push(said);
        expected.push(said.map(|said| match said {
            NotComputed => NotComputed,
            Intact | NotIntact => NotIntact,
        }));
        files.extend([pdf, changed]);
    }
    for (judge, said) in judges::all(&openssl, &files).into_iter().enumerate() {
        let Some(said) = said else { continue };
        let wanted: Vec<_> = expected.iter().map(|all| all[judge]).collect();
        assert_eq!(said, wanted, "judge {judge}");
    }
}

#[test]
fn a_changed_octet_of_the_document_fails_in_each_form() {
    let openssl = world();
    for pdf in [
        detached(&openssl),
        sha1_inside(&openssl, "sha256"),
        bare(&openssl, "sha256", &cert(&openssl)),
    ] {
        let mut changed = pdf.clone();
        let at = find(&pdf, b"/MediaBox [0 0 300");
        changed[at + b"/MediaBox [0 0 30".len()] = b'1';
        let (_, verdict) = judge(&openssl, &changed);
        let one = &verdict.signatures[0];
        assert_eq!(one.indication, Indication::TotalFailed);
        assert!(!one.intact);
        assert!(matches!(
            one.sub_indication,
            Some(SubIndication::HashFailure | SubIndication::SigCryptoFailure)
        ));
    }
}

#[test]
fn odd_values_and_certificates_are_named() {
    let openssl = world();
    // No certificate, one that is none, one of somebody else, one that comes second.
    let rsa = hex::encode(openssl.der("rsa.pem"));
    let ca = hex::encode(openssl.der("ca.pem"));
    for (entry, sub) in [
        (String::new(), SubIndication::FormatFailure),
        ("/Cert <3000>".into(), SubIndication::FormatFailure),
        ("/Cert []".into(), SubIndication::FormatFailure),
        (
            format!("/Cert [<3000> <{rsa}>]"),
            SubIndication::FormatFailure,
        ),
        (format!("/Cert <{ca}>"), SubIndication::SigCryptoFailure),
        (
            format!("/Cert [<{ca}> <{rsa}>]"),
            SubIndication::SigCryptoFailure,
        ),
    ] {
        let pdf = bare(&openssl, "sha256", &entry);
        let (_, verdict) = judge(&openssl, &pdf);
        assert_eq!(
            verdict.signatures[0].sub_indication,
            Some(sub),
            "{entry:.40}"
        );
        assert_eq!(verdict.indication, Some(Indication::TotalFailed));
    }
    // Something behind the value; a CMS where a value should be, and the other way round.
    let (mut pdf, gap) = unsigned("adbe.x509.rsa_sha1", &cert(&openssl));
    openssl.write("part", &signed_part(&pdf, &gap));
    openssl.run("dgst -sha256 -sign rsa.key -out value part");
    let mut value = write::tlv(0x04, &[&openssl.read("value")]);
    value.extend(b"\0\0hidden");
    fill(&mut pdf, &gap, &value);
    let (_, verdict) = judge(&openssl, &pdf);
    assert_eq!(verdict.indication, Some(Indication::TotalFailed));
    let replaced = |pdf: Vec<u8>, from: &str, to: &str| {
        let at = find(&pdf, from.as_bytes());
        let mut pdf = pdf;
        pdf.splice(
            at..at + from.len(),
            format!("{to:<width$}", width = from.len()).bytes(),
        );
        pdf
    };
    for pdf in [
        replaced(
            detached(&openssl),
            "adbe.pkcs7.detached",
            "adbe.x509.rsa_sha1",
        ),
        replaced(detached(&openssl), "adbe.pkcs7.detached", "adbe.pkcs7.sha1"),
    ] {
        let (_, verdict) = judge(&openssl, &pdf);
        assert_eq!(verdict.indication, Some(Indication::TotalFailed));
        assert!(!verdict.signatures[0].intact);
    }
}

//! Time-stamps by themselves, made and judged by openssl: responses, tokens, and data with its
//! time-stamps (RFC 3161, RFC 5544).
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use ades::validate::{
    FileFormat, GatherError, Indication, Material, SignatureFormat, SignatureKind, SubIndication,
    Warning,
};
use common::openssl::{Openssl, judge};
use pki_asn1::{Certificate, UnixTime, write};
use pki_path::TrustAnchor;

const CONTENT: &[u8] = b"what existed then\n";
const CONFIG: &str = "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\ncrypto_device=builtin\nsigner_digest=sha256\ndefault_policy=1.3.6.1.4.1.32473.1.7\ndigests=sha1,sha256,sha384,sha512\nordering=no\ness_cert_id_alg=sha256\n";

fn world() -> Openssl {
    let openssl = Openssl::new();
    openssl.unit("tsu");
    openssl.write("tsa.cnf", CONFIG.as_bytes());
    openssl.write("serial", b"01\n");
    openssl.write("content", CONTENT);
    openssl
}

/// Response and token over `file`.
fn stamp(openssl: &Openssl, file: &str, digest: &str, options: &str) -> (Vec<u8>, Vec<u8>) {
    openssl.run(
        &format!("ts -query -data {file} -{digest} {options} -out query.tsq").replace("  ", " "),
    );
    let reply = "ts -reply -config tsa.cnf -queryfile query.tsq -signer tsu.pem -inkey tsu.key";
    openssl.run(&format!("{reply} -out out.tsr"));
    openssl.run(&format!("{reply} -token_out -out out.tst"));
    (openssl.read("out.tsr"), openssl.read("out.tst"))
}

/// What openssl says of it.
fn openssl_accepts(openssl: &Openssl, bytes: &[u8], token: bool, content: &[u8]) -> bool {
    openssl.write("judged", bytes);
    openssl.write("judged-content", content);
    let token = if token { " -token_in" } else { "" };
    let line = format!(
        "ts -verify -in judged{token} -data judged-content -CAfile ca.pem -untrusted tsu.pem"
    );
    openssl.try_run(&line).status.success()
}

#[test]
fn responses_and_tokens_pass_with_what_they_stamp_and_with_nothing_else() {
    let openssl = world();
    for digest in ["sha256", "sha384", "sha512"] {
        let (response, token) = stamp(&openssl, "content", digest, "-cert");
        for (bytes, is_token) in [(&response, false), (&token, true)] {
            let (facts, verdict) = openssl.judge(bytes, Some(CONTENT)).unwrap();
            assert_eq!(facts.format, FileFormat::TimeStamp);
            let one = &facts.signatures[0];
            assert_eq!(one.kind, SignatureKind::DocumentTimestamp);
            assert_eq!(one.format, SignatureFormat::TimeStamp);
            let judged = &verdict.signatures[0];
            assert_eq!(
                judged.indication,
                Indication::TotalPassed,
                "{:?}",
                judged.errors
            );
            assert!(judged.intact);
            assert_eq!(judged.best_signature_time, Some(one.timestamps[0].gen_time));
            assert!(openssl_accepts(&openssl, bytes, is_token, CONTENT));

            let (_, verdict) = openssl.judge(bytes, Some(b"something else")).unwrap();
            let judged = &verdict.signatures[0];
            assert_eq!(judged.sub_indication, Some(SubIndication::HashFailure));
            assert_eq!(judged.indication, Indication::TotalFailed);
            assert!(!openssl_accepts(
                &openssl,
                bytes,
                is_token,
                b"something else"
            ));

            let (_, verdict) = openssl.judge(bytes, None).unwrap();
            let judged = &verdict.signatures[0];
            assert_eq!(
                judged.sub_indication,
                Some(SubIndication::SignedDataNotFound)
            );
            assert_eq!(judged.indication, Indication::Indeterminate);
        }
    }
}

#[test]
fn tokens_without_certificate_ask_for_it_and_weak_imprints_are_judged() {
    let openssl = world();
    let (response, _) = stamp(&openssl, "content", "sha256", "");
    let (_, verdict) = openssl.judge(&response, Some(CONTENT)).unwrap();
    assert_eq!(
        verdict.signatures[0].sub_indication,
        Some(SubIndication::NoSigningCertificateFound)
    );
    let mut material = openssl.material();
    material.pool.add(openssl.certificate("tsu.pem"));
    let now = pki_asn1::Clock::now(&pki_asn1::SystemClock);
    let (_, verdict) = judge(&response, Some(CONTENT), material, now).unwrap();
    assert_eq!(verdict.indication, Some(Indication::TotalPassed));

    let (response, _) = stamp(&openssl, "content", "sha1", "-cert");
    let (_, verdict) = openssl.judge(&response, Some(CONTENT)).unwrap();
    assert_eq!(
        verdict.signatures[0].sub_indication,
        Some(SubIndication::CryptoConstraintsFailure)
    );
}

#[test]
fn no_changed_octet_of_a_token_makes_it_stamp_something_else() {
    let openssl = world();
    let (response, token) = stamp(&openssl, "content", "sha256", "-cert");
    for bytes in [&response, &token] {
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x04;
            let Ok((facts, verdict)) = openssl.judge(&changed, Some(CONTENT)) else {
                continue;
            };
            if verdict.indication == Some(Indication::TotalPassed) {
                // What nobody signs: versions, the status, certificates that are not needed.
                let (original, _) = openssl.judge(bytes, Some(CONTENT)).unwrap();
                let essence = |facts: &ades::validate::Facts| {
                    let t = &facts.signatures[0].timestamps[0];
                    (
                        t.gen_time,
                        t.serial.clone(),
                        t.policy,
                        t.signer.signed.value.clone(),
                    )
                };
                assert_eq!(essence(&facts), essence(&original), "octet {at}");
            }
        }
    }
}

#[test]
fn a_response_without_time_stamp_tells_why() {
    let openssl = world();
    openssl.run("ts -query -data content -md5 -cert -out query.tsq");
    openssl.run("ts -reply -config tsa.cnf -queryfile query.tsq -signer tsu.pem -inkey tsu.key -out out.tsr");
    let error = openssl
        .judge(&openssl.read("out.tsr"), Some(CONTENT))
        .unwrap_err();
    assert!(
        matches!(&error, GatherError::Refused(why) if why.contains("badAlg")),
        "{error}"
    );
    // What follows a response, and a response cut short.
    let (response, _) = stamp(&openssl, "content", "sha256", "-cert");
    let (_, verdict) = openssl
        .judge(&[&response[..], b"more"].concat(), Some(CONTENT))
        .unwrap();
    assert_eq!(verdict.indication, Some(Indication::TotalFailed));
    assert!(
        openssl
            .judge(&response[..response.len() - 1], Some(CONTENT))
            .is_err()
    );
}

/// `TimeStampedData` over content and, where `protected`, its MetaData.
struct Data<'a> {
    content: Option<&'a [u8]>,
    meta: Option<Vec<u8>>,
    tokens: Vec<Vec<u8>>,
}

impl Data<'_> {
    fn der(&self) -> Vec<u8> {
        let content = self.content.map(|c| write::tlv(write::OCTET_STRING, &[c]));
        let stamps: Vec<Vec<u8>> = self.tokens.iter().map(|t| and_crl(t)).collect();
        let stamps: Vec<&[u8]> = stamps.iter().map(Vec::as_slice).collect();
        let data = write::tlv(
            write::SEQUENCE,
            &[
                &[2, 1, 1],
                self.meta.as_deref().unwrap_or_default(),
                content.as_deref().unwrap_or_default(),
                &write::tlv(write::context(0), &stamps),
            ],
        );
        let oid = [
            0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x1f,
        ];
        write::tlv(
            write::SEQUENCE,
            &[&oid, &write::tlv(write::context(0), &[&data])],
        )
    }
}

fn and_crl(token: &[u8]) -> Vec<u8> {
    write::tlv(write::SEQUENCE, &[token])
}

fn meta(protected: u8) -> Vec<u8> {
    write::tlv(
        write::SEQUENCE,
        &[&[1, 1, protected], &write::tlv(0x0c, &[b"deed.txt"])],
    )
}

#[test]
fn data_with_its_time_stamps_passes_as_a_chain_of_them() {
    let openssl = world();
    let (_, plain) = stamp(&openssl, "content", "sha256", "-cert");
    let protected = meta(0xff);
    openssl.write("with-meta", &[&protected, CONTENT].concat());
    let (_, over_meta) = stamp(&openssl, "with-meta", "sha256", "-cert");
    openssl.write("first", &and_crl(&plain));
    let (_, renewal) = stamp(&openssl, "first", "sha512", "-cert");
    let data = |content, meta, tokens: &[&Vec<u8>]| {
        let tokens = tokens.iter().map(|t| t.to_vec()).collect();
        Data {
            content,
            meta,
            tokens,
        }
        .der()
    };
    let inside = Some(CONTENT);
    for (bytes, given, count, passes) in [
        (data(inside, None, &[&plain]), None, 1, true),
        (data(inside, None, &[&plain]), inside, 1, true),
        (data(None, None, &[&plain]), inside, 1, true),
        (data(None, None, &[&plain]), None, 1, false),
        (data(inside, Some(meta(0)), &[&plain]), None, 1, true),
        (
            data(inside, Some(protected.clone()), &[&over_meta]),
            None,
            1,
            true,
        ),
        // Somebody else's name beside the data.
        (
            data(inside, Some(protected.clone()), &[&plain]),
            None,
            1,
            false,
        ),
        (data(inside, Some(meta(0)), &[&over_meta]), None, 1, false),
        (data(inside, None, &[&plain, &renewal]), None, 2, true),
        // The renewal is over another token.
        (data(inside, None, &[&over_meta, &renewal]), None, 2, false),
        (data(inside, None, &[&renewal, &plain]), None, 2, false),
        (
            data(Some(b"something else"), None, &[&plain]),
            None,
            1,
            false,
        ),
    ] {
        let (facts, verdict) = openssl.judge(&bytes, given).unwrap();
        assert_eq!(facts.signatures.len(), count);
        let expected = verdict.indication == Some(Indication::TotalPassed);
        assert_eq!(expected, passes, "{:?}", verdict.signatures[0].errors);
    }
    let both = openssl.judge(&data(inside, None, &[&plain]), Some(b"something else"));
    assert!(matches!(both, Err(GatherError::OtherContent)));
    // No time-stamp, or another kind of evidence.
    assert!(openssl.judge(&data(inside, None, &[]), None).is_err());
    for (tag, expected) in [(0xa1, "evidence record"), (0xa2, "PDF"), (0xa3, "PDF")] {
        let mut other = data(inside, None, &[&plain]);
        let at = other
            .windows(CONTENT.len())
            .position(|w| w == CONTENT)
            .unwrap()
            + CONTENT.len();
        assert_eq!(other[at], 0xa0);
        other[at] = tag;
        let error = openssl.judge(&other, None).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

/// An evidence record (RFC 4998) of one archive time-stamp over the data alone.
fn record(token: &[u8]) -> Vec<u8> {
    const SHA256: &[u8] = &[0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let chain = write::tlv(write::SEQUENCE, &[&write::tlv(write::SEQUENCE, &[token])]);
    [
        &[2, 1, 1][..],
        &write::tlv(write::SEQUENCE, &[SHA256]),
        &write::tlv(write::SEQUENCE, &[&chain]),
    ]
    .concat()
}

/// RFC 5544 section 2.3: `ersEvidence [1] EvidenceRecord`, its tag implicit.
#[test]
fn data_with_an_evidence_record_passes_with_the_data_it_is_over_and_with_nothing_else() {
    let openssl = world();
    let (_, plain) = stamp(&openssl, "content", "sha256", "-cert");
    let protected = meta(0xff);
    openssl.write("with-meta", &[&protected, CONTENT].concat());
    let (_, over_meta) = stamp(&openssl, "with-meta", "sha256", "-cert");
    let data = |content: Option<&[u8]>, meta: Option<&[u8]>, evidence: Vec<u8>| {
        let content = content.map(|c| write::tlv(write::OCTET_STRING, &[c]));
        let fields = [
            &[2, 1, 1],
            meta.unwrap_or_default(),
            content.as_deref().unwrap_or_default(),
            &evidence,
        ];
        let data = write::tlv(write::SEQUENCE, &fields);
        let oid = [
            0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x1f,
        ];
        let explicit = write::tlv(write::context(0), &[&data]);
        write::tlv(write::SEQUENCE, &[&oid, &explicit])
    };
    let implicit = |token: &[u8]| write::tlv(write::context(1), &[&record(token)]);
    let explicit = |token: &[u8]| {
        let whole = write::tlv(write::SEQUENCE, &[&record(token)]);
        write::tlv(write::context(1), &[&whole])
    };
    let inside = Some(CONTENT);
    let changed = Some(&b"something else"[..]);
    let unprotected = meta(0);
    let cases = [
        (data(inside, None, implicit(&plain)), None, Ok(())),
        (data(inside, None, explicit(&plain)), None, Ok(())),
        (data(inside, None, implicit(&plain)), inside, Ok(())),
        (data(None, None, implicit(&plain)), inside, Ok(())),
        (
            data(inside, Some(&protected), implicit(&over_meta)),
            None,
            Ok(()),
        ),
        (
            data(inside, Some(&unprotected), implicit(&plain)),
            None,
            Ok(()),
        ),
        (
            data(None, None, implicit(&plain)),
            None,
            Err(SubIndication::SignedDataNotFound),
        ),
        (
            data(changed, None, implicit(&plain)),
            None,
            Err(SubIndication::HashFailure),
        ),
        (
            data(None, None, implicit(&plain)),
            changed,
            Err(SubIndication::HashFailure),
        ),
        // Somebody else's name beside the data.
        (
            data(inside, Some(&protected), implicit(&plain)),
            None,
            Err(SubIndication::HashFailure),
        ),
        (
            [data(inside, None, implicit(&plain)), b"more".to_vec()].concat(),
            None,
            Err(SubIndication::FormatFailure),
        ),
    ];
    for (number, (bytes, given, expected)) in cases.into_iter().enumerate() {
        let (facts, verdict) = openssl.judge(&bytes, given).unwrap();
        assert_eq!(facts.format, FileFormat::EvidenceRecord);
        let one = &verdict.evidence_records[0];
        let passed = one.indication == Indication::TotalPassed;
        let got = match one.sub_indication {
            None => Ok(()),
            Some(sub) => Err(sub),
        };
        assert_eq!(got, expected, "{number}: {:?}", one.errors);
        assert_eq!(passed, expected.is_ok(), "{number}");
        assert_eq!(one.proven.is_some(), passed);
        // The name that nobody stamped is told.
        let told = one
            .warnings
            .iter()
            .any(|w| w.message.to_string().contains("not time-stamped"));
        assert_eq!(told, number == 5);
    }
    // asn1crypto reads the same in it.
    openssl.write("data.tsd", &data(inside, None, implicit(&plain)));
    const READ: &str = "import sys; from asn1crypto import cms, tsp; \
        data = cms.ContentInfo.load(open(sys.argv[1], 'rb').read(), strict=True)['content']; \
        evidence = data['temporal_evidence']; print(evidence.name, data['content'].native)";
    let path = openssl.path("data.tsd");
    if let Some(said) = common::python(&["-c", READ, path.to_str().unwrap()]) {
        assert_eq!(said.trim(), "ers_evidence b'what existed then\\n'");
    }
    let both = openssl.judge(&data(inside, None, implicit(&plain)), changed);
    assert!(matches!(both, Err(GatherError::OtherContent)));
}

#[test]
fn files_of_others_are_read_and_their_imprints_fit() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = std::env::var_os("SCEAU_CORPORA")
        .map_or(here.join("../../shared/data"), std::path::PathBuf::from);
    let file = root.join("ers-tsp/FileDaFirmare.txt.tsd.der");
    if !file.is_file() {
        eprintln!("skipped: corpus not found: ers-tsp");
        return;
    }
    let at: UnixTime = "2013-01-01T00:00:00Z".parse().unwrap();
    let bytes = std::fs::read(file).unwrap();
    let (facts, verdict) = judge(&bytes, None, Material::default(), at).unwrap();
    assert!(!facts.signatures.is_empty());
    for (one, judged) in facts.signatures.iter().zip(&verdict.signatures) {
        assert!(
            one.timestamps[0].imprint.is_ok(),
            "{:?}",
            one.timestamps[0].imprint
        );
        assert!(judged.intact, "{:?}", one.signer);
        // Nobody is trusted here.
        assert_eq!(judged.indication, Indication::Indeterminate);
    }
    let folder = root.join("cms-openssl");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let der = |name: &str| pki_asn1::pem::blocks(&read(name)).unwrap().remove(0).der;
    let mut material = Material::default();
    let ca = Certificate::from_der(der("user-trust-ca.pem")).unwrap();
    material
        .anchors
        .push(TrustAnchor::from_certificate(ca).unwrap());
    for name in ["sectigo-signer.pem", "sectigo-time-stamping-ca.pem"] {
        material.pool.add(Certificate::from_der(der(name)).unwrap());
    }
    let (facts, verdict) = judge(&read("sectigo-all-zero.tsr"), None, material, at).unwrap();
    let stamp = &facts.signatures[0].timestamps[0];
    assert!(stamp.signer.signature.is_ok() && stamp.signer.digest.is_ok());
    // The digest of all zeros is the digest of nothing that is known.
    assert_eq!(
        verdict.signatures[0].sub_indication,
        Some(SubIndication::SignedDataNotFound)
    );
}

#[test]
fn a_unit_whose_key_usage_is_not_for_signatures_alone_proves_no_time() {
    let openssl = world();
    let usages = [
        ("", true),
        ("keyUsage=critical,digitalSignature\n", true),
        ("keyUsage=critical,nonRepudiation\n", true),
        ("keyUsage=digitalSignature,nonRepudiation\n", true),
        ("keyUsage=critical,keyCertSign\n", false),
        ("keyUsage=critical,cRLSign\n", false),
        ("keyUsage=critical,keyEncipherment\n", false),
        (
            "keyUsage=critical,digitalSignature,keyEncipherment\n",
            false,
        ),
        ("keyUsage=critical,digitalSignature,keyAgreement\n", false),
    ];
    for (number, (usage, _)) in usages.iter().enumerate() {
        let extensions = format!(
            "{usage}extendedKeyUsage=critical,timeStamping\nbasicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\n"
        );
        openssl.write("usage", extensions.as_bytes());
        openssl.write(&format!("unit{number}.key"), &openssl.read("tsu.key"));
        openssl.certify(&format!("unit{number}"), "usage");
    }
    let (_, good) = stamp(&openssl, "content", "sha256", "-cert");
    openssl.write("good.tst", &good);
    openssl.run("cms -verify -noverify -binary -inform DER -in good.tst -out info");
    for (number, (usage, passes)) in usages.into_iter().enumerate() {
        // `ts -reply` makes no tokens that `ts -verify` would refuse.
        openssl.run(&format!("cms -sign -cades -md sha256 -binary -nodetach -nosmimecap -econtent_type 1.2.840.113549.1.9.16.1.4 -in info -signer unit{number}.pem -inkey tsu.key -outform DER -out out.tst"));
        let token = openssl.read("out.tst");
        let believed = openssl_accepts(&openssl, &token, true, CONTENT);
        assert_eq!(believed, passes, "{usage}");
        let (_, verdict) = openssl.judge(&token, Some(CONTENT)).unwrap();
        let one = &verdict.signatures[0];
        let expected = (!passes).then_some(SubIndication::SigConstraintsFailure);
        assert_eq!(one.sub_indication, expected, "{usage}: {:?}", one.errors);
        assert_eq!(one.best_signature_time.is_some(), passes);
        if let Some(error) = one.errors.first() {
            let why = error.message.to_string();
            assert!(why.contains("keyUsage is not digitalSignature"), "{why}");
        }
    }
}

#[test]
fn the_digest_that_names_the_certificate_is_judged_by_its_date() {
    let openssl = world();
    let named_by = |digest: &str| {
        let config = CONFIG.replace(
            "ess_cert_id_alg=sha256",
            &format!("ess_cert_id_alg={digest}"),
        );
        openssl.write("tsa.cnf", config.as_bytes());
        let (response, _) = stamp(&openssl, "content", "sha256", "-cert");
        let (_, verdict) = openssl.judge(&response, Some(CONTENT)).unwrap();
        verdict.signatures[0].clone()
    };
    for digest in ["sha256", "sha512"] {
        let one = named_by(digest);
        assert_eq!(one.indication, Indication::TotalPassed, "{digest}");
        assert!(one.warnings.is_empty(), "{:?}", one.warnings);
    }
    for digest in ["md5", "sha224"] {
        let one = named_by(digest);
        assert_eq!(
            one.sub_indication,
            Some(SubIndication::CryptoConstraintsFailure),
            "{digest}"
        );
        let why = one.errors[0].message.to_string();
        assert!(
            why.contains("by which the signature names its certificate"),
            "{why}"
        );
    }
    // The first form of the attribute has no other than SHA-1.
    let one = named_by("sha1");
    assert_eq!(one.indication, Indication::TotalPassed);
    assert!(
        one.warnings
            .iter()
            .any(|w| w.code == Warning::CertificateNamedBySha1.into())
    );
}

#[test]
fn what_a_token_says_of_its_accuracy_is_told_and_counts() {
    let openssl = world();
    let stated = |accuracy: &str| {
        openssl.write("tsa.cnf", format!("{CONFIG}{accuracy}").as_bytes());
        let (response, _) = stamp(&openssl, "content", "sha256", "-cert");
        let (facts, verdict) = openssl.judge(&response, Some(CONTENT)).unwrap();
        let stamp = &facts.signatures[0].timestamps[0];
        let one = verdict.signatures[0].clone();
        assert_eq!(one.indication, Indication::TotalPassed, "{accuracy}");
        let told = one
            .warnings
            .iter()
            .any(|w| w.code == Warning::TimestampInaccurate.into());
        (
            stamp.accuracy.map(|a| a.as_millis()),
            one.best_signature_time,
            stamp.gen_time,
            told,
        )
    };
    let (said, best, made, told) = stated("");
    assert_eq!((said, best, told), (None, Some(made), false));
    let (said, best, made, told) = stated("accuracy=secs:1\n");
    assert_eq!((said, best, told), (Some(1000), Some(made), false));
    // Now is not later than the upper limit, so nothing is proven.
    let (said, best, _, told) = stated("accuracy=secs:2000000000,millisecs:1\n");
    assert_eq!((said, best, told), (Some(2_000_000_000_001), None, true));
}

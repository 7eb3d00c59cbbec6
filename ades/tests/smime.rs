//! Signed messages made by openssl and by Python's email package, judged by openssl; and those in which
//! readers may see something else than what was signed.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use ades::validate::{FileFormat, GatherError, Indication, SubIndication, Verdict};
use common::openssl::Openssl;
use common::tool;

const MESSAGE: &str =
    "Content-Type: text/plain; charset=utf-8\r\n\r\nPay 500 euros to the seller.\r\nThe notary\r\n";

fn world() -> Openssl {
    let openssl = Openssl::new();
    openssl.write("message", MESSAGE.as_bytes());
    openssl
}

fn made(openssl: &Openssl, options: &str) -> Vec<u8> {
    openssl.run(
        format!("cms -sign -in message -signer ee.pem -inkey ee.key -out out.eml {options}")
            .trim_end(),
    );
    openssl.read("out.eml")
}

fn openssl_accepts(openssl: &Openssl, message: &[u8]) -> bool {
    openssl.write("judged.eml", message);
    let line = "cms -verify -in judged.eml -CAfile ca.pem -purpose any -out shown";
    openssl.try_run(line).status.success()
}

fn judge(openssl: &Openssl, message: &[u8]) -> Verdict {
    let (facts, verdict) = openssl.judge(message, None).unwrap();
    assert_eq!(facts.format, FileFormat::Smime);
    verdict
}

fn passes(openssl: &Openssl, message: &[u8]) {
    let verdict = judge(openssl, message);
    let errors: Vec<_> = verdict.signatures.iter().map(|s| &s.errors).collect();
    assert_eq!(
        verdict.indication,
        Some(Indication::TotalPassed),
        "{errors:?}\n{}",
        String::from_utf8_lossy(message)
    );
    assert!(openssl_accepts(openssl, message));
}

fn replaced(message: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(message.to_vec()).unwrap();
    assert!(text.contains(from), "{from:?} in\n{text}");
    text.replacen(from, to, 1).into_bytes()
}

#[test]
fn messages_of_openssl_pass_in_both_forms_and_fail_when_changed() {
    let openssl = world();
    for options in [
        "",
        "-crlfeol",
        "-nodetach",
        "-nodetach -crlfeol",
        "-noattr",
        "-noattr -nodetach",
        "-keyid",
        "-md sha512",
    ] {
        let message = made(&openssl, options);
        passes(&openssl, &message);
        if !options.contains("nodetach") {
            // The signed part is there in the clear.
            let changed = replaced(&message, "500 euros", "900 euros");
            let verdict = judge(&openssl, &changed);
            assert_eq!(
                verdict.indication,
                Some(Indication::TotalFailed),
                "{options}"
            );
            assert!(!openssl_accepts(&openssl, &changed));
            // What a transport does to line ends is no change of the message.
            let unix = String::from_utf8(message.clone())
                .unwrap()
                .replace("\r\n", "\n");
            passes(&openssl, unix.as_bytes());
            let dos = unix.replace('\n', "\r\n");
            passes(&openssl, dos.as_bytes());
        }
    }
}

#[test]
fn messages_of_python_pass_with_everything_nested_in_them() {
    let openssl = world();
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/message.py");
    let folder = openssl.0.path().to_str().unwrap().to_owned();
    let Some(output) = tool("python3", &[script.to_str().unwrap(), &folder]) else {
        return;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for name in [
        "python-multipart.eml",
        "python-opaque.eml",
        "python-opaque-lf.eml",
    ] {
        passes(&openssl, &openssl.read(name));
    }
    // The part that the relying party has cut out has to be the one that was signed.
    let message = openssl.read("python-multipart.eml");
    let part = openssl.read("python-part");
    let (_, verdict) = openssl.judge(&message, Some(&part)).unwrap();
    assert_eq!(verdict.indication, Some(Indication::TotalPassed));
    let other = openssl.judge(&message, Some(b"something else"));
    assert!(matches!(other, Err(GatherError::OtherContent)));
    let opaque = openssl.judge(&openssl.read("python-opaque.eml"), Some(b"something else"));
    assert!(matches!(opaque, Err(GatherError::OtherContent)));
}

#[test]
fn no_changed_octet_of_a_message_shows_something_else() {
    let openssl = world();
    let message = made(&openssl, "-crlfeol");
    let text = String::from_utf8(message.clone()).unwrap();
    let part = text.find("Content-Type: text/plain").unwrap();
    let part = part..part + MESSAGE.len();
    for at in 0..message.len() {
        for bit in [0x01, 0x20] {
            let mut changed = message.clone();
            changed[at] ^= bit;
            let Ok((facts, verdict)) = openssl.judge(&changed, None) else {
                continue;
            };
            if verdict.indication == Some(Indication::TotalPassed) {
                assert!(!part.contains(&at), "octet {at} of the signed part");
                let value = facts.signatures[0].signer.as_ref().unwrap();
                assert!(value.digest.is_ok() && value.signature.is_ok());
            }
        }
    }
}

#[test]
fn what_readers_may_show_otherwise_does_not_pass() {
    let openssl = world();
    let message = made(&openssl, "-crlfeol");
    let text = String::from_utf8(message.clone()).unwrap();
    let boundary = text
        .split("boundary=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let forged = "Content-Type: text/plain\r\n\r\nPay 900 euros.\r\n";
    let top = text.split("\r\n\r\n").next().unwrap().to_owned();
    let signature_at = text
        .rfind(&format!("--{boundary}\r\nContent-Type: application"))
        .unwrap();
    let body = &text[top.len() + 4..];
    let part = |more: &str| format!("--{boundary}\r\n{more}\r\n");
    let cases = [
        ("a second Content-Type", replaced(&message, "\r\n\r\n", "\r\nContent-Type: multipart/mixed; boundary=forged\r\n\r\n")),
        ("a first Content-Type", format!("Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=\"{boundary}\"\r\n{text}").into_bytes()),
        ("two boundaries", replaced(&message, "micalg=", &format!("boundary=\"{boundary}\"; micalg="))),
        ("a boundary in pieces", replaced(&message, "micalg=", "boundary*0=x; boundary*1=y; micalg=")),
        ("text before", replaced(&message, "This is an S/MIME signed message", "Pay 900 euros.")),
        ("text after", format!("{text}\r\nPay 900 euros.\r\n").into_bytes()),
        ("a third part", replaced(&message, &format!("--{boundary}--"), &format!("{}--{boundary}--", part(forged)))),
        ("a part between", [&text[..signature_at], &part("Content-Type: application/pkcs7-signature\r\n\r\n"), &text[signature_at..]].concat().into_bytes()),
        ("a line like the boundary", replaced(&message, "The notary", &format!("--{boundary}x"))),
        ("a boundary after a carriage return", replaced(&message, "\r\nContent-Disposition: attachment", &format!("\rX: 1\r--{boundary}\r\nContent-Disposition: attachment"))),
        ("a boundary after the last", format!("{text}--{boundary}\r\n{forged}").into_bytes()),
        ("a header that is none", replaced(&message, "MIME-Version: 1.0\r\n", "MIME-Version: 1.0\r\nno field\r\n")),
        ("a space before the colon", replaced(&message, "Content-Type: multipart", "Content-Type : multipart")),
        ("another type of signature", replaced(&message, "application/pkcs7-signature; name", "text/plain; name")),
        ("a footer of a list", format!("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=list\r\n\r\n--list\r\n{}\r\n\r\n{body}\r\n--list\r\n{forged}\r\n--list--\r\n", &top[top.find("Content-Type").unwrap()..]).into_bytes()),
        ("a forwarded message", format!("MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n{text}").into_bytes()),
    ];
    for (what, changed) in cases {
        assert_ne!(changed, message, "{what}");
        match openssl.judge(&changed, None) {
            Ok((_, verdict)) => assert_ne!(
                verdict.indication,
                Some(Indication::TotalPassed),
                "{what}\n{}",
                String::from_utf8_lossy(&changed)
            ),
            Err(e) => assert!(
                matches!(e, GatherError::Message(_) | GatherError::NotSigned(_)),
                "{what}: {e}"
            ),
        }
    }
}

#[test]
fn a_signed_part_with_two_readings_is_left_open() {
    let openssl = world();
    for (part, open) in [
        (
            "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n<p>500\r\n",
            true,
        ),
        (
            "Content-Type: text/plain; charset=a; charset=b\r\n\r\n500\r\n",
            true,
        ),
        (
            "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n500\r\n--xy\r\n\r\n900\r\n--x--\r\n",
            true,
        ),
        (
            "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n\r\n500\r\n--x--\r\n",
            true,
        ),
        (
            "Content-Type: multipart/mixed; boundary=x\r\n\r\n500\r\n",
            true,
        ),
        (
            "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n500\r\n--x--\r\n",
            false,
        ),
        (
            "Content-Type: message/rfc822\r\n\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n\r\n<p>500\r\n",
            true,
        ),
        (
            "Content-Type: message/rfc822\r\n\r\nContent-Type: text/plain\r\n\r\n500\r\n",
            false,
        ),
        (
            "Content-Type: message/external-body; access-type=URL; URL=\"http://example.org/\"\r\n\r\nContent-Type: text/plain\r\n\r\n",
            true,
        ),
        (
            "Content-Type: multipart/mixed; boundary=x\r\nContent-Transfer-Encoding: base64\r\n\r\n--x\r\n\r\n500\r\n--x--\r\n",
            true,
        ),
        (
            "Content-Type: multipart/mixed; boundary=\"x \"\r\n\r\n--x \r\n\r\n500\r\n--x --\r\n",
            true,
        ),
        ("\r\nNo header, and 500.\r\n", false),
        ("Not even an empty line: 500.\r\n", false),
    ] {
        openssl.write("message", part.as_bytes());
        for options in ["", "-nodetach"] {
            let message = made(&openssl, options);
            let verdict = judge(&openssl, &message);
            let one = &verdict.signatures[0];
            let expected = match open {
                true => (
                    Indication::Indeterminate,
                    Some(SubIndication::SigConstraintsFailure),
                ),
                false => (Indication::TotalPassed, None),
            };
            assert_eq!(
                (one.indication, one.sub_indication),
                expected,
                "{part}{options}: {:?}",
                one.errors
            );
            // Nothing is wrong with the signature itself.
            assert!(one.intact);
            assert!(openssl_accepts(&openssl, &message));
        }
    }
}

/// Whether the verdict says that the content is a signature or an envelope itself.
fn is_wrapped(verdict: &Verdict) -> bool {
    let mut warnings = verdict.signatures[0].warnings.iter();
    warnings.any(|w| w.message.to_string().contains("is itself signed"))
}

#[test]
fn a_signature_inside_a_signature_is_passed_over_in_silence() {
    let openssl = world();
    assert!(!is_wrapped(&judge(&openssl, &made(&openssl, ""))));
    for inner in ["", "-nodetach"] {
        for outer in ["", "-nodetach"] {
            openssl.write("message", MESSAGE.as_bytes());
            let once = made(&openssl, inner);
            openssl.write("message", &once);
            let twice = made(&openssl, outer);
            let verdict = judge(&openssl, &twice);
            assert_eq!(verdict.indication, Some(Indication::TotalPassed));
            assert!(is_wrapped(&verdict), "{inner} in {outer}");
        }
    }
    // The same without a message.
    openssl.write("message", MESSAGE.as_bytes());
    let once = made(&openssl, "-nodetach -outform DER");
    openssl.write("message", &once);
    for kind in ["pkcs7-signedData", "id-smime-ct-compressedData"] {
        let options = format!("-binary -nodetach -outform DER -econtent_type {kind}");
        let twice = made(&openssl, &options);
        let (_, verdict) = openssl.judge(&twice, None).unwrap();
        assert_eq!(verdict.indication, Some(Indication::TotalPassed), "{kind}");
        assert!(is_wrapped(&verdict), "{kind}");
    }
}

#[test]
fn content_that_stands_there_twice_is_judged_in_one_place_and_shown_in_the_other() {
    use base64::Engine as _;
    let openssl = world();
    let message = made(&openssl, "-crlfeol");
    let text = String::from_utf8(message).unwrap();
    let (before, signature) = text.split_at(text.rfind("Content-Type: application").unwrap());
    let (header, after) = signature.split_at(signature.find("\r\n\r\n").unwrap() + 4);
    let boundary = &after[after.find("\r\n------").unwrap()..];
    let with = |cms: &[u8]| {
        let digits = base64::engine::general_purpose::STANDARD.encode(cms);
        format!("{before}{header}{digits}{boundary}").into_bytes()
    };
    // The signature has the content inside, the message shows another one.
    openssl.write(
        "message",
        b"Content-Type: text/plain\r\n\r\nPay 900 euros.\r\n",
    );
    let other = made(&openssl, "-binary -nodetach -outform DER");
    let judged = openssl.judge(&with(&other), None);
    assert!(matches!(judged, Err(GatherError::OtherContent)));
    // Inside and beside the same.
    openssl.write("message", MESSAGE.as_bytes());
    let same = made(&openssl, "-binary -nodetach -outform DER");
    let (_, verdict) = openssl.judge(&with(&same), None).unwrap();
    assert_eq!(verdict.indication, Some(Indication::TotalPassed));
    // A message that should have its content inside the signature, and has none.
    let none = made(&openssl, "-binary -outform DER");
    let digits = base64::engine::general_purpose::STANDARD.encode(none);
    let opaque = format!(
        "MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\n{digits}\r\n\r\nPay 900 euros.\r\n"
    );
    assert!(openssl.judge(opaque.as_bytes(), None).is_err());
    let opaque = opaque.replace("\r\nPay 900 euros.\r\n", "");
    let (_, verdict) = openssl.judge(opaque.as_bytes(), None).unwrap();
    assert_eq!(
        verdict.signatures[0].sub_indication,
        Some(SubIndication::SignedDataNotFound)
    );
    // The second of two signatures in PEM form: openssl reads the first.
    let pem = |text: &str| {
        openssl.write("message", text.as_bytes());
        made(&openssl, "-binary -nodetach -outform PEM")
    };
    let two = [pem("500 euros\n"), pem("900 euros\n")].concat();
    let (_, verdict) = openssl.judge(&two, None).unwrap();
    let one = &verdict.signatures[0];
    assert_eq!(one.sub_indication, Some(SubIndication::FormatFailure));
    assert_eq!(one.indication, Indication::TotalFailed);
}

#[test]
fn what_is_no_signed_message_is_said_to_be_none() {
    let openssl = world();
    let plain = format!("Subject: hello\r\nMIME-Version: 1.0\r\n{MESSAGE}");
    let (facts, verdict) = openssl.judge(plain.as_bytes(), None).unwrap();
    assert_eq!(
        (facts.format, verdict.indication),
        (FileFormat::Smime, None)
    );
    // Text that begins like a header is no message.
    let text = openssl.judge(b"Note: nothing\r\n", None).unwrap_err();
    assert!(matches!(text, GatherError::NotSigned(_)));
    let message = made(&openssl, "-crlfeol");
    let cut = &message[..message.len() - 60];
    assert!(matches!(
        openssl.judge(cut, None),
        Err(GatherError::Message(_))
    ));
    let opaque = made(&openssl, "-nodetach");
    let odd = replaced(&opaque, "base64", "uuencode");
    assert!(matches!(
        openssl.judge(&odd, None),
        Err(GatherError::Message(_))
    ));
    // Signatures in PEM form, both labels.
    let pem = made(&openssl, "-nodetach -outform PEM");
    let (_, verdict) = openssl.judge(&pem, None).unwrap();
    assert_eq!(verdict.indication, Some(Indication::TotalPassed));
    let pkcs7 = String::from_utf8(pem)
        .unwrap()
        .replace(" CMS-----", " PKCS7-----");
    let (_, verdict) = openssl.judge(pkcs7.as_bytes(), None).unwrap();
    assert_eq!(verdict.indication, Some(Indication::TotalPassed));
}

#[test]
fn messages_of_rfc_4134_are_computed() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = std::env::var_os("SCEAU_CORPORA")
        .map_or(here.join("../../shared/data"), std::path::PathBuf::from);
    let folder = root.join("rfc4134");
    if !folder.is_dir() {
        eprintln!("skipped: corpus not found: rfc4134");
        return;
    }
    for name in ["4.8.eml", "4.9.eml"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let at = "2003-01-01T00:00:00Z".parse().unwrap();
        let (facts, verdict) =
            common::openssl::judge(&bytes, None, ades::validate::Material::default(), at).unwrap();
        assert_eq!(facts.format, FileFormat::Smime);
        assert!(
            verdict.signatures[0].intact,
            "{name}: {:?}",
            facts.signatures[0].signer
        );
    }
    let enveloped = std::fs::read(folder.join("5.3.eml")).unwrap();
    let error = world().judge(&enveloped, None).unwrap_err();
    assert!(matches!(error, GatherError::NotSigned(_)), "{error}");
}

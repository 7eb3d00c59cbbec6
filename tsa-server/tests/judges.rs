//! openssl judges the tokens over the wire.
#![allow(clippy::unwrap_used)]

mod support;

use support::{Running, Unit, said, tool};

#[test]
fn openssl_verifies_tokens_of_every_digest_with_and_without_certificates() {
    let unit = Unit::new();
    let running = Running::new(&unit, support::system());
    let dir = unit.dir.path();
    std::fs::write(unit.path("data"), b"what is time-stamped").unwrap();
    for digest in ["-sha256", "-sha384", "-sha512"] {
        for flags in [&["-cert"][..], &[], &["-cert", "-no_nonce"]] {
            let arguments = [
                &["ts", "-query", "-data", "data", digest, "-out", "q.tsq"][..],
                flags,
            ]
            .concat();
            if tool("openssl", &arguments, dir).is_none() {
                return;
            }
            let query = std::fs::read(unit.path("q.tsq")).unwrap();
            let (head, body) = running.post(&query);
            assert!(
                head.contains("content-type: application/timestamp-reply"),
                "{head}"
            );
            std::fs::write(unit.path("r.tsr"), &body).unwrap();
            for subject in [&["-queryfile", "q.tsq"][..], &["-data", "data"]] {
                let arguments = [
                    &[
                        "ts",
                        "-verify",
                        "-in",
                        "r.tsr",
                        "-CAfile",
                        "ca.pem",
                        "-untrusted",
                        "tsu.pem",
                    ],
                    subject,
                ]
                .concat();
                let said = said(&tool("openssl", &arguments, dir).unwrap());
                assert!(
                    said.contains("Verification: OK"),
                    "{digest} {flags:?}: {said}"
                );
            }
            let arguments = ["ts", "-reply", "-in", "r.tsr", "-text"];
            let text = said(&tool("openssl", &arguments, dir).unwrap());
            assert!(text.contains("Status: Granted."), "{text}");
            assert!(text.contains("Policy OID: 1.3.6.1.4.1.32473.1.7"), "{text}");
            assert!(text.contains("Accuracy: 0x01 seconds"), "{text}");
            assert!(text.contains("Ordering: no"), "{text}");
        }
    }
}

#[test]
fn openssl_finds_certificates_only_where_they_were_asked_for() {
    let unit = Unit::new();
    let running = Running::new(&unit, support::system());
    let dir = unit.dir.path();
    std::fs::write(unit.path("data"), b"x").unwrap();
    for (flags, expected) in [(&["-cert"][..], 2), (&[], 0)] {
        let arguments = [
            &["ts", "-query", "-data", "data", "-sha256", "-out", "q.tsq"],
            flags,
        ]
        .concat();
        if tool("openssl", &arguments, dir).is_none() {
            return;
        }
        let (_, body) = running.post(&std::fs::read(unit.path("q.tsq")).unwrap());
        std::fs::write(unit.path("r.tsr"), &body).unwrap();
        let arguments = [
            "ts",
            "-reply",
            "-in",
            "r.tsr",
            "-token_out",
            "-out",
            "token.der",
        ];
        tool("openssl", &arguments, dir).unwrap();
        let arguments = [
            "pkcs7",
            "-inform",
            "DER",
            "-in",
            "token.der",
            "-print_certs",
        ];
        let said = said(&tool("openssl", &arguments, dir).unwrap());
        assert_eq!(
            said.matches("BEGIN CERTIFICATE").count(),
            expected,
            "{said}"
        );
    }
}

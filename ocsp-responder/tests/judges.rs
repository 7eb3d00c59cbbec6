//! Tools that nobody here wrote judge the responder over the wire.
#![allow(clippy::unwrap_used)]

mod support;

use ca_core::status::Status;
use pki_asn1::{Clock as _, SystemClock};
use support::{CA, Hierarchy, Running, revoked, said, tool};

/// Good, revoked and never issued.
fn scene() -> (Hierarchy, Running) {
    let hierarchy = Hierarchy::new("Judged CA");
    let good = hierarchy.leaf("good.pem", &[0x4F, 1, 2, 3]);
    let bad = hierarchy.leaf("revoked.pem", &[0x4F, 1, 2, 4]);
    hierarchy.leaf("unknown.pem", &[0x4F, 1, 2, 5]);
    let running = Running::new(&hierarchy);
    running.source.set_status(CA, good.serial(), Status::Good);
    running
        .source
        .set_status(CA, bad.serial(), revoked(SystemClock.now()));
    running.source.set_crl(CA, hierarchy.crl());
    // Whoever sees the CRL sees the statuses, which came before it.
    running.wait_for_crl();
    (hierarchy, running)
}

#[test]
fn openssl_verifies_good_revoked_and_unknown_with_every_cert_id_hash_and_nonce() {
    let (hierarchy, running) = scene();
    let url = running.url();
    for hash in ["-sha1", "-sha256", "-sha384", "-sha512"] {
        for nonce in ["-nonce", "-no_nonce"] {
            for (file, expected) in [
                ("good.pem", "good.pem: good"),
                ("revoked.pem", "revoked.pem: revoked"),
                ("unknown.pem", "unknown.pem: unknown"),
            ] {
                // The hash must come before the certificate.
                let arguments = [
                    "ocsp", "-issuer", "ca.pem", hash, "-cert", file, "-url", &url, "-CAfile",
                    "ca.pem", nonce,
                ];
                let Some(output) = tool("openssl", &arguments, hierarchy.dir.path()) else {
                    return;
                };
                let said = said(&output);
                assert!(
                    said.contains("Response verify OK"),
                    "{hash} {nonce}: {said}"
                );
                assert!(said.contains(expected), "{hash} {nonce}: {said}");
                assert!(!said.contains("WARNING"), "{hash} {nonce}: {said}");
                if file == "revoked.pem" {
                    assert!(said.contains("Reason: keyCompromise"), "{said}");
                }
            }
        }
    }
}

#[test]
fn openssl_reads_several_answers_in_one_response_in_order() {
    let (hierarchy, running) = scene();
    let url = running.url();
    let arguments = [
        "ocsp",
        "-issuer",
        "ca.pem",
        "-cert",
        "good.pem",
        "-cert",
        "revoked.pem",
        "-cert",
        "unknown.pem",
        "-url",
        &url,
        "-CAfile",
        "ca.pem",
    ];
    let Some(output) = tool("openssl", &arguments, hierarchy.dir.path()) else {
        return;
    };
    let said = said(&output);
    assert!(said.contains("Response verify OK"), "{said}");
    for expected in [
        "good.pem: good",
        "revoked.pem: revoked",
        "unknown.pem: unknown",
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn gnutls_verifies_good_and_revoked() {
    let (hierarchy, running) = scene();
    let ask = format!("--ask={}", running.url());
    for (leaf, expected) in [
        ("good.pem", "Certificate Status: good"),
        ("revoked.pem", "Certificate Status: revoked"),
    ] {
        let leaf = format!("--load-cert={leaf}");
        let arguments = [
            ask.as_str(),
            "--load-issuer=ca.pem",
            &leaf,
            "--load-trust=ca.pem",
            "--nonce",
        ];
        let Some(output) = tool("ocsptool", &arguments, hierarchy.dir.path()) else {
            return;
        };
        let said = said(&output);
        assert!(said.contains("Verifying OCSP Response: Success"), "{said}");
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn curl_gets_what_openssl_verifies_and_a_304_the_second_time() {
    let (hierarchy, running) = scene();
    let dir = hierarchy.dir.path();
    let arguments = [
        "ocsp",
        "-issuer",
        "ca.pem",
        "-sha256",
        "-cert",
        "good.pem",
        "-no_nonce",
        "-reqout",
        "q.der",
    ];
    if tool("openssl", &arguments, dir).is_none() {
        return;
    }
    let der = std::fs::read(hierarchy.path("q.der")).unwrap();
    let base64 = base64(&der);
    let escaped = base64
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    for path in [base64.as_str(), &escaped, base64.trim_end_matches('=')] {
        let url = format!("{}/{path}", running.url());
        let arguments = ["-sS", "-D", "head", "-o", "r.der", &url];
        if tool("curl", &arguments, dir).is_none() {
            return;
        }
        let head = std::fs::read_to_string(hierarchy.path("head")).unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        for field in [
            "etag: ",
            "last-modified: ",
            "expires: ",
            "cache-control: max-age=",
        ] {
            assert!(head.contains(field), "{head}");
        }
        let arguments = [
            "ocsp", "-respin", "r.der", "-issuer", "ca.pem", "-sha256", "-cert", "good.pem",
            "-CAfile", "ca.pem",
        ];
        let said = said(&tool("openssl", &arguments, dir).unwrap());
        assert!(said.contains("good.pem: good"), "{said}");
        assert!(said.contains("Response verify OK"), "{said}");
        let etag = head
            .lines()
            .find_map(|l| l.strip_prefix("etag: "))
            .unwrap()
            .to_owned();
        let condition = format!("If-None-Match: {etag}");
        let arguments = [
            "-sS",
            "-o",
            "empty",
            "-w",
            "%{http_code}",
            "-H",
            &condition,
            &url,
        ];
        let output = tool("curl", &arguments, dir).unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "304");
    }
}

#[test]
fn pkilint_finds_nothing_in_any_kind_of_response() {
    let (hierarchy, running) = scene();
    let dir = hierarchy.dir.path();
    let url = running.url();
    for file in ["good.pem", "revoked.pem", "unknown.pem"] {
        for nonce in ["-nonce", "-no_nonce"] {
            let arguments = [
                "ocsp", "-issuer", "ca.pem", "-sha256", "-cert", file, "-url", &url, "-CAfile",
                "ca.pem", nonce, "-respout", "r.der",
            ];
            if tool("openssl", &arguments, dir).is_none() {
                return;
            }
            let arguments = ["lint", "-s", "NOTICE", "r.der"];
            let Some(output) = tool("lint_ocsp_response", &arguments, dir) else {
                return;
            };
            // The exit status is the number of findings.
            assert!(output.status.success(), "{file} {nonce}: {}", said(&output));
        }
    }
}

#[test]
fn openssl_reads_the_crl_and_the_certificate_that_are_served() {
    let (hierarchy, running) = scene();
    let dir = hierarchy.dir.path();
    for (path, kind, media) in [
        ("crl/companies.crl", "crl", "application/pkix-crl"),
        ("ca/companies.cer", "x509", "application/pkix-cert"),
    ] {
        let (head, body) = running.http(&format!("GET /{path} HTTP/1.1"), b"");
        assert!(head.contains(&format!("content-type: {media}")), "{head}");
        std::fs::write(hierarchy.path("served"), &body).unwrap();
        let arguments = [kind, "-inform", "DER", "-in", "served", "-noout", "-text"];
        let Some(output) = tool("openssl", &arguments, dir) else {
            return;
        };
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).contains("Judged CA"), "{}", said(&output));
    }
}

#[test]
fn clients_that_connect_and_close_do_not_stop_the_others() {
    // The responder of openssl hangs for ever on the first of them.
    let (hierarchy, running) = scene();
    let silent: Vec<_> = (0..64)
        .map(|_| std::net::TcpStream::connect(running.served.address).unwrap())
        .collect();
    drop(silent);
    let half = std::net::TcpStream::connect(running.served.address).unwrap();
    std::io::Write::write_all(&mut &half, b"POST /ocsp HTTP/1.1\r\nContent-Le").unwrap();
    let url = running.url();
    let arguments = [
        "ocsp", "-issuer", "ca.pem", "-cert", "good.pem", "-url", &url, "-CAfile", "ca.pem",
    ];
    if let Some(output) = tool("openssl", &arguments, hierarchy.dir.path()) {
        assert!(
            said(&output).contains("good.pem: good"),
            "{}",
            said(&output)
        );
    }
    drop(half);
}

fn base64(der: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(der)
}

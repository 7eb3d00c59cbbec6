//! A root, an issuing CA, a time-stamping unit of each kind, and signers whose certificates send
//! whoever asks about them to one corner each of a server.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

use super::server::{Act, Request, redirect};

pub const PASSPHRASE: &str = "correct horse";

/// The signers: what goes wrong when their status or their issuer is asked for.
pub const CORNERS: &[&str] = &[
    "good",
    "ocsp-html",
    "ocsp-garbage",
    "ocsp-other",
    "ocsp-stale",
    "ocsp-unauthorized",
    "ocsp-later",
    "ocsp-stranger",
    "ocsp-revoked",
    "ocsp-flood",
    "ocsp-stall",
    "crl-expired",
    "crl-html",
    "all-500",
    "falls-back",
    "aia-404",
    "aia-html",
    "aia-loop",
    "aia-ldap",
];

/// Everything lies in `dir`; `at` is where the server listens.
pub fn make(dir: &Path, at: &str) {
    let write = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    let openssl = |line: &str| run(dir, &format!("openssl {line}"));
    for ca in ["root", "ca", "stranger"] {
        write(&format!("{ca}.number"), "01\n");
        write(&format!("{ca}.index"), "");
        write(
            &format!("{ca}.cnf"),
            &format!(
                "[ca]\ndefault_ca=d\n[d]\ndatabase={ca}.index\ncrlnumber={ca}.number\ndefault_md=sha256\ndefault_crl_days=30\n"
            ),
        );
        openssl(&format!(
            "ecparam -name prime256v1 -genkey -noout -out {ca}.key"
        ));
    }
    let ca = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";
    write("ca.ext", ca);
    for (name, subject) in [("root", "Root"), ("stranger", "CA")] {
        openssl(&format!(
            "req -new -key {name}.key -subj /C=MC/CN={subject} -out {name}.csr"
        ));
        openssl(&format!(
            "x509 -req -in {name}.csr -signkey {name}.key -days 999 -extfile ca.ext -out {name}.pem"
        ));
    }
    write(
        "ca.ext",
        &format!("{ca}crlDistributionPoints=URI:{at}/root.crl\n"),
    );
    openssl("req -new -key ca.key -subj /C=MC/CN=CA -out ca.csr");
    openssl(
        "x509 -req -in ca.csr -CA root.pem -CAkey root.key -set_serial 2 -days 500 -extfile ca.ext -out ca.pem",
    );
    openssl("ca -config root.cnf -gencrl -cert root.pem -keyfile root.key -out root.crl");
    openssl("x509 -in ca.pem -outform DER -out ca.cer");
    openssl("ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca.key -out ca.crl");
    openssl(
        "ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca.key -crl_lastupdate 20250101000000Z -crl_nextupdate 20250102000000Z -out old.crl",
    );

    // One key for all signers; the certificate says which corner is asked.
    openssl("ecparam -name prime256v1 -genkey -noout -out plain.key");
    openssl(&format!(
        "pkcs8 -topk8 -in plain.key -out signer.key -passout pass:{}",
        PASSPHRASE.replace(' ', "\u{1}")
    ));
    let mut index = String::new();
    for (number, corner) in (0x10..).zip(CORNERS) {
        let authority = match *corner {
            "aia-ldap" => "caIssuers;URI:ldap://directory.sceau.example/ca".to_owned(),
            _ => format!("OCSP;URI:{at}/{corner}/ocsp,caIssuers;URI:{at}/{corner}/ca"),
        };
        let points = match *corner {
            "aia-ldap" => String::new(),
            _ => format!("crlDistributionPoints=URI:{at}/{corner}/crl\n"),
        };
        write(
            "signer.ext",
            &format!("keyUsage=critical,nonRepudiation\nauthorityInfoAccess={authority}\n{points}"),
        );
        openssl(&format!(
            "req -new -key plain.key -subj /C=MC/CN={corner} -out signer.csr"
        ));
        openssl(&format!(
            "x509 -req -in signer.csr -CA ca.pem -CAkey ca.key -set_serial {number} -days 400 -extfile signer.ext -out {corner}.cert"
        ));
        let status = match *corner {
            "ocsp-revoked" => "R\t271122000000Z\t251122000000Z,keyCompromise",
            _ => "V\t271122000000Z\t",
        };
        index += &format!("{status}\t{number:02X}\tunknown\t/CN={corner}\n");
    }
    write("ca.index", &index);
    write(
        "ocsp.ext",
        "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored\n",
    );
    openssl("ecparam -name prime256v1 -genkey -noout -out ocsp.key");
    openssl("req -new -key ocsp.key -subj /C=MC/CN=Responder -out ocsp.csr");
    openssl(
        "x509 -req -in ocsp.csr -CA ca.pem -CAkey ca.key -set_serial 3 -days 400 -extfile ocsp.ext -out ocsp.pem",
    );
    openssl(
        "x509 -req -in ocsp.csr -CA stranger.pem -CAkey stranger.key -set_serial 3 -days 400 -extfile ocsp.ext -out false.pem",
    );
    for corner in CORNERS {
        let about = if *corner == "ocsp-other" {
            "good"
        } else {
            corner
        };
        let responder = if *corner == "ocsp-stranger" {
            "false"
        } else {
            "ocsp"
        };
        openssl(&format!(
            "ocsp -sha256 -issuer ca.pem -cert {about}.cert -no_nonce -reqout query"
        ));
        let before = if *corner == "ocsp-stale" {
            "faketime 2026-01-01 "
        } else {
            ""
        };
        run(
            dir,
            &format!(
                "{before}openssl ocsp -index ca.index -CA ca.pem -rsigner {responder}.pem -rkey ocsp.key -reqin query -ndays 2 -respout {corner}.ocsp"
            ),
        );
    }

    // Time-stamping units.
    for (name, usage, before) in [
        ("tsu", "extendedKeyUsage=critical,timeStamping", ""),
        ("tsu-mail", "extendedKeyUsage=critical,emailProtection", ""),
        (
            "tsu-old",
            "extendedKeyUsage=critical,timeStamping",
            "faketime 2025-01-01 ",
        ),
    ] {
        write(
            "tsu.ext",
            &format!(
                "keyUsage=critical,digitalSignature\n{usage}\ncrlDistributionPoints=URI:{at}/root.crl\n"
            ),
        );
        openssl(&format!(
            "req -new -key plain.key -subj /C=MC/CN={name} -out tsu.csr"
        ));
        run(
            dir,
            &format!(
                "{before}openssl x509 -req -in tsu.csr -CA root.pem -CAkey root.key -set_serial {} -days 300 -extfile tsu.ext -out {name}.cert",
                name.len()
            ),
        );
        let together = ["signer.key", &format!("{name}.cert")]
            .map(|part| fs::read(dir.join(part)).unwrap())
            .concat();
        fs::write(dir.join(format!("{name}.pem")), together).unwrap();
    }
}

/// What the corners answer.
pub fn evidence(dir: &Path, at: &str, request: &Request) -> Act {
    let file = |name: &str| fs::read(dir.join(name)).unwrap();
    let html = || {
        Act::Reply(
            200,
            "text/html",
            b"<!doctype html><title>Welcome</title>".to_vec(),
        )
    };
    let crl = |name: &str| Act::Reply(200, "application/pkix-crl", file(name));
    if request.target == "/root.crl" {
        return crl("root.crl");
    }
    let Some((corner, what)) = request.target.trim_start_matches('/').split_once('/') else {
        return Act::Reply(404, "text/plain", Vec::new());
    };
    let failing = Act::Reply(500, "text/plain", b"no".to_vec());
    let status = |octet: u8| {
        Act::Reply(
            200,
            "application/ocsp-response",
            vec![0x30, 3, 0x0a, 1, octet],
        )
    };
    match (corner, what) {
        ("aia-404", "ca") => Act::Reply(404, "text/html", Vec::new()),
        ("aia-html", "ca") => html(),
        ("aia-loop", path) if path.starts_with("ca") => redirect(&format!("{at}/aia-loop/{path}x")),
        (_, "ca") => Act::Reply(200, "application/pkix-cert", file("ca.cer")),
        ("ocsp-html", "ocsp") => html(),
        ("ocsp-garbage", "ocsp") => Act::Reply(200, "application/ocsp-response", vec![0xa5; 3000]),
        ("ocsp-unauthorized", "ocsp") => status(6),
        ("ocsp-later", "ocsp") => status(3),
        ("ocsp-flood", "ocsp") => Act::Flood("application/ocsp-response"),
        ("ocsp-stall", "ocsp") => Act::Stall,
        ("all-500" | "falls-back" | "crl-expired" | "crl-html", "ocsp") => failing,
        (_, "ocsp") => Act::Reply(
            200,
            // What some servers say.
            "text/plain",
            file(&format!("{corner}.ocsp")),
        ),
        ("falls-back", "crl") => crl("ca.crl"),
        ("crl-expired", "crl") => crl("old.crl"),
        ("crl-html", "crl") => html(),
        (_, "crl") => failing,
        _ => Act::Reply(404, "text/plain", Vec::new()),
    }
}

fn run(dir: &Path, line: &str) {
    let mut words = line.split(' ').map(|w| w.replace('\u{1}', " "));
    let output = Command::new(words.next().unwrap())
        .args(words)
        .current_dir(dir)
        .env_remove("OPENSSL_CONF")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {said}");
}

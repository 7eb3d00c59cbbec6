//! Whose signature it becomes: the certificate that belongs to the key and its chain, from PKCS#12,
//! from files in any order, from a token. openssl and pdfsig judge.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::{Office, succeeded, there};

fn subjects(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_pkcs12_with_several_certificates_signs_with_an_expired_or_foreign_one() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    let made = office.sign(&["notes.txt", "--key", "acme.p12"]).output();
    let said = succeeded(&made.unwrap());
    assert_eq!(said, "");
    let carried = office.verified_subjects("notes.txt.p7s", "notes.txt");
    assert_eq!(carried, subjects(&["acme", "issuing", "root"]));

    let made = office.sign(&["contract.pdf", "--key", "acme.p12"]).output();
    succeeded(&made.unwrap());
    if there(&["pdfsig"]) {
        let judged = office.tool("pdfsig").arg("contract.signed.pdf").output();
        let judged = String::from_utf8(judged.unwrap().stdout).unwrap();
        assert!(judged.contains("Signature is Valid"), "{judged}");
        assert!(judged.contains("Total document signed"), "{judged}");
    }
}

#[test]
fn chain_files_out_of_order_lose_a_link_or_bring_strangers() {
    if !there(&["openssl"]) {
        return;
    }
    let office = Office::new();
    let mut args = vec!["notes.txt", "--key", "acme.key", "--cert", "acme.pem"];
    for file in ["root.pem", "stranger.pem", "issuing.pem"] {
        args.extend(["--chain", file]);
    }
    let said = succeeded(&office.sign(&args).output().unwrap());
    assert!(said.contains("stranger.pem"), "{said}");
    assert!(
        !said.contains("root.pem") && !said.contains("issuing.pem"),
        "{said}"
    );
    let carried = office.verified_subjects("notes.txt.p7s", "notes.txt");
    assert_eq!(carried, subjects(&["acme", "issuing", "root"]));
}

#[test]
fn a_key_in_a_token_does_not_sign_from_the_command_line() {
    if !there(&["openssl", "softhsm2-util", "pkcs11-tool"]) {
        return;
    }
    let Some(module) = [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    ]
    .into_iter()
    .find(|path| Path::new(path).exists()) else {
        return;
    };
    let office = Office::new();
    fs::create_dir(office.path("tokens")).unwrap();
    let configuration = format!(
        "directories.tokendir = {}\n",
        office.path("tokens").display()
    );
    office.write("softhsm2.conf", configuration.as_bytes());
    office.write("pin.txt", b"1234\n");
    let token = "--init-token --free --label Acme --so-pin 5678 --pin 1234";
    office.run("softhsm2-util", &token.split(' ').collect::<Vec<_>>());
    office.openssl(&[
        "pkcs8", "-topk8", "-nocrypt", "-in", "acme.key", "-out", "acme.pk8",
    ]);
    let import = "--import acme.pk8 --token Acme --label seal --id a1 --pin 1234";
    office.run("softhsm2-util", &import.split(' ').collect::<Vec<_>>());
    for (name, label) in [("acme", "seal"), ("issuing", "issuing")] {
        let (pem, der) = (format!("{name}.pem"), format!("{name}.cer"));
        office.openssl(&["x509", "-in", &pem, "-outform", "DER", "-out", &der]);
        let write = format!(
            "--module {module} --login --pin 1234 --write-object {der} --type cert --id a1 --label {label}"
        );
        office.run("pkcs11-tool", &write.split(' ').collect::<Vec<_>>());
    }

    let key = format!("pkcs11:token=Acme;object=seal?module-path={module}");
    let args = [
        "notes.txt",
        "--key",
        &key,
        "--pin-file",
        "pin.txt",
        "--chain",
        "issuing.pem",
    ];
    let mut sign = office.sign(&args);
    sign.env("SOFTHSM2_CONF", office.path("softhsm2.conf"))
        .env_remove("SCEAU_PIN");
    succeeded(&sign.output().unwrap());
    let carried = office.verified_subjects("notes.txt.p7s", "notes.txt");
    assert_eq!(carried, subjects(&["acme", "issuing"]));
}

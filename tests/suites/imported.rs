//! An authority of `openssl ca` goes on here: the responder answers for certificates that it never issued as
//! openssl answered for them, and for nothing else.

use std::path::Path;

use anyhow::{Result, ensure};
use sceau_tests::environment::{Need, available};
use sceau_tests::hierarchy::{Office, Published, ocsp_signer_file};
use sceau_tests::judges::openssl::{self, CertIdDigest, CertificateStatus, openssl};
use sceau_tests::judges::python;
use sceau_tests::service::Service;
use sceau_tests::{Backend, program::Call};

const CONFIG: &str = "\
[ca]
default_ca = d
[d]
database = index.txt
new_certs_dir = newcerts
serial = serial
crlnumber = crlnumber
certificate = cacert.pem
private_key = cakey.pem
default_md = sha256
policy = p
default_days = 365
default_crl_days = 30
crl_extensions = crl
[p]
commonName = supplied
countryName = optional
[crl]
authorityKeyIdentifier = keyid
[v3_ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[req]
distinguished_name = dn
[dn]
";

#[test]
fn an_imported_certificate_keeps_its_status_and_a_stranger_has_none() -> Result<()> {
    if !available(&[Need::Tool("openssl"), Need::Tool("ocsptool"), Need::Python]) {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let dir = folder.path();
    openssl_ca(dir)?;
    let office = Office::open(dir, Backend::KeyFile, Published::Loopback)?;
    office.init("none")?.succeed()?;
    let adopt = ["ca", "adopt", "old", "--cert", "cacert.pem"];
    let adopt = office.ca(&adopt)?.args(["--key", "cakey.pem"]);
    adopt.succeed()?;
    let import = ["import", "openssl", "--ca", "old", "--index", "index.txt"];
    let import = office.ca(&import)?;
    import
        .args(["--certs", "newcerts", "--crl", "old.crl"])
        .succeed()?;
    office.create_ocsp_signer("old")?.succeed()?;
    std::fs::write(
        dir.join("sceau-ocsp.toml"),
        format!(
            "listen = [\"127.0.0.1:{}\"]\nrecord = \"ca/record.sqlite\"\n\n[[responder]]\nca = \"old\"\n\
             certificate = \"{}\"\nkey = \"{}\"\n",
            office.ocsp_port,
            ocsp_signer_file("old"),
            office.backend.key("ocsp-old"),
        ),
    )?;
    let service = Service::start(&office.ocsp_service()?)?;
    let url = format!("{}/ocsp", service.url());
    let ca = dir.join("cacert.pem");
    let response = dir.join("response.der");
    let mut worker = python::shared();
    for (name, expected) in [
        ("c0.pem", CertificateStatus::Good),
        ("c1.pem", CertificateStatus::Revoked),
        ("c2.pem", CertificateStatus::Revoked),
    ] {
        let certificate = dir.join(name);
        for digest in [CertIdDigest::Sha1, CertIdDigest::Sha256] {
            let (status, said) = openssl::ocsp(&url, &ca, &ca, &certificate, digest, &response)?;
            ensure!(status == expected, "{name}: {said}");
            crate::no_findings(&response, &worker.lint_ocsp(&response)?)?;
        }
        let (status, said) = openssl::ocsptool(&url, &ca, &certificate)?;
        ensure!(status == expected, "{name}: {said}");
    }
    let (_, said) = openssl::ocsp(
        &url,
        &ca,
        &ca,
        &dir.join("c1.pem"),
        CertIdDigest::Sha1,
        &response,
    )?;
    ensure!(said.contains("superseded"), "{said}");
    // The other product's serial numbers end with c3, whose certificate nobody has and which was revoked.
    for (serial, good) in [("0x1003", false), ("0x1004", false), ("0x1000", true)] {
        let asked = openssl("ocsp")
            .arg("-issuer")
            .arg(&ca)
            .args(["-serial", serial, "-url", &url, "-nonce", "-CAfile"])
            .arg(&ca)
            .arg("-respout")
            .arg(&response)
            .succeed()?;
        ensure!(asked.text().contains(": good") == good, "{serial}: {asked}");
    }
    service.stop()
}

/// An authority with four certificates: good, superseded, suspended, and one revoked whose file is lost.
fn openssl_ca(dir: &Path) -> Result<()> {
    std::fs::create_dir(dir.join("newcerts"))?;
    for (name, text) in [
        ("index.txt", ""),
        ("serial", "1000\n"),
        ("crlnumber", "10\n"),
        ("openssl.cnf", CONFIG),
    ] {
        std::fs::write(dir.join(name), text)?;
    }
    let run = |words: &str, last: &[&str]| -> Result<()> {
        let call = Call::new("openssl").folder(dir);
        call.args(words.split_whitespace())
            .args(last)
            .succeed()
            .map(drop)
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config openssl.cnf";
    run(
        &format!(
            "req -x509 {key} -keyout cakey.pem -out cacert.pem -days 3650 -extensions v3_ca -subj"
        ),
        &["/C=MC/O=Old Trust/CN=Old CA"],
    )?;
    for n in 0..4 {
        run(
            &format!("req -new {key} -keyout k.pem -out r.csr -subj"),
            &[&format!("/C=MC/CN=No. {n}")],
        )?;
        let issue = format!("ca -batch -config openssl.cnf -in r.csr -out c{n}.pem -notext");
        run(&issue, &[])?;
    }
    for how in [
        "c1.pem -crl_reason superseded",
        "c2.pem -crl_hold holdInstructionNone",
        "c3.pem",
    ] {
        run(&format!("ca -config openssl.cnf -revoke {how}"), &[])?;
    }
    run("ca -config openssl.cnf -gencrl -out old.crl", &[])?;
    std::fs::remove_file(dir.join("newcerts/1003.pem"))?;
    Ok(())
}

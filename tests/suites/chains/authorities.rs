//! The authorities: ours, what our keys would never sign, and another provider's.

use std::path::Path;

use anyhow::{Context, Result};
use sceau_tests::hierarchy::{ISSUING_CAS, Office, PERSON_SUBJECT, POLICY_ARC, ROOT, SEAL_SUBJECT};
use sceau_tests::judges::openssl::openssl;

use super::SEAL_POLICY;

/// The other provider's policies.
const THEIRS: &str = "1.3.6.1.4.1.32473.2.7";
const THEIRS_NOT_MAPPED: &str = "1.3.6.1.4.1.32473.2.8";

/// The authorities, certificates and CRLs of the cases; every file is in the office's folder.
pub(super) fn build(office: &Office) -> Result<()> {
    let ca = |name: &str| {
        let found = ISSUING_CAS.into_iter().find(|ca| ca.name == name);
        office.create_issuing(found.context("no such CA")?)
    };
    let crl = |name: &str, number: u32| {
        office.ca(&[
            "crl",
            "--ca",
            name,
            "--out",
            &format!("{name}-{number}.crl.pem"),
        ])
    };
    for call in [
        office.init("MC")?,
        office.create_root()?,
        ca("companies")?,
        ca("residents")?,
        office.issue("companies", "company-seal", SEAL_SUBJECT, "seal")?,
        office.issue(
            "companies",
            "company-seal",
            &SEAL_SUBJECT.replace("03813", "03814"),
            "revoked",
        )?,
        office.issue(
            "companies",
            "company-seal",
            &SEAL_SUBJECT.replace("03813", "03815"),
            "held",
        )?,
        office.issue("residents", "personal-signature", PERSON_SUBJECT, "person")?,
        crl(ROOT, 0)?,
        crl("companies", 0)?,
        crl("residents", 0)?,
        office.revoke("companies", "revoked.pem", "keyCompromise")?,
        office.ca(&["suspend", "--cert", "held.pem"])?,
        crl("companies", 1)?,
        office.ca(&["resume", "--cert", "held.pem"])?,
        crl("companies", 2)?,
        office.ca(&["ca", "renew", "companies", "--out", "companies-renewed.pem"])?,
        office
            .ca(&["ca", "rollover", "companies", "--new-name", "companies-g2"])?
            .args([
                "--key",
                &office.backend.key("companies-g2"),
                "--out",
                "companies-g2-ca.pem",
            ]),
        office.issue("companies-g2", "company-seal", SEAL_SUBJECT, "seal-g2")?,
        crl("companies-g2", 0)?,
        office.revoke(ROOT, "residents-ca.pem", "cACompromise")?,
        crl(ROOT, 1)?,
    ] {
        call.succeed()?;
    }
    forge(office)?;
    rival(office)
}

const LEAF: &str = "basicConstraints = CA:FALSE\nkeyUsage = critical, nonRepudiation\nauthorityKeyIdentifier = keyid\nsubjectKeyIdentifier = hash\n";
const SUB_CA: &str = "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\nauthorityKeyIdentifier = keyid\nsubjectKeyIdentifier = hash\ncertificatePolicies = 2.5.29.32.0\n";

/// What our CA would refuse, made with its keys.
fn forge(office: &Office) -> Result<()> {
    let at = |name: &str| office.path(name);
    certify(
        office,
        "forged-ca",
        "/C=MC/O=Forged/CN=Forged CA",
        SUB_CA,
        &at("companies-ca.pem"),
        &at("keys/companies.pem"),
    )?;
    certify(
        office,
        "below",
        "/C=MC/CN=Below",
        LEAF,
        &at("forged-ca.pem"),
        &at("forged-ca.key"),
    )?;
    certify(
        office,
        "by-seal",
        "/C=MC/CN=By a seal",
        LEAF,
        &at("seal.pem"),
        &at("keys/seal.pem"),
    )?;
    // The issuer's name, and another key.
    key(office, "impostor")?;
    openssl("x509")
        .folder(&office.dir)
        .args(["-in", "companies-ca.pem", "-signkey", "impostor.key"])
        .args(["-clrext", "-out", "impostor.pem"])
        .succeed()?;
    // Without a key identifier: the name alone leads to the true CA.
    let extensions = LEAF.replace("= keyid", "= none");
    certify(
        office,
        "wrong-signature",
        "/C=MC/CN=Wrong signature",
        &extensions,
        &at("impostor.pem"),
        &at("impostor.key"),
    )
}

/// A CA of another provider, the terms on which our root certifies it, and what it issues.
fn rival(office: &Office) -> Result<()> {
    let at = |name: &str| office.path(name);
    key(office, "rival")?;
    std::fs::write(
        at("rival.cnf"),
        format!(
            "[ca]\n{}",
            SUB_CA.replace("authorityKeyIdentifier = keyid\n", "")
        ),
    )?;
    openssl("req")
        .folder(&office.dir)
        .args([
            "-new",
            "-x509",
            "-days",
            "3000",
            "-key",
            "rival.key",
            "-subj",
            "/C=FR/O=Rival/CN=Rival CA",
        ])
        .args([
            "-config",
            "rival.cnf",
            "-extensions",
            "ca",
            "-out",
            "rival.pem",
        ])
        .succeed()?;
    let ours = format!("{POLICY_ARC}.{SEAL_POLICY}");
    office
        .ca(&[
            "ca",
            "cross",
            "--by",
            ROOT,
            "--certificate",
            "rival.pem",
            "--out",
            "cross.pem",
        ])?
        .args(["--policy", &ours, "--map", &format!("{ours}={THEIRS}")])
        .args(["--require-explicit-policy", "0", "--path-length", "0"])
        .args(["--permitted", "C=FR,O=Rival"])
        .succeed()?;
    let (certificate, key) = (at("rival.pem"), at("rival.key"));
    let leaf = |name: &str, subject: &str, policy: &str| {
        let extensions = format!("{LEAF}certificatePolicies = {policy}\n");
        certify(office, name, subject, &extensions, &certificate, &key)
    };
    leaf("rival-in", "/C=FR/O=Rival/CN=Inside", THEIRS)?;
    leaf("rival-out", "/C=FR/O=Another/CN=Outside", THEIRS)?;
    leaf(
        "rival-unmapped",
        "/C=FR/O=Rival/CN=Unmapped",
        THEIRS_NOT_MAPPED,
    )?;
    certify(
        office,
        "rival-sub",
        "/C=FR/O=Rival/CN=Sub CA",
        SUB_CA,
        &certificate,
        &key,
    )?;
    let extensions = format!("{LEAF}certificatePolicies = {THEIRS}\n");
    certify(
        office,
        "rival-below",
        "/C=FR/O=Rival/CN=Below",
        &extensions,
        &at("rival-sub.pem"),
        &at("rival-sub.key"),
    )
}

fn key(office: &Office, name: &str) -> Result<()> {
    openssl("genpkey")
        .folder(&office.dir)
        .args([
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            &format!("{name}.key"),
        ])
        .succeed()?;
    openssl("pkey")
        .folder(&office.dir)
        .args([
            "-in",
            &format!("{name}.key"),
            "-pubout",
            "-out",
            &format!("{name}.pub"),
        ])
        .succeed()?;
    Ok(())
}

/// `NAME.key` and `NAME.pem`, signed with the issuer's key, whatever anybody thinks of it.
fn certify(
    office: &Office,
    name: &str,
    subject: &str,
    extensions: &str,
    issuer: &Path,
    issuer_key: &Path,
) -> Result<()> {
    key(office, name)?;
    let (request, file) = (format!("{name}.req"), format!("{name}.ext"));
    std::fs::write(office.path(&file), extensions)?;
    openssl("req")
        .folder(&office.dir)
        .args([
            "-new",
            "-key",
            &format!("{name}.key"),
            "-subj",
            subject,
            "-out",
            &request,
        ])
        .succeed()?;
    openssl("x509")
        .folder(&office.dir)
        .envs(&office.environment())
        .args([
            "-req", "-in", &request, "-days", "900", "-sha256", "-extfile", &file,
        ])
        .arg("-CA")
        .arg(issuer)
        .arg("-CAkey")
        .arg(issuer_key)
        .args([
            "-passin",
            "env:SCEAU_PIN",
            "-CAcreateserial",
            "-out",
            &format!("{name}.pem"),
        ])
        .succeed()?;
    Ok(())
}

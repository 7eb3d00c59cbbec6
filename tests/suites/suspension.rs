//! Suspension over the wire: OCSP, and the delta and partition CRLs that certificates name, judged by OpenSSL.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use sceau_tests::environment::{Need, available};
use sceau_tests::hierarchy::{ISSUING_CAS, Office, Published, SEAL_SUBJECT, ocsp_signer_file};
use sceau_tests::judges::openssl::{self, CertIdDigest, CertificateStatus, openssl};
use sceau_tests::service::Service;
use sceau_tests::{Backend, http};
use tempfile::TempDir;

const CA: &str = "companies";

/// How long the responder may need to see a change of the record.
const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn a_suspension_and_its_end_are_told_by_ocsp_and_by_the_crls_that_the_certificate_names()
-> Result<()> {
    if !available(&[Need::Tool("openssl")]) {
        return Ok(());
    }
    let folder = TempDir::with_prefix("sceau-")?;
    let office = Office::open(folder.path(), Backend::KeyFile, Published::Loopback)?;
    let _responder = open(&office)?;
    let seal = office.path("seal.pem");
    let base = named(&office, "crlDistributionPoints")?;
    let delta = named(&office, "freshestCRL")?;
    ensure!(
        delta == base.replace(".crl", ".delta.crl"),
        "{base} {delta}"
    );

    told(&office, CertificateStatus::Good)?;
    let crls = [fetched(&office, &base, 1)?];
    check(&office, &crls)?;

    office.ca(&["suspend", "--cert", "seal.pem"])?.succeed()?;
    let said = told(&office, CertificateStatus::Revoked)?;
    ensure!(said.contains("certificateHold"), "{said}");
    let crls = [fetched(&office, &base, 1)?, fetched(&office, &delta, 2)?];
    match check(&office, &crls) {
        Ok(()) => bail!("{} passes while it is suspended", seal.display()),
        Err(error) => ensure!(error.to_string().contains("certificate revoked"), "{error}"),
    }

    office.ca(&["resume", "--cert", "seal.pem"])?.succeed()?;
    told(&office, CertificateStatus::Good)?;
    let crls = [fetched(&office, &base, 1)?, fetched(&office, &delta, 3)?];
    let text = openssl("crl")
        .args(["-noout", "-text", "-in"])
        .arg(&crls[1])
        .succeed()?
        .text();
    ensure!(text.contains("Remove From CRL"), "{text}");
    check(&office, &crls)
}

/// A root and an issuing CA with two partitions and deltas, a seal, CRLs, and the responder.
fn open(office: &Office) -> Result<Service> {
    office.init("MC")?.succeed()?;
    let configuration = office.path("ca/sceau-ca.toml");
    let mut toml = std::fs::read_to_string(&configuration)?;
    toml += "\n[crl.partitions]\nnumber = 2\n\n[crl.delta]\nhours = 12\nfreshest-crl = \"crls-and-certificates\"\n";
    std::fs::write(&configuration, toml)?;
    let companies = ISSUING_CAS
        .into_iter()
        .find(|ca| ca.name == CA)
        .context("no companies CA")?;
    for call in [
        office.create_root()?,
        office.create_issuing(companies)?,
        office.create_ocsp_signer(CA)?,
        office.issue(CA, "company-seal", SEAL_SUBJECT, "seal")?,
        office.ca(&["crl", "--all", "--due"])?,
    ] {
        call.succeed()?;
    }
    let responder = format!(
        "listen = [\"127.0.0.1:{}\"]\nrecord = \"ca/record.sqlite\"\n\n[[responder]]\nca = \"{CA}\"\ncertificate = \"{}\"\nkey = \"{}\"\n",
        office.ocsp_port,
        ocsp_signer_file(CA),
        office.backend.key(&format!("ocsp-{CA}")),
    );
    std::fs::write(office.path("sceau-ocsp.toml"), responder)?;
    Service::start(&office.ocsp_service()?)
}

/// The URL in an extension of the seal.
fn named(office: &Office, extension: &str) -> Result<String> {
    let text = openssl("x509")
        .args(["-noout", "-ext", extension, "-in"])
        .arg(office.path("seal.pem"))
        .succeed()?
        .text();
    let url = text
        .split_whitespace()
        .find_map(|word| word.strip_prefix("URI:"));
    Ok(url.with_context(|| text.clone())?.to_owned())
}

/// Waits until OCSP says this, asked with POST and a nonce and with GET, which is answered from the cache.
fn told(office: &Office, expected: CertificateStatus) -> Result<String> {
    let url = format!("{}/ocsp", office.base_url());
    let at = |name: &str| office.path(name);
    let (root, issuer, seal) = (
        at("root-ca.pem"),
        at(&format!("{CA}-ca.pem")),
        at("seal.pem"),
    );
    let request = at("request.der");
    openssl("ocsp")
        .args(["-no_nonce", "-issuer"])
        .arg(&issuer)
        .arg("-cert")
        .arg(&seal)
        .arg("-reqout")
        .arg(&request)
        .succeed()?;
    let path = http::ocsp_path(&std::fs::read(&request)?);
    let word = match expected {
        CertificateStatus::Good => ": good",
        CertificateStatus::Revoked => ": revoked",
        CertificateStatus::Unknown => ": unknown",
    };
    let since = Instant::now();
    loop {
        let (status, said) = openssl::ocsp(
            &url,
            &root,
            &issuer,
            &seal,
            CertIdDigest::Sha256,
            &at("response.der"),
        )?;
        let cached = http::get(&format!("{url}/{path}"))?;
        std::fs::write(at("cached.der"), &cached.body)?;
        let cached = openssl("ocsp")
            .args(["-no_nonce", "-respin"])
            .arg(at("cached.der"))
            .arg("-issuer")
            .arg(&issuer)
            .arg("-cert")
            .arg(&seal)
            .arg("-CAfile")
            .arg(&root)
            .arg("-verify_other")
            .arg(&issuer)
            .succeed()?
            .text();
        ensure!(cached.contains("Response verify OK"), "{cached}");
        if status == expected && cached.contains(word) {
            return Ok(said);
        }
        ensure!(since.elapsed() < PATIENCE, "not {word}: {said}{cached}");
    }
}

/// Fetches the CRL at `url` until it has this number, lets OpenSSL verify its signature, and keeps it as PEM.
fn fetched(office: &Office, url: &str, number: u32) -> Result<PathBuf> {
    let name = url.rsplit('/').next().context("no name")?;
    let (der, pem) = (office.path(name), office.path(format!("{name}.pem")));
    let since = Instant::now();
    loop {
        let published = http::get(url)?;
        ensure!(published.status == 200, "{url}: {}", published.status);
        std::fs::write(&der, &published.body)?;
        let outcome = openssl("crl")
            .args(["-inform", "DER", "-crlnumber", "-CAfile"])
            .arg(office.path(format!("{CA}-ca.pem")))
            .arg("-in")
            .arg(&der)
            .arg("-out")
            .arg(&pem)
            .succeed()?
            .text();
        ensure!(outcome.contains("verify OK"), "{outcome}");
        if outcome.contains(&format!("crlNumber=0x{number:02X}\n")) {
            return Ok(pem);
        }
        ensure!(since.elapsed() < PATIENCE, "{url}: {outcome}");
    }
}

/// OpenSSL's opinion of the seal with these CRLs, deltas and partitions understood.
fn check(office: &Office, crls: &[PathBuf]) -> Result<()> {
    let mut extra = vec!["-crl_check", "-extended_crl", "-use_deltas"];
    for crl in crls {
        extra.extend(["-CRLfile", crl.to_str().context("path")?]);
    }
    openssl::verify(
        &office.path("seal.pem"),
        &office.path("root-ca.pem"),
        &[office.path(format!("{CA}-ca.pem"))],
        &extra,
    )
    .map(drop)
}

//! Keys of running services in a token: `sceau-ca services renew` makes new ones, and the servers sign with
//! them without a new configuration, a signal or a restart. openssl judges what they sign, and the old keys
//! are deleted under them with pkcs11-tool.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use sceau_tests::backend::{PIN, TOKEN};
use sceau_tests::environment::{Need, available, softhsm_module};
use sceau_tests::hierarchy::{POLICY_ARC, SEAL_SUBJECT, TSU_SUBJECT};
use sceau_tests::judges::openssl::openssl;
use sceau_tests::{Backend, Call, Hierarchy, http};

use crate::until;

const OCSP: &str = "renewed-ocsp";
const UNIT: &str = "renewed-unit";

#[test]
fn running_services_sign_with_the_new_keys_of_their_token() -> Result<()> {
    if !available(&[Need::Tool("pkcs11-tool")]) {
        return Ok(());
    }
    crate::built(Backend::SoftHsm, |hierarchy| {
        let house = House(hierarchy);
        house.configure()?;
        let office = &hierarchy.office;
        office.ca(&["services", "renew", "--due"])?.succeed()?;
        let services = office.start()?;
        let asked = [services.ocsp.url(), services.tsa.url()];
        let first = [house.key(OCSP)?, house.key(UNIT)?];
        ensure!(house.answered(asked[0])? && house.stamped(asked[1])?);

        for name in [OCSP, UNIT] {
            let renew = ["services", "renew", "--service", name];
            let said = office.ca(&renew)?.succeed()?.text();
            ensure!(said.contains("is no longer its key"), "{said}");
        }
        let second = [house.key(OCSP)?, house.key(UNIT)?];
        ensure!(first.iter().all(|key| !second.contains(key)));
        until("the OCSP signer is the new one", || {
            house.answered(asked[0])
        })?;
        until("the time-stamping unit is the new one", || {
            house.stamped(asked[1])
        })?;

        // Whoever still signed with an old key could not any more.
        for label in &first {
            for kind in ["privkey", "pubkey"] {
                house.delete(kind, label)?;
            }
        }
        ensure!(house.answered(asked[0])? && house.stamped(asked[1])?);
        Ok(())
    })
}

struct House<'a>(&'a Hierarchy);

impl House<'_> {
    fn configure(&self) -> Result<()> {
        let office = &self.0.office;
        office
            .issue("companies", "company-seal", SEAL_SUBJECT, "asked")?
            .succeed()?;
        let settings = office.path("ca/sceau-ca.toml");
        let mut text = std::fs::read_to_string(&settings)?;
        for (name, rest) in [
            (
                OCSP,
                "kind = \"ocsp-signer\"\nca = \"companies\"".to_owned(),
            ),
            (
                UNIT,
                format!(
                    "kind = \"time-stamping-unit\"\nca = \"public-bodies\"\nsubject = \"{TSU_SUBJECT}\""
                ),
            ),
        ] {
            text += &format!(
                "\n[[service]]\nname = \"{name}\"\nfolder = \"{name}\"\ntoken-key = \"pkcs11:token={TOKEN};object={name}\"\n{rest}\n"
            );
        }
        std::fs::write(settings, text)?;
        let ocsp = format!(
            "listen = [\"127.0.0.1:{}\"]\nrecord = \"ca/record.sqlite\"\n[[responder]]\nca = \"companies\"\n\
             certificate = \"ca/{OCSP}/current/certificate.pem\"\nkey = \"ca/{OCSP}/current/key.uri\"\n",
            office.ocsp_port
        );
        let tsa = format!(
            "listen = [\"127.0.0.1:{}\"]\ncertificate = \"ca/{UNIT}/current/certificate.pem\"\n\
             key = \"ca/{UNIT}/current/key.uri\"\npolicy = \"{POLICY_ARC}.9\"\n",
            office.tsa_port
        );
        std::fs::write(office.path("sceau-ocsp.toml"), ocsp)?;
        Ok(std::fs::write(office.path("sceau-tsa.toml"), tsa)?)
    }

    fn current(&self, name: &str, file: &str) -> PathBuf {
        self.0.path(format!("ca/{name}/current/{file}"))
    }

    /// The label of the key that a service should sign with.
    fn key(&self, name: &str) -> Result<String> {
        let line = std::fs::read_to_string(self.current(name, "key.uri"))?;
        let (_, label) = line.split_once(";object=").context("no label")?;
        Ok(label.trim_end().to_owned())
    }

    fn delete(&self, kind: &str, label: &str) -> Result<()> {
        let module = softhsm_module().context("no module")?;
        Call::new("pkcs11-tool")
            .envs(&self.0.office.environment())
            .arg("--module")
            .arg(module)
            .args(["--token-label", TOKEN, "--login", "--pin", PIN])
            .args(["--delete-object", "--type", kind, "--label", label])
            .succeed()
            .map(drop)
    }

    /// Whether the certificate of now is in what openssl prints.
    fn is_in(&self, name: &str, text: &str) -> Result<bool> {
        let certificate = std::fs::read_to_string(self.current(name, "certificate.pem"))?;
        Ok(text.contains(certificate.trim()))
    }

    /// openssl verifies the answer; whether the responder's certificate is the one of now.
    fn answered(&self, url: &str) -> Result<bool> {
        let text = openssl("ocsp")
            .args(["-sha256", "-resp_text", "-issuer"])
            .arg(self.0.ca("companies"))
            .arg("-cert")
            .arg(self.0.path("asked.pem"))
            .args(["-url", &format!("{url}/ocsp"), "-CAfile"])
            .arg(self.0.root())
            .succeed()?
            .text();
        ensure!(
            text.contains("Response verify OK") && text.contains("asked.pem: good"),
            "{text}"
        );
        self.is_in(OCSP, &text)
    }

    /// openssl verifies the time-stamp; whether the unit's certificate is the one of now.
    fn stamped(&self, url: &str) -> Result<bool> {
        let at = |name: &str| self.0.path(name);
        std::fs::write(at("data"), "what is stamped")?;
        openssl("ts")
            .args(["-query", "-sha256", "-cert", "-data"])
            .arg(at("data"))
            .arg("-out")
            .arg(at("query.tsq"))
            .succeed()?;
        let query = std::fs::read(at("query.tsq"))?;
        let response = http::post(url, "application/timestamp-query", &query)?;
        std::fs::write(at("reply.tsr"), &response.body)?;
        let verified = openssl("ts")
            .arg("-verify")
            .arg("-queryfile")
            .arg(at("query.tsq"))
            .arg("-in")
            .arg(at("reply.tsr"))
            .arg("-CAfile")
            .arg(self.0.root())
            .arg("-untrusted")
            .arg(self.0.ca("public-bodies"))
            .succeed()?;
        ensure!(verified.text().contains("Verification: OK"), "{verified}");
        openssl("ts")
            .args(["-reply", "-token_out", "-in"])
            .arg(at("reply.tsr"))
            .arg("-out")
            .arg(at("token.der"))
            .succeed()?;
        let certificates = openssl("pkcs7")
            .args(["-inform", "DER", "-print_certs", "-in"])
            .arg(at("token.der"))
            .succeed()?;
        self.is_in(UNIT, &certificates.text())
    }
}
